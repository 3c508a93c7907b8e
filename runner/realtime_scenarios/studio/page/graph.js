// Agents, tools and handoffs, and the place of the conversation among them: as a drawing, and the same as a list.

import { html, useState } from './vendor/core.js';
import { shown } from './reducing/words.js';
import { query, useAnswer } from './seeing/asking.js';
import { Coverage, CoverageLegend, CoverageSwitch, Met, overlaid, useRuns } from './seeing/coverage.js';
import { Drawing } from './seeing/drawing.js';
import { called, way } from './seeing/history.js';
import { Choice, Failed, Marks, Stale, Times, ToLine, Why } from './seeing/parts.js';
import { Slider } from './seeing/slider.js';

const LIST_ONLY = 200; // boxes above which a drawing says nothing any more
const narrow = () => window.matchMedia('(max-width: 719.98px)').matches;

export function View({ store }) {
  const scenario = store.scenario.value;
  const runs = useRuns(store);
  const { answer: drawing, problem, stale } = useAnswer(store, scenario && `graph?${query({ scenario: scenario.id })}`, runs);
  const [form, setForm] = useState(() => (narrow() ? 'list' : 'graph'));
  const [chosen, choose] = useState(null);
  if (!scenario) return html`<div class="empty"><h2>Graph</h2><p>There is no scenario to draw.</p></div>`;
  if (problem && !drawing) return html`<${Failed} store=${store} problem=${problem} title="The graph cannot be drawn" />`;
  if (!drawing) return html`<div class="view" aria-busy="true"></div>`;
  const state = store.state.value;
  const until = store.until.value;
  const start = drawing.nodes.find((node) => node.start)?.id ?? null;
  const known = new Set(drawing.nodes.map((node) => node.id));
  const { agent, taken, last } = way(state, until, store.start.value.agent ?? start, store.since.value);
  const counts = called(state, until, store.since.value);
  const count = (node, tool) => counts.get(`${node} ${tool}`) ?? 0;
  const visited = new Set([...taken.keys()].flatMap((edge) => edge.split('>')));
  const many = drawing.nodes.length > LIST_ONLY;
  const shownAs = many ? 'list' : form;
  const overlay = overlaid.value;
  const select = (id) => choose(id === chosen ? null : id);
  const of = { store, drawing, active: known.has(agent) ? agent : start, taken, count, overlay, runs, conversation: store.conversation.value };
  return html`<div class="view">
    <div class="toolbar">
      <${Choice} name="graph-form" label="Shown as" value=${shownAs} onChange=${setForm}
        options=${many ? [['list', 'List']] : [['graph', 'Graph'], ['list', 'List']]} />
      <${CoverageSwitch} />
      <span class="toolbar-space"></span>${overlay ? html`<${CoverageLegend} />` : html`<${Legend} drawing=${drawing} />`}
    </div>
    ${stale && html`<${Stale} store=${store} problem=${problem} />`}
    ${shownAs === 'list' ? html`<${List} ...${of} />` : html`<div class="split">
      <${Drawing} drawing=${drawing} keep=${`graph ${scenario.id}`} name=${`Agents of ${shown(drawing.title)}`} active=${of.active} taken=${taken}
        last=${last} visited=${visited} count=${count} chosen=${chosen} onChoose=${select} stale=${stale} overlay=${overlay}
        onOpen=${(place) => store.openPlace(place)} />
      ${overlay && chosen === null ? html`<aside class="side" aria-label="Coverage"><${Coverage} store=${store} runs=${runs} /></aside>`
      : html`<${Side} ...${of} chosen=${chosen} onChoose=${choose} />`}
    </div>`}
    <${Slider} store=${store} />
  </div>`;
}

function Legend({ drawing }) {
  const marks = new Set(drawing.nodes.flatMap((node) => node.lines.flatMap((line) => line.marks)));
  const gated = drawing.edges.some((edge) => edge.gate);
  return html`<div class="legend">
    <span><svg width="28" height="8" aria-hidden="true"><path class="edge-line" d="M0 4H28" /></svg>handoff</span>
    ${gated && html`<span class="edge gated"><svg width="28" height="8" aria-hidden="true"><path class="edge-line" d="M0 4H28" /></svg>only while its condition holds</span>`}
    <span class="edge taken"><svg width="28" height="8" aria-hidden="true"><path class="edge-line" d="M0 4H28" /></svg>taken</span>
    ${marks.has('approval') && html`<span><b class="tag warn">approval</b>a person says yes</span>`}
    ${marks.has('gate') && html`<span><b class="tag tool">gate</b>needs a condition</span>`}
  </div>`;
}

