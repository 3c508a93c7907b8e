// The states of one agent: where it is, what it has found out, which ways are open, what was refused and why.

import { html, useState } from './vendor/core.js';
import { brief, clock, shown } from './reducing/words.js';
import { query, useAnswer } from './seeing/asking.js';
import { Coverage, CoverageSwitch, Met, overlaid, useRuns } from './seeing/coverage.js';
import { Drawing } from './seeing/drawing.js';
import { moves, values, way } from './seeing/history.js';
import { Choice, Failed, Stale, Times, ToLine, Why } from './seeing/parts.js';
import { Slider } from './seeing/slider.js';

const MODES = {
  prompt: 'The model reads all states and keeps to them by itself',
  tracked: 'The runner keeps to the states and refuses what is not allowed',
  focused: 'The runner keeps to the states, and the model reads the present one alone',
};
const narrow = () => window.matchMedia('(max-width: 719.98px)').matches;

export function View({ store }) {
  const scenario = store.scenario.value;
  const until = store.until.value;
  const start = store.start.value.agent ?? scenario?.start;
  const { agent: active } = way(store.state.value, until, start);
  const [picked, pick] = useState(null);
  const [form, setForm] = useState(() => (narrow() ? 'list' : 'graph'));
  const [chosen, choose] = useState(null);
  const agent = picked ?? active;
  const path = scenario && `states?${query({ scenario: scenario.id, agent })}`;
  const runs = useRuns(store);
  const overlay = overlaid.value;
  const { answer: told, problem, stale } = useAnswer(store, path, runs);
  if (!scenario) return html`<div class="empty"><h2>States</h2><p>There is no scenario.</p></div>`;
  const bar = scenario.agents.length > 0 && html`<div class="toolbar">
    <label class="unseen" for="states-agent">Agent</label>
    <select id="states-agent" class="select" value=${picked ?? ''} onChange=${(change) => {
      pick(change.target.value || null);
      choose(null);
    }}>
      <option value="">${picked ? 'Whoever speaks' : `${shown(store.agentName(agent))} (speaks now)`}</option>
      ${scenario.agents.map((one) => html`<option key=${one.id} value=${one.id}>${shown(one.name || one.id)}${one.states?.length ? '' : ', no states'}</option>`)}
    </select>
    ${told?.mode && html`<${Choice} name="states-form" label="Shown as" value=${form} onChange=${setForm} options=${[['graph', 'Graph'], ['list', 'List']]} />
      <${CoverageSwitch} /><span class="tag accent">${told.mode}</span><span class="hint wide-only">${MODES[told.mode]}</span>`}
  </div>`;
  if (!told) {
    return html`<div class="view">${bar}
      ${problem ? html`<${Failed} store=${store} problem=${problem} title="The states cannot be shown" />` : html`<div class="scroll" aria-busy="true"></div>`}</div>`;
  }
  const having = told.agents.filter((one) => one.has_states);
  return html`<div class="view">${bar}
    ${stale && html`<${Stale} store=${store} problem=${problem} />`}
    ${told.mode ? html`<${Machine} ...${{ store, told, form, chosen, choose, until, speaks: agent === active, stale, overlay, runs }} />`
    : html`<${None} store=${store} told=${told} having=${having} pick=${pick} />`}
    <${Slider} store=${store} />
  </div>`;
}

function None({ store, told, having, pick }) {
  return html`<div class="empty"><h2>${shown(told.name)} has no states</h2>
    <p>${'What is written under '}<code>states:</code>${' of an agent leads a talk step by step: each step says what to find out, and where it may go on to.'}</p>
    ${having.length > 0 && html`<p>These have some: ${having.map((one) => html`<button key=${one.id} class="link" onClick=${() => pick(one.id)}>${shown(one.name)}</button> `)}</p>`}
    <button class="button" onClick=${() => store.openPlace(told.place)}>To its lines</button></div>`;
}

