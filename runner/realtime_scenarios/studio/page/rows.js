// What happened between what was said: calls, handoffs, states, context, refusals, errors. Only the first line opens.

import { html, useState } from './vendor/core.js';
import { CopyButton } from './copying.js';
import { Icon } from './icons.js';
import { Tree } from './tree.js';
import { brief, clock, counted, duration, shown } from './reducing/words.js';

const OUTCOMES = {
  answered: ['ok', 'answered'], rejected: ['bad', 'rejected'], refused: ['bad', 'refused'], invalid: ['bad', 'invalid'],
  failed: ['bad', 'failed'], timed_out: ['warn', 'timed out'], unknown: ['bad', 'no such tool'],
  lost: ['warn', 'never answered'], waited: ['warn', 'was waiting'], open: ['warn', 'was running'],
};
const DECISIONS = { pending: 'waits for you', waited: 'waited for a person when this file was made', closed: 'nobody decided', approved: 'approved', rejected: 'rejected', timed_out: 'timed out' };

export function Row({ store, row }) {
  if (row.kind === 'call') return html`<${Call} store=${store} id=${row.call} seq=${row.seq} />`;
  const Shown = KINDS[row.kind] ?? Note;
  return html`<${Shown} store=${store} row=${row} />`;
}

function Line({ store, row, icon, kind = '', children, more = null }) {
  const head = html`<${Icon} name=${icon} /><span class="row-text">${children}</span><time class="row-time">${clock(row.at)}</time>`;
  if (!more) {
    return html`<div class=${`row ${kind}`} data-seq=${row.seq}><button class="row-head" title="Show the event" onClick=${() => store.select(row.seq)}>${head}</button></div>`;
  }
  return html`<details class=${`row ${kind}`} data-seq=${row.seq}><summary class="row-head opens">${head}</summary>
    <div class="row-body">${more}<${Links} store=${store} seq=${row.seq} place=${row.place} /></div></details>`;
}

function Links({ store, seq, place }) {
  return html`<p class="row-links"><button class="link" onClick=${() => store.select(seq)}>To the event</button>
    ${place && html`<button class="link" onClick=${() => store.openPlace(place)}>${shown(place[0])}:${place[1]}</button>`}</p>`;
}

export function Call({ store, id, seq, inner = false }) {
  const call = store.call(id).value;
  const [open, setOpen] = useState(false);
  if (!call) return null;
  const [kind, words] = OUTCOMES[call.outcome] ?? ['', call.decision === 'pending' ? 'waits for you' : 'running'];
  const took = call.ended === null ? '' : duration(call.ended - call.began);
  return html`<details class=${`row tool ${inner ? 'inner' : ''} ${kind === 'bad' ? 'bad' : ''}`} data-seq=${seq ?? call.seq} data-call=${id} open=${open}
    onToggle=${(toggle) => toggle.target === toggle.currentTarget && setOpen(toggle.target.open)}>
    <summary class="row-head opens"><${Icon} name="tool" />
      <span class="row-text"><b>${shown(call.tool)}</b> <span class="row-brief">${brief(call.arguments ?? {}, 90)}</span></span>
      <span class=${`tag ${kind}`}>${words}</span>
      <time class="row-time">${took || clock(call.began)}</time></summary>
    ${open && html`<${CallBody} store=${store} call=${call} />`}
    ${call.children.length > 0 && html`<div class="row-children">${call.children.map((child) => html`<${Call} key=${child} store=${store} id=${child} inner />`)}</div>`}
  </details>`;
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : text;
  } catch {
    return text;
  }
}

function CallBody({ store, call }) {
  const given = call.given && Object.keys(call.given).length ? call.given : null;
  return html`<div class="row-body">
    <${Part} title="Arguments" value=${call.arguments} />
    ${call.decision && html`<p class="part-line">${DECISIONS[call.decision] ?? shown(call.decision)}${call.remembered ? ', as before' : ''}</p>`}
    ${given && html`<${Part} title="Given" value=${given} />`}
    ${call.asks.map((ask, index) => html`<div class="ask" key=${index}><p class="part-head">${shown(ask.name)} was asked</p>
      <pre tabindex="0">${ask.question}</pre>${ask.answer !== null && html`<p class="part-head">and said</p><pre tabindex="0">${ask.answer}</pre>`}</div>`)}
    ${call.ended !== null && html`<${Part} title="Result" value=${parsed(call.output)} />`}
    <${Links} store=${store} seq=${call.seq} place=${call.place} />
  </div>`;
}

