// Around the transcript: what can be done with it, and how it begins.

import { html, useEffect, useState } from './vendor/core.js';
import { lineOf } from './bar.js';
import { copy } from './copying.js';
import { Icon } from './icons.js';
import { asJson, asMarkdown, asPlain } from './transcripts.js';
import { counted, shown } from './reducing/words.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';
import { choose } from './settings.js';

export function Actions({ store }) {
  const id = store.conversation.value;
  const { items, calls } = store.state.value;
  const execution = store.settings.execution.value;
  const said = [...items.values()].filter((item) => item.placed && item.text).length;
  const path = (name) => `/studio/api/conversations/${encodeURIComponent(id)}/${name}`;
  return html`<div class="toolbar conversation-bar">
    <div class="segments" role="group" aria-label="What is shown">
      ${[[false, 'Chat'], [true, 'Execution']].map(([value, words]) => html`<label key=${words} class=${`segment ${execution === value ? 'chosen' : ''}`}>
        <input type="radio" name="execution" checked=${execution === value} onChange=${() => choose('execution', value)} />${words}</label>`)}
    </div>
    <span class="hint numbers wide-only">${said > 0 && `${counted(said, 'message')}${calls.size ? `, ${counted(calls.size, 'call')}` : ''}`}</span>
    <span class="toolbar-space"></span>
    ${id && said > 0 && html`
      <${Menu} icon="copy" title="Copy" entries=${[
        ['As Markdown', () => copy(asMarkdown(store))], ['As text', () => copy(asPlain(store))], ['As JSON', () => copy(asJson(store))],
      ]} />
      <${Menu} icon="download" title="Download" entries=${[
        ['Transcript (.md)', path('transcript.md')], ['Events (.jsonl)', path('events.jsonl')], ['Sound (.wav)', path('recording.wav')], ['One page to share (.html)', path('share.html')],
      ]} />
      <button class="button small" aria-label="Make this a dialogue" onClick=${() => store.go('dialogues', { make: id })}><${Icon} name="test" /><span class="wide-only">Make this a dialogue</span></button>`}
    ${id && html`<button class="button small" aria-label="New conversation" disabled=${isNeverWhole(store)} onClick=${() => store.renew()}><${Icon} name="plus" /><span class="wide-only">New conversation</span></button>`}
  </div>`;
}

/** A button that opens a list; each entry is a deed, or the address of a download. */
function Menu({ icon, title, entries }) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const close = (down) => down.target.closest('.menu-anchor') || setOpen(false);
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [open]);
  const keys = (press) => {
    if (press.key === 'Escape' && open) {
      press.preventDefault();
      setOpen(false);
      press.currentTarget.querySelector('button').focus();
    }
  };
  return html`<div class="menu-anchor" onKeyDown=${keys}>
    <button class="icon-button" aria-label=${title} title=${title} aria-expanded=${open} onClick=${() => setOpen(!open)}><${Icon} name=${icon} /></button>
    ${open && html`<ul class="menu-drop">${entries.map(([words, does]) => html`<li key=${words}>
      ${typeof does === 'string'
        ? html`<a class="menu-row" href=${does} download onClick=${() => setOpen(false)}>${words}</a>`
        : html`<button class="menu-row" onClick=${() => {
          setOpen(false);
          does();
        }}>${words}</button>`}</li>`)}</ul>`}
  </div>`;
}

