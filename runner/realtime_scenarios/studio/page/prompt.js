// What the model reads: now, from the wire; as the file makes it; and what the last handoff changed in it.

import { html, useEffect, useMemo, useRef, useState } from './vendor/core.js';
import { CopyButton } from './copying.js';
import { Icon } from './icons.js';
import { brief, clock, counted, shown } from './reducing/words.js';
import { query, useAnswer, useTold } from './seeing/asking.js';
import { counts, difference, folded } from './seeing/difference.js';
import { prompts, way } from './seeing/history.js';
import { Choice, Failed, Field, Stale, ToLine } from './seeing/parts.js';
import { Slider } from './seeing/slider.js';

const A_TOKEN = 4; // characters, as a rule of thumb for English

export function View({ store }) {
  const scenario = store.scenario.value;
  const state = store.state.value;
  const until = store.until.value;
  const { now, before } = prompts(state, until);
  const [picked, pick] = useState({ tab: null, agent: null, state: null });
  const [search, setSearch] = useState('');
  const [wrap, setWrap] = useState(true);
  if (!scenario) return html`<div class="empty"><h2>Prompt</h2><p>There is no scenario.</p></div>`;
  const { agent: active } = way(state, until, store.start.value.agent ?? scenario.start);
  const tab = picked.tab ?? (now ? 'now' : 'file');
  const of = { store, scenario, now, before, search, wrap, active, picked, pick };
  return html`<div class="view">
    <div class="toolbar">
      <${Choice} name="prompt-tab" label="Which prompt" value=${tab} onChange=${(next) => pick({ ...picked, tab: next })}
        options=${[['now', 'Now'], ['file', 'From the file'], ['handoff', 'Last handoff'], ['since', 'Since git']]} />
      <span class="toolbar-space"></span>
      <label class="unseen" for="prompt-search">Find in the prompt</label>
      <input id="prompt-search" class="field search" type="search" data-filter placeholder="Find" value=${search} onInput=${(input) => setSearch(input.target.value)} />
      <button class="button small" aria-pressed=${wrap ? 'true' : 'false'} onClick=${() => setWrap(!wrap)}>Wrap</button>
    </div>
    <${{ now: Now, file: FromFile, handoff: Handoff, since: Since }[tab]} ...${of} />
    <${Slider} store=${store} />
  </div>`;
}

function Now({ store, scenario, now, search, wrap }) {
  const led = useTold(store, 'prompt/lines', now && { scenario: scenario.id, agent: now.agent, text: now.instructions });
  if (!now) {
    return html`<div class="empty"><h2>Nothing was read yet</h2><p>Connect, and this is exactly what was sent to the model, as it was sent.</p></div>`;
  }
  const lines = led ? led.lines : now.instructions.split('\n').map((text) => ({ text, place: null }));
  const tools = now.tools.map((tool) => ({ ...tool, place: led?.functions[tool.name] ?? null }));
  return html`<div class="facts-line"><b>${shown(store.agentName(now.agent))}</b>
      <button class="to-line" onClick=${() => store.select(now.seq, 'log')}>sent in event ${now.seq}, ${clock(now.at)}</button>
      <${Counts} text=${now.instructions} tools=${tools} /></div>
    <${Paper} store=${store} scenario=${scenario} lines=${lines.map((line, at) => ({ ...line, number: at + 1 }))} search=${search} wrap=${wrap} />
    <${Tools} store=${store} tools=${tools} />`;
}

/** What the file makes of an agent and state that are picked: {read, problem, stale, pickers, fields}. */
function useFile({ store, scenario, active, picked, pick }) {
  const agent = picked.agent ?? active;
  const conversation = store.conversation.value;
  const own = picked.agent === null || picked.agent === active;
  const machine = useAnswer(store, `states?${query({ scenario: scenario.id, agent })}`).answer;
  const known = machine?.states.some((one) => one.id === picked.state) ? picked.state : null;
  const here = known ?? (own ? store.state.value.agentStates.get(agent) : null) ?? null;
  const fields = { scenario: scenario.id, agent, state: machine?.mode ? here : null, conversation };
  const { answer: read, problem, stale } = useAnswer(store, `prompt?${query(fields)}`, store.state.value.changes.length);
  const choose = (fields) => pick({ ...picked, ...fields });
  const pickers = html`<label class="unseen" for="prompt-agent">Agent</label>
    <select id="prompt-agent" class="select" value=${agent} onChange=${(change) => choose({ agent: change.target.value, state: null })}>
      ${scenario.agents.map((one) => html`<option key=${one.id} value=${one.id}>${shown(one.name || one.id)}</option>`)}</select>
    ${machine?.mode && html`<label class="unseen" for="prompt-state">State</label>
      <select id="prompt-state" class="select" value=${here ?? machine.entry} onChange=${(change) => choose({ state: change.target.value })}>
        ${machine.states.map((one) => html`<option key=${one.id} value=${one.id}>${shown(one.id)}</option>`)}</select>`}`;
  return { read, problem, stale, pickers, fields };
}