function Part({ title, value }) {
  return html`<div class="part"><p class="part-head">${title}<${CopyButton} label=${`Copy: ${title.toLowerCase()}`}
    text=${() => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))} /></p>
    ${typeof value === 'string' ? html`<pre tabindex="0">${value === '' ? '(empty)' : value}</pre>` : html`<${Tree} value=${value ?? {}} />`}</div>`;
}

function Handoff({ store, row }) {
  const reason = row.arguments && (row.arguments.reason ?? row.arguments.rationale ?? row.arguments.rationale_for_transfer);
  const more = row.arguments && Object.keys(row.arguments).length ? html`<${Part} title="Handed over" value=${row.arguments} />` : null;
  return html`<${Line} store=${store} row=${row} icon="handoff" kind="handoff" more=${more}>
    ${shown(store.agentName(row.from))} <span class="arrow" aria-label="to">→</span> <b>${shown(store.agentName(row.to))}</b>${reason ? ` because ${brief(reason)}` : ''}<//>`;
}

function State({ store, row }) {
  return html`<${Line} store=${store} row=${row} icon="state" kind="state">State ${row.from && html`${shown(row.from)} <span class="arrow" aria-label="to">→</span> `}<b>${shown(row.to)}</b><//>`;
}

function Context({ store, row }) {
  const long = brief(row.value, 400).length > 60;
  return html`<${Line} store=${store} row=${row} icon="context" kind="context" more=${long ? html`<${Part} title="Value" value=${row.value} />` : null}>
    ${shown(row.name)}: <span class="was">${brief(row.previous, 60)}</span> <span class="arrow" aria-label="to">→</span> <b>${brief(row.value, 60)}</b><//>`;
}

function Data({ store, row }) {
  const count = Array.isArray(row.changed) ? row.changed.length : row.changed && typeof row.changed === 'object' ? Object.keys(row.changed).length : Number(row.changed) || 0;
  return html`<${Line} store=${store} row=${row} icon="context" kind="context" more=${row.changed && typeof row.changed === 'object' ? html`<${Part} title="Rows" value=${row.changed} />` : null}>
    Table <b>${shown(row.table)}</b>: ${counted(count, 'row')} changed<//>`;
}

function Refused({ store, row }) {
  return html`<${Line} store=${store} row=${row} icon="gate" kind="bad" more=${html`<p class="part-line">${row.text}</p>${row.arguments && html`<${Part} title="Arguments" value=${row.arguments} />`}`}>
    <b>${row.title}</b> <span class="row-brief">${brief(row.text, 90)}</span><//>`;
}

function Guardrail({ store, row }) {
  return html`<${Line} store=${store} row=${row} icon="shield" kind="bad" more=${html`<p class="part-line">${row.reason}</p><${Part} title="Text" value=${row.text ?? ''} />`}>
    Guardrail <b>${shown(row.guardrail)}</b> stopped an answer <span class="row-brief">${brief(row.reason ?? '', 90)}</span><//>`;
}

function Problem({ store, row }) {
  return html`<${Line} store=${store} row=${row} icon="fail" kind="bad" more=${html`<p class="part-line">${row.text}</p>${row.hint && html`<p class="part-line">${row.hint}</p>`}`}>
    <b>${row.title}</b>${row.code ? ` (${shown(row.code)})` : ''} <span class="row-brief">${brief(row.text, 120)}</span><//>`;
}

function Note({ store, row }) {
  return html`<${Line} store=${store} row=${row} icon="info" kind="note">${row.title}${row.text ? html`: <span class="row-brief">${brief(row.text, 160)}</span>` : ''}<//>`;
}

const KINDS = {
  handoff: Handoff, state: State, context: Context, data: Data, refused: Refused, guardrail: Guardrail, error: Problem, note: Note,
};