/** Before the first word: what one could say, and with what it begins. */
export function Beginning({ store }) {
  const scenario = store.scenario.value;
  const line = lineOf(store);
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (line !== 'connecting') return setLate(false);
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, [line]);
  if (!store.project.value) return null;
  if (!scenario) {
    return html`<div class="beginning"><h2>There is no scenario in this folder</h2>
      <p>A scenario is a YAML file with agents and tools. Begin one with <code>scenario init</code>, then open this page again.</p></div>`;
  }
  if (isNeverWhole(store)) return html`<${NeverWhole} store=${store} title="Nobody can be talked to" />`;
  if (line === 'connecting') return late && html`<div class="skeleton" aria-hidden="true"><span></span><span></span><span></span></div>`;
  if (line === 'on') return html`<div class="beginning"><p class="hint">Connected. Say something.</p></div>`;
  const problem = line === 'ended' && store.state.value.hint;
  return html`<div class="beginning">
    <h2>Talk to ${shown(scenario.name || scenario.id)}</h2>
    ${problem && html`<p class="beginning-problem"><b>${store.state.value.reason}</b> ${problem}</p>`}
    ${scenario.examples?.length > 0 && html`<p>Callers begin with, for instance:</p>
      <ul class="examples">${scenario.examples.slice(0, 3).map((example) => html`<li key=${example}>
        <button class="example" onClick=${() => sayFirst(store, example)}><span dir="auto">${example}</span><${Icon} name="send" /></button></li>`)}</ul>`}
    <${Start} store=${store} scenario=${scenario} />
  </div>`;
}

async function sayFirst(store, text) {
  if (lineOf(store) === 'on' || (await store.connect())) await store.sayText(text);
}

/** With what it begins: provider, agent, state, the moment, and the context. */
function Start({ store, scenario }) {
  const start = store.start.value;
  const [open, setOpen] = useState(Boolean(start.state || start.now));
  const set = (fields) => (store.start.value = { ...store.start.value, ...fields });
  const providers = store.project.value.providers ?? [];
  const chosen = providers.find((one) => one.name === start.provider);
  const agent = scenario.agents.find((one) => one.id === (start.agent ?? scenario.start));
  const variables = Object.entries(scenario.context ?? {});
  return html`<div class="start">
    <div class="start-field"><label class="label" for="provider">Who answers</label>
      <select id="provider" class="select" value=${start.provider ?? ''} onChange=${(change) => set({ provider: change.target.value || null })}>
        <option value="">As the scenario says</option>
        ${providers.map((one) => html`<option key=${one.name} value=${one.name}>${one.name}${one.ready ? '' : `, needs ${one.needs}`}</option>`)}
      </select></div>
    <div class="start-field"><label class="label" for="first-agent">Begin with</label>
      <select id="first-agent" class="select" value=${start.agent ?? ''} onChange=${(change) => set({ agent: change.target.value || null, state: null })}>
        <option value="">${shown(scenario.agents.find((one) => one.id === scenario.start)?.name ?? 'The first agent')}</option>
        ${scenario.agents.filter((one) => one.id !== scenario.start).map((one) => html`<option key=${one.id} value=${one.id}>${shown(one.name || one.id)}</option>`)}
      </select></div>
    ${chosen && !chosen.ready && html`<p class="start-wide hint">It needs ${chosen.needs}: give it when you start the server, or <button class="link" onClick=${() => set({ provider: 'offline' })}>talk offline</button>.</p>`}
    <details class="start-wide" open=${open} onToggle=${(toggle) => setOpen(toggle.target.open)}><summary class="opens">Begin otherwise</summary><div class="start start-inner">
      ${agent?.states?.length > 0 && html`<div class="start-field"><label class="label" for="first-state">State</label>
        <select id="first-state" class="select" value=${start.state ?? ''} onChange=${(change) => set({ state: change.target.value || null })}>
          <option value="">The first one</option>${agent.states.map((state) => html`<option key=${state} value=${state}>${shown(state)}</option>`)}</select></div>`}
      <div class="start-field"><label class="label" for="now">The moment</label>
        <input id="now" class="field" type="text" placeholder="now, or 2026-12-01 09:00" value=${start.now ?? ''} onInput=${(input) => set({ now: input.target.value || null })} /></div>
      ${(variables.length > 0 || scenario.has_tables) && html`<div class="start-field"><span class="label">Values and tables</span>
        <button class="button" onClick=${() => store.go('context')}>Set them in the context</button></div>`}
    </div></details>
  </div>`;
}
