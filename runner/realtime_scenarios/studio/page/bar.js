// What the bar says and takes: scenario, state of the connection, agent, connect and disconnect.

import { html, useEffect, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { shown } from './reducing/words.js';

export function ScenarioPicker({ store }) {
  const project = store.project.value;
  const scenario = store.scenario.value;
  if (!project) return html`<span class="bar-name">Studio</span>`;
  if (!scenario) return html`<span class="bar-name">No scenario here</span>`;
  const name = shown(scenario.name || scenario.id);
  return html`<div class="bar-scenario">
    ${project.scenarios.length > 1
      ? html`<label class="unseen" for="scenario">Scenario</label>
        <select id="scenario" class="select quiet bar-name" value=${scenario.id}
          onChange=${(change) => changeScenario(store, change)}>
          ${project.scenarios.map((one) => html`<option key=${one.id} value=${one.id}>${shown(one.name || one.id)}</option>`)}
        </select>`
      : html`<span class="bar-name" title=${name}>${name}</span>`}
    <button class="link bar-file" title="Open in the editor" onClick=${() => store.openPlace([scenario.file, 1, 1])}>${shown(scenario.file)}</button>
  </div>`;
}

function changeScenario(store, change) {
  const wanted = change.target.value;
  const talking = store.state.value.line === 'on';
  if (talking && !confirmLeave()) {
    change.target.value = store.scenarioId.value;
    return;
  }
  if (talking) store.disconnect();
  store.start.value = { ...store.start.value, agent: null, state: null, context: {}, data: {} };
  store.leave();
  store.go(null, { s: wanted, c: null, event: null });
}

/** A choice that would end a conversation is asked about. */
function confirmLeave() {
  return window.confirm('This ends the conversation. Its transcript stays in this tab’s history. Go on?');
}

const WORDS = {
  none: 'Not connected', opening: 'Opening', connecting: 'Connecting', on: 'Connected', ended: 'Ended', lost: 'Connection lost',
};

/** The state of the line as one word: what the server says of it, and whether the server is there to say it. */
export function lineOf(store) {
  const { phase, attempt } = store.link.value;
  if (store.connecting.value) return 'connecting';
  if (store.restarted.value) return 'ended';
  if (!store.conversation.value) return 'none';
  if (phase === 'waiting' || (phase === 'opening' && attempt > 0)) return 'lost';
  const line = store.state.value.line;
  if (line === 'on') return 'on';
  if (line === 'ended') return 'ended';
  return line === 'connecting' || phase === 'opening' ? 'connecting' : 'none';
}

export function LinkChip({ store }) {
  const line = lineOf(store);
  const { retryAt } = store.link.value;
  const [left, setLeft] = useState(null);
  useEffect(() => {
    if (line !== 'lost' || retryAt === null) return setLeft(null);
    const tick = () => setLeft(Math.max(0, Math.ceil((retryAt - performance.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [line, retryAt]);
  const speech = store.state.value.speech;
  const word = line === 'on' && speech.agent ? 'Agent speaks' : line === 'on' && speech.user ? 'Listening' : WORDS[line];
  return html`<span class=${`chip line-${line}`} title=${store.state.value.reason || undefined}>
    <span class="dot" aria-hidden="true"></span>${word}${left !== null ? html`<span class="chip-more">, again in ${left} s</span>` : ''}
    ${line === 'lost' && html`<button class="link" onClick=${() => store.retry()}>now</button>`}
  </span>`;
}

export function AgentPicker({ store }) {
  const agents = store.scenario.value?.agents ?? [];
  if (agents.length < 2) return null;
  const talking = store.state.value.line === 'on';
  const current = (talking ? store.state.value.agent : store.start.value.agent) ?? store.scenario.value.start;
  const choose = (change) => {
    const agent = change.target.value;
    if (talking) store.send('set_agent', { agent }).catch(() => {});
    else store.start.value = { ...store.start.value, agent };
  };
  return html`<div class="bar-agent wide-only"><label class="unseen" for="agent">Agent</label>
    <select id="agent" class="select quiet" value=${current} onChange=${choose}>
      ${agents.map((agent) => html`<option key=${agent.id} value=${agent.id}>${shown(agent.name || agent.id)}</option>`)}
    </select></div>`;
}

export function ConnectButton({ store }) {
  const line = lineOf(store);
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    if (line === 'on') await store.disconnect();
    else await store.connect();
    setBusy(false);
  };
  const label = line === 'on' ? 'Disconnect' : busy || line === 'connecting' ? 'Connecting' : 'Connect';
  const off = !store.scenario.value?.can_talk || store.role.value === 'observer';
  return html`<button class=${`button connect ${line === 'on' ? '' : 'primary'}`} disabled=${off || busy || line === 'connecting'} onClick=${act}>
    <${Icon} name=${line === 'on' ? 'stop' : 'plug'} /><span>${label}</span></button>`;
}
