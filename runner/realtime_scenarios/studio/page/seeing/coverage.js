// What the dialogues that were played met of a scenario: a switch for the drawings, a table, and what none met.

import { html, signal, useEffect, useState } from '../vendor/core.js';
import { counted, shown } from '../reducing/words.js';
import { query, useAnswer } from './asking.js';
import { Failed, ToLine } from './parts.js';

/** Whether drawings show what dialogues met, in place of where the conversation went. */
export const overlaid = signal(false);

const KINDS = {
  agent: 'Agents', handoff: 'Handoffs', state: 'States', transition: 'Transitions', tool: 'Tools', answer: 'Answers of tools',
  approval: 'Decisions of people', gate: 'Gates, both ways', guardrail: 'Guardrails, both ways', promise: 'Promises',
};

/** A number that changes whenever a run of dialogues is over. */
export function useRuns(store) {
  const [over, setOver] = useState(0);
  useEffect(() => store.onProject((event) => event.type === 'run' && event.data?.what === 'run-over' && setOver((count) => count + 1)), []);
  return over;
}

export function CoverageSwitch() {
  return html`<label class="switch"><input type="checkbox" checked=${overlaid.value}
    onChange=${(change) => (overlaid.value = change.target.checked)} /><span>Coverage</span></label>`;
}

export function CoverageLegend() {
  const line = (how) => html`<span class=${`edge ${how}`}><svg width="28" height="8" aria-hidden="true"><path class="edge-line" d="M0 4H28" /></svg></span>`;
  return html`<div class="legend"><span>${line('met')}a dialogue met it</span><span>${line('unmet')}none met it</span></div>`;
}

/** Whether dialogues met a thing, in a word; nothing where nobody asks or knows. */
export function Met({ on, covered }) {
  if (!on || covered === null || covered === undefined) return null;
  return html`<span class=${`tag ${covered ? 'ok' : 'bad'}`}>${covered ? 'met' : 'not met'}</span>`;
}

/** {kind: [items that none met]}, in the order of kinds. Pure. */
export function unmetByKind(items) {
  const found = new Map();
  for (const item of items) {
    if (item.covered) continue;
    if (!found.has(item.kind)) found.set(item.kind, []);
    found.get(item.kind).push(item);
  }
  return found;
}

/** Of which dialogues it tells, in a sentence. Pure. */
export function basis({ counted: played, left_out: left, dialogues }) {
  const never = dialogues - played - left;
  const missing = [
    left ? `${counted(left, 'dialogue')} ${left === 1 ? 'was' : 'were'} played by files that have changed since` : '',
    never ? `${counted(never, 'dialogue')} ${never === 1 ? 'was' : 'were'} not played` : '',
  ].filter(Boolean).join(', and ');
  return `By the last run of ${counted(played, 'dialogue')}${missing ? `; not counted: ${missing}` : ''}.`;
}

/** `runs`: asked again where it changes. */
export function Coverage({ store, runs }) {
  const scenario = store.scenario.value;
  const { answer: told, problem } = useAnswer(store, `coverage?${query({ scenario: scenario.id })}`, runs);
  if (problem && !told) return html`<${Failed} store=${store} problem=${problem} title="The coverage cannot be told" />`;
  if (!told) return html`<div class="coverage" aria-busy="true"></div>`;
  const toDialogues = html`<button class="button small" onClick=${() => store.go('dialogues')}>To the dialogues</button>`;
  if (!told.counted) {
    return html`<div class="coverage"><div class="side-head"><h2>Coverage</h2></div>
      <p class="plain">${told.dialogues ? basis(told) : 'There are no dialogues yet.'} Run some, then this shows what they met.</p><p>${toDialogues}</p></div>`;
  }
  const unmet = unmetByKind(told.items);
  return html`<div class="coverage">
    <div class="side-head"><h2>Coverage</h2><span class=${`tag ${unmet.size ? 'warn' : 'ok'}`}>${told.percent} %</span></div>
    <p class="plain">${basis(told)}</p>
    <table class="as-table"><thead><tr><th scope="col">Of all</th><th scope="col">Met</th></tr></thead>
      <tbody>${told.kinds.map((kind) => html`<tr key=${kind.kind}><td>${KINDS[kind.kind] ?? kind.kind}</td>
        <td class="numbers">${kind.covered} of ${kind.total}</td></tr>`)}</tbody></table>
    ${[...unmet].map(([kind, items]) => html`<section key=${kind} aria-label=${`${KINDS[kind] ?? kind} that no dialogue met`}>
      <h3>${KINDS[kind] ?? kind} that no dialogue met</h3><ul class="rows">${items.map((item, index) => html`<li key=${index}>
        <span class="grow">${shown(item.name)}</span><${ToLine} store=${store} place=${item.place} what=${item.name} /></li>`)}</ul></section>`)}
    ${!unmet.size && html`<p class="plain">Everything was met.</p>`}
    <p>${toDialogues}</p>
  </div>`;
}