function FromFile(of) {
  const { store, scenario, search, wrap } = of;
  const { read, problem, stale, pickers } = useFile(of);
  const line = (told) => html`${stale && html`<${Stale} store=${store} problem=${problem} />`}<div class="facts-line">${pickers}${told}</div>`;
  if (problem && !read) return html`${line()}<${Failed} store=${store} problem=${problem} title="The prompt cannot be made" />`;
  if (!read) return html`${line()}<div class="scroll" aria-busy="true"></div>`;
  return html`${line(html`<${Counts} text=${read.instructions} tools=${read.tools} />`)}
    <${Paper} store=${store} scenario=${scenario} lines=${read.lines.map((line, at) => ({ ...line, number: at + 1 }))} search=${search} wrap=${wrap} />
    <${Tools} store=${store} tools=${read.tools} mcp=${read.mcp} settings=${read.settings} />`;
}

function Handoff({ store, scenario, now, before, search, wrap }) {
  const lines = useMemo(() => (now && before ? difference(before.instructions, now.instructions) : []), [now, before]);
  if (!now || !before) {
    return html`<div class="empty"><h2>No handoff yet</h2><p>When one agent hands over to another, this shows what that changed in what the model reads.</p></div>`;
  }
  const { added, removed } = counts(lines);
  const [had, has] = [new Map(before.tools.map((tool) => [tool.name, tool])), new Map(now.tools.map((tool) => [tool.name, tool]))];
  const came = [...has.keys()].filter((name) => !had.has(name));
  const went = [...had.keys()].filter((name) => !has.has(name));
  return html`<div class="facts-line"><b>${shown(store.agentName(before.agent))} → ${shown(store.agentName(now.agent))}</b>
      <span>${counted(added, 'line')} added, ${counted(removed, 'line')} taken out</span>
      ${came.map((name) => html`<span key=${name} class="tag ok">+ ${shown(name)}</span>`)}
      ${went.map((name) => html`<span key=${name} class="tag bad">- ${shown(name)}</span>`)}
      <button class="to-line" onClick=${() => store.select(now.seq, 'log')}>event ${now.seq}</button></div>
    <${Differing} store=${store} scenario=${scenario} lines=${lines} search=${search} wrap=${wrap} />`;
}

/** What the model reads by the file as it is, against what it read by the file as it was in a revision. */
function Since(of) {
  const { store, scenario, search, wrap } = of;
  const [revision, setRevision] = useState('HEAD');
  const { read, problem, pickers, fields } = useFile(of);
  const { answer: then, problem: unknown } = useAnswer(store, `prompt/then?${query({ ...fields, revision })}`, store.state.value.changes.length);
  const lines = useMemo(() => (read && then ? ledBack(difference(wholeText(then), wholeText(read)), read.lines) : []), [read, then]);
  const line = (told) => html`<div class="facts-line">${pickers}<label class="unseen" for="prompt-revision">Compared with the revision</label>
    <${Field} id="prompt-revision" value=${revision} spellcheck=${false} title="A branch, a tag or a commit"
      left=${(text) => setRevision(text.trim() || 'HEAD')} />${told}</div>`;
  const failed = problem && !read ? problem : unknown ?? then?.problem;
  if (failed) return html`${line()}<${Failed} store=${store} problem=${failed} title="Nothing to compare with" />`;
  if (!read || !then) return html`${line()}<div class="scroll" aria-busy="true"></div>`;
  const { added, removed } = counts(lines);
  return html`${line(html`<b>${shown(then.about)}</b>
      ${!then.there ? html`<span class="tag warn">it was not there yet</span>` : added + removed === 0
        ? html`<span class="tag ok">the model reads the same</span>` : html`<span>${counted(added, 'line')} added, ${counted(removed, 'line')} taken out</span>`}`)}
    <${Differing} store=${store} scenario=${scenario} lines=${lines} search=${search} wrap=${wrap} />`;
}

/** All that a model reads as one text: the instructions, then each function. */
const wholeText = ({ instructions, tools }) => [instructions, ...tools.map((tool) =>
  `\nfunction ${tool.name}\n${tool.description ?? ''}\n${JSON.stringify(tool.parameters ?? {}, null, 2)}`)].join('\n');

/** The lines with the places in the YAML of those that are there now. */
const ledBack = (lines, now) => lines.map((line) => ({ ...line, place: now[line.after - 1]?.place ?? null }));

/** Lines of two texts, with those that are the same folded. */
function Differing({ store, scenario, lines, search, wrap }) {
  const [opened, open] = useState(new Set());
  const signs = { added: '+', removed: '-', same: '' };
  const rows = search ? lines : folded(lines);
  const listed = rows.flatMap((line, at) => {
    if (!line.fold) return [line];
    const key = `${at}.${line.fold.length}`;
    return opened.has(key) ? line.fold : [{ ...line, key }];
  });
  return html`<${Paper} store=${store} scenario=${scenario} search=${search} wrap=${wrap} onOpen=${(key) => open(new Set([...opened, key]))}
    lines=${listed.map((line) => (line.fold ? line : { ...line, number: line.after ?? line.before, sign: signs[line.how] }))} />`;
}