function Machine({ store, told, form, chosen, choose, until, speaks, stale, overlay, runs }) {
  const scenario = store.scenario.value;
  const went = moves(store.state.value, until, told.agent, told.entry, store.since.value);
  const visited = new Set([...went.taken.keys()].flatMap((edge) => edge.split('>')));
  const conversation = store.conversation.value;
  const asked = told.states.some((state) => state.id === chosen) ? chosen : went.here;
  const ways = useAnswer(
    store, `why?${query({ scenario: scenario.id, agent: told.agent, state: asked, conversation })}`, store.state.value.changes.length,
  ).answer;
  const known = values(store.state.value, until, scenario.context, store.start.value.context);
  const of = { store, told, went, known, overlay, here: speaks || went.taken.size ? went.here : null };
  const terminal = new Set(told.states.filter((state) => state.terminal).map((state) => state.id));
  if (form === 'list') {
    return html`<div class="scroll" tabindex="0" role="region" aria-label="States as a list"><div class="cards">
      ${overlay && html`<article class="card" aria-label="Coverage"><${Coverage} store=${store} runs=${runs} /></article>`}
      ${told.states.map((state) => html`<article key=${state.id} class=${`card ${state.id === of.here ? 'now' : ''}`} aria-label=${shown(state.id)}>
        <${State} ...${of} state=${state} ways=${state.id === asked ? ways : null} ask=${() => choose(state.id)} /></article>`)}
    </div></div>`;
  }
  const drawing = { ...told.graph, nodes: told.graph.nodes.map((node) => ({ ...node, terminal: terminal.has(node.id) })) };
  const state = told.states.find((one) => one.id === asked);
  return html`<div class="split">
    <${Drawing} drawing=${drawing} keep=${`states ${scenario.id} ${told.agent}`} name=${`States of ${shown(told.name)}`} active=${of.here}
      taken=${went.taken} last=${went.last} visited=${visited} count=${() => 0} chosen=${chosen} stale=${stale} overlay=${overlay}
      onChoose=${(id) => choose(id === chosen ? null : id)} onOpen=${(place) => store.openPlace(place)} />
    ${overlay && chosen === null ? html`<aside class="side" aria-label="Coverage"><${Coverage} store=${store} runs=${runs} /></aside>`
    : html`<aside class="side" aria-label="Details"><${State} ...${of} state=${state} ways=${ways} /></aside>`}
  </div>`;
}

function State({ store, told, state, went, known, here, ways, ask, overlay }) {
  const refused = went.refused.get(state.id) ?? [];
  return html`<div class="side-head"><h2>${shown(state.id)}</h2>
      ${state.id === here && html`<span class="tag accent">here</span>`}${state.id === told.entry && html`<span class="tag">entry</span>`}
      ${state.terminal && html`<span class="tag">may end here</span>`}
      <${Met} on=${overlay} covered=${state.covered} /><${ToLine} store=${store} place=${state.place} what=${state.id} /></div>
    <p class="plain">${state.description}</p>
    ${state.collect.length > 0 && html`<section><h3>Finds out</h3><ul class="rows">${state.collect.map((field) => html`
      <${Field} key=${field.variable} store=${store} field=${field} value=${known.get(field.variable)} />`)}</ul></section>`}
    <section><h3>Leads to</h3>${state.transitions.length ? html`<ul class="rows">${state.transitions.map((one) => html`
      <li key=${one.id}><b class="grow code">${shown(one.to ?? `agent ${one.handoff}`)}</b><span class="plain">${one.condition}</span>
        <${Times} count=${one.to ? went.taken.get(`${state.id}>${one.to}`) : 0} noun="taken" />
        <${Met} on=${overlay} covered=${one.covered} /><${ToLine} store=${store} place=${one.place} what=${`to ${one.to ?? one.handoff}`} />
        ${one.requires.length > 0 && html`<span class="code">if ${one.requires.join(' and ')}</span>`}
        <${Why} store=${store} way=${ways?.transitions.find((way) => way.id === one.id)} />
        ${one.set.length > 0 && html`<span class="plain">sets ${one.set.join(', ')}</span>`}
        ${one.clear.length > 0 && html`<span class="plain">clears ${one.clear.join(', ')}</span>`}</li>`)}</ul>
        ${!ways && ask && state.transitions.length > 0 && html`<button class="button small" onClick=${ask}>Why not?<span class="unseen"> from ${shown(state.id)}</span></button>`}`
    : html`<p class="plain">Nowhere.</p>`}</section>
    ${refused.length > 0 && html`<section><h3>Refused here</h3><ul class="rows">${refused.map((move) => html`<li key=${move.seq}>
      <span class="tag bad">to ${shown(move.state)}</span><span class="grow">${move.reason}</span>
      <button class="to-line" onClick=${() => store.select(move.seq, 'log')}>event ${move.seq}, ${clock(move.at)}</button></li>`)}</ul></section>`}`;
}

function Field({ store, field, value }) {
  const known = !(value === null || value === undefined || (typeof value === 'string' && !value.trim()));
  return html`<li><span class=${`tag ${known ? 'ok' : ''}`}>${known ? 'known' : field.required ? 'open' : 'if given'}</span>
    <span class="grow code">${shown(field.variable)}${known && html` = ${field.secret ? '[secret]' : brief(value, 60)}`}</span>
    <${ToLine} store=${store} place=${field.place} what=${field.variable} /></li>`;
}