function useWays({ store, agent, conversation }) {
  const scenario = store.scenario.value;
  const state = store.state.value.agentStates.get(agent);
  const path = agent && `why?${query({ scenario: scenario.id, agent, state, conversation })}`;
  return useAnswer(store, path, store.state.value.changes.length).answer;
}

/** What is known of the node or edge that is chosen; without one, of the agent that speaks. */
function Side({ store, drawing, active, taken, count, chosen, onChoose, conversation, overlay }) {
  const edge = drawing.edges.find((one) => one.id === chosen);
  const node = drawing.nodes.find((one) => one.id === (edge ? edge.from : chosen ?? active));
  const ways = useWays({ store, agent: node?.id, conversation });
  if (!node) return html`<aside class="side" aria-label="Details"></aside>`;
  if (edge) {
    const to = drawing.nodes.find((one) => one.id === edge.to);
    return html`<aside class="side" aria-label="Details">
      <div class="side-head"><h2>${shown(node.label)} → ${shown(to.label)}</h2><${Times} count=${taken.get(edge.id)} noun="taken" />
        <${Met} on=${overlay} covered=${edge.covered} /><${ToLine} store=${store} place=${edge.place} what="this handoff" /></div>
      <p class="plain">${shown(edge.label) || 'No description: the model reads the one of the agent.'}</p>
      ${edge.gate && html`<section><h3>Only while</h3><p class="code">${edge.gate}</p>
        <${Why} store=${store} way=${ways?.handoffs.find((one) => one.id === edge.to)} /></section>`}
      <section><button class="button small" onClick=${() => onChoose(node.id)}>${shown(node.label)}</button></section>
    </aside>`;
  }
  return html`<aside class="side" aria-label="Details"><${Agent} ...${{ store, drawing, node, active, taken, count, ways, overlay }} /></aside>`;
}

function Agent({ store, drawing, node, active, taken, count, ways, overlay }) {
  const leaving = drawing.edges.filter((edge) => edge.from === node.id);
  const name = (id) => shown(drawing.nodes.find((one) => one.id === id).label);
  return html`<div class="side-head"><h2>${shown(node.label)}</h2>
      ${node.id === active && html`<span class="tag accent">here</span>`}${node.start && html`<span class="tag">start</span>`}
      <${Met} on=${overlay} covered=${node.covered} /><${ToLine} store=${store} place=${node.place} what=${name(node.id)} /></div>
    <section><h3>Tools</h3>${node.lines.length ? html`<ul class="rows">${node.lines.map((line) => html`<li key=${line.text}>
      <span class="grow code">${shown(line.text)}</span><${Marks} marks=${line.marks} />
      <${Met} on=${overlay} covered=${line.covered} /><${Times} count=${count(node.id, line.tool)} noun="called" /><${ToLine} store=${store} place=${line.place} what=${line.text} />
      ${line.marks.includes('gate') && html`<${Why} store=${store} way=${ways?.tools.find((one) => one.id === line.tool)} />`}</li>`)}</ul>`
    : html`<p class="plain">None.</p>`}</section>
    <section><h3>Hands off to</h3>${leaving.length ? html`<ul class="rows">${leaving.map((edge) => html`<li key=${edge.id}>
      <span class="grow">${name(edge.to)}</span><${Met} on=${overlay} covered=${edge.covered} />${edge.gate && html`<${Marks} marks=${['gate']} />`}
      <${Times} count=${taken.get(edge.id)} noun="taken" /><${ToLine} store=${store} place=${edge.place} what=${`to ${name(edge.to)}`} />
      ${edge.gate && html`<${Why} store=${store} way=${ways?.handoffs.find((one) => one.id === edge.to)} />`}</li>`)}</ul>`
    : html`<p class="plain">Nobody.</p>`}</section>`;
}

function List(of) {
  const { drawing, active, store, overlay, runs } = of;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Agents as a list"><div class="cards">
    ${overlay && html`<article class="card" aria-label="Coverage"><${Coverage} store=${store} runs=${runs} /></article>`}
    ${drawing.nodes.map((node) => html`<article key=${node.id} class=${`card ${node.id === active ? 'now' : ''}`} aria-label=${shown(node.label)}>
      <${ListedAgent} ...${of} node=${node} /></article>`)}
  </div></div>`;
}

function ListedAgent(of) {
  const [asked, ask] = useState(false);
  const ways = useWays({ store: of.store, agent: asked ? of.node.id : null, conversation: of.conversation });
  const gated = of.node.lines.some((line) => line.marks.includes('gate')) || of.drawing.edges.some((edge) => edge.from === of.node.id && edge.gate);
  return html`<${Agent} ...${of} ways=${ways} />
    ${gated && !asked && html`<button class="button small" onClick=${() => ask(true)}>Why not?<span class="unseen"> for ${shown(of.node.label)}</span></button>`}`;
}