/** How much it is that the model reads. */
function Counts({ text, tools }) {
  const tokens = Math.ceil((text.length + JSON.stringify(tools.map(({ place, ...tool }) => tool)).length) / A_TOKEN);
  return html`<span title="A rule of thumb: four characters a token">about ${tokens.toLocaleString('en')} tokens</span>
    <span>${counted(tools.length, 'function')}</span>
    <span class="toolbar-space"></span><${CopyButton} label="Copy the prompt" text=${() => text} />`;
}

/** The lines of a prompt with their numbers: each leads to where its author wrote it. */
function Paper({ store, scenario, lines, search, wrap, onOpen }) {
  const place = useRef(null);
  const wanted = search.toLowerCase();
  const findings = scenario.findings ?? [];
  const first = wanted ? lines.findIndex((line) => !line.fold && line.text.toLowerCase().includes(wanted)) : -1;
  useEffect(() => {
    if (first >= 0) place.current?.querySelector('.found')?.scrollIntoView({ block: 'center' });
  }, [first, wanted]);
  return html`<div class=${`scroll paper ${wrap ? '' : 'nowrap'}`} ref=${place} tabindex="0" role="region" aria-label="What the model reads">
    ${lines.map((line, at) => (line.fold
      ? html`<button class="p-fold" key=${line.key} onClick=${() => onOpen(line.key)}>${line.fold.length} lines that are the same</button>`
      : html`<${Line} key=${at} store=${store} line=${line} wanted=${wanted} findings=${findings} />`))}
  </div>`;
}

function Line({ store, line, wanted, findings }) {
  const at = line.place;
  const said = at ? findings.filter((finding) => finding.line === at[1] && sameFile(finding.file, at[0])) : [];
  const found = wanted && line.text.toLowerCase().includes(wanted);
  return html`<div class=${`p-line ${line.how ?? ''} ${found ? 'found' : ''}`}>
    ${at ? html`<button class="p-number" title=${`${at[0]}:${at[1]}`} aria-label=${`Line ${line.number}: to line ${at[1]} of ${at[0]}`} onClick=${() => store.openPlace(at)}>${line.number}</button>`
    : html`<span class="p-number">${line.number}</span>`}
    <span class="p-sign" aria-hidden=${line.sign ? undefined : 'true'}>${line.sign ?? ''}</span>
    <span class="p-text">${found ? marked(line.text, wanted) : line.text}</span>
    ${said.map((finding) => html`<span class="p-finding" key=${finding.code}><${Icon} name="warn" size=${12} /><b>${finding.code}</b>${finding.message}</span>`)}</div>`;
}

function marked(text, wanted) {
  const parts = [];
  let at = 0;
  for (let found = text.toLowerCase().indexOf(wanted); found >= 0; found = text.toLowerCase().indexOf(wanted, at)) {
    parts.push(text.slice(at, found), html`<mark key=${found}>${text.slice(found, found + wanted.length)}</mark>`);
    at = found + wanted.length;
  }
  return [...parts, text.slice(at)];
}

const sameFile = (one, other) => one === other || one.endsWith('/' + other) || other.endsWith('/' + one);

function Tools({ store, tools, mcp = [], settings = {} }) {
  const [open, setOpen] = useState(false);
  if (!tools.length && !mcp.length) return null;
  return html`<details class="fns" open=${open} onToggle=${(toggle) => setOpen(toggle.target.open)}>
    <summary class="fns-head"><span class="opens"></span><span class="fns-name">Functions (${tools.length})</span><span class="hint">${tools.map((tool) => tool.name).join(', ')}</span></summary>
    ${open && html`<div class="fns-list">${tools.map((tool) => html`<details class="fn" key=${tool.name}>
      <summary><span class="opens"></span><b class="code">${shown(tool.name)}</b><span class="plain">${brief(tool.description ?? '', 90)}</span></summary>
      <${ToLine} store=${store} place=${tool.place} what=${tool.name} /><p class="fn-text">${tool.description}</p><pre class="fn-text code">${JSON.stringify(tool.parameters ?? {}, null, 2)}</pre></details>`)}
      ${mcp.map((server) => html`<p class="plain" key=${server}>and what the server <b>${shown(server)}</b> offers when it is connected</p>`)}
      ${Object.keys(settings).length > 0 && html`<h2 class="fns-more">Settings of the session</h2><table class="table"><tbody>${Object.entries(settings).map(([name, value]) => html`
        <tr key=${name}><th scope="row">${name}</th><td>${brief(value, 400)}</td></tr>`)}</tbody></table>`}</div>`}
  </details>`;
}
