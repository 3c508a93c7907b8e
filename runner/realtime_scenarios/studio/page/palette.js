// Ctrl+K: one box that leads to every view, agent, command, turn and line. A combobox over a listbox.

import { html, useMemo, useRef, useState } from './vendor/core.js';
import { lineOf } from './bar.js';
import { Icon } from './icons.js';
import { hide, show } from './overlays.js';
import { PLACES } from './places.js';
import { brief, shown } from './reducing/words.js';
import { choose, settings } from './settings.js';

const LONGEST = 60; // rows

/** Everything that one can go to or do now: {icon, title, more, keys, act}. */
function commands(store) {
  const line = lineOf(store);
  const list = [];
  const add = (icon, title, more, act, keys = '') => list.push({ icon, title, more, act, keys });
  for (const place of PLACES) add(place.icon, place.title, 'view', () => store.go(place.name), `g ${place.key}`);
  if (line === 'on') {
    add('stop', 'Disconnect', 'conversation', () => store.disconnect());
    add('cut', 'Interrupt', 'conversation', () => store.send('interrupt').catch(() => {}), 'Ctrl+.');
  } else if (store.scenario.value?.can_talk) add('plug', 'Connect', 'conversation', () => store.connect());
  if (store.scenario.value?.can_talk) add('talk', 'New conversation', 'conversation', () => store.renew());
  if (store.state.value.approvals.length) {
    add('hand', 'Go to what waits for you', 'approval', () => {
      store.go('conversation');
      setTimeout(() => document.querySelector('[data-approval]')?.focus(), 100);
    }, 'Alt+A');
  }
  for (const scenario of store.project.value?.scenarios ?? []) {
    if (scenario.id !== store.scenarioId.value) {
      add('file', shown(scenario.name || scenario.id), 'scenario', () => {
        store.leave();
        store.go('conversation', { s: scenario.id, c: null, event: null });
      });
    }
  }
  for (const agent of store.scenario.value?.agents ?? []) {
    add('user', shown(agent.name || agent.id), 'agent', () => store.go('graph', { node: agent.id }));
  }
  for (const finding of store.scenario.value?.findings ?? []) {
    add('warn', `${finding.code} ${finding.message}`, `${finding.file}:${finding.line}`,
      () => store.openPlace([finding.file, finding.line, finding.column]));
  }
  const theme = settings.theme.value;
  for (const name of ['auto', 'light', 'dark']) {
    if (name !== theme) add('sliders', `Theme: ${name}`, 'setting', () => choose('theme', name));
  }
  add('sliders', 'Settings', 'setting', () => show('settings'));
  add('help', 'Keys and help', 'help', () => show('help'), '?');
  const { order, items, calls, rows } = store.state.value;
  for (let index = order.length - 1; index >= 0 && list.length < 2000; index -= 1) {
    const key = order[index];
    const item = key.startsWith('i:') ? items.get(key.slice(2)) : null;
    if (item && item.text) {
      add(item.role === 'user' ? 'user' : 'talk', brief(shown(item.text), 90), 'said', () => store.select(item.seq, 'conversation'));
    } else if (key.startsWith('c:')) {
      const call = calls.get(rows.get(key).call);
      if (call) add('tool', `${shown(call.tool)} ${brief(call.arguments, 60)}`, 'call', () => store.select(call.seq, 'conversation'));
    }
  }
  return list;
}

/** Those in which every word of the query is found; a beginning counts more. */
function matching(list, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return list.slice(0, LONGEST);
  const scored = [];
  for (const command of list) {
    const text = `${command.title} ${command.more}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    scored.push([words.reduce((sum, word) => sum + (text.startsWith(word) ? 0 : text.includes(' ' + word) ? 1 : 2), 0), command]);
  }
  return scored.sort((one, other) => one[0] - other[0]).slice(0, LONGEST).map(([, command]) => command);
}

export function Palette({ store }) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useMemo(() => commands(store), []);
  const found = matching(list, query);
  const ref = useRef(null);
  const act = (command) => {
    hide();
    command.act();
  };
  const move = (to) => {
    const next = (to + found.length) % Math.max(1, found.length);
    setAt(next);
    ref.current?.children[next]?.scrollIntoView({ block: 'nearest' });
  };
  const keys = (press) => {
    if (press.isComposing) return;
    if (press.key === 'ArrowDown') move(at + 1);
    else if (press.key === 'ArrowUp') move(at - 1);
    else if (press.key === 'Enter' && found[at]) act(found[at]);
    else return;
    press.preventDefault();
  };
  return html`<div class="palette-box"><${Icon} name="search" />
      <input class="palette-input" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list"
        aria-label="Go to a view, an agent, a line or a command" placeholder="Go to a view, an agent, a line or a command"
        aria-activedescendant=${found.length ? `palette-${at}` : undefined} autocomplete="off" spellcheck=${false}
        value=${query} onKeyDown=${keys} onInput=${(input) => {
          setQuery(input.target.value);
          setAt(0);
        }} /></div>
    <ul id="palette-list" class="palette-list" role="listbox" aria-label="What was found" ref=${ref}>
      ${found.map((command, index) => html`<li key=${index} id=${`palette-${index}`} role="option" aria-selected=${index === at}
        class="palette-row" onPointerMove=${() => index !== at && setAt(index)} onClick=${() => act(command)}>
        <${Icon} name=${command.icon} /><span class="palette-title">${command.title}</span>
        <span class="palette-more">${command.more}</span>${command.keys && html`<kbd>${command.keys}</kbd>`}</li>`)}
    </ul>
    ${!found.length && html`<p class="palette-none">Nothing here is called so.</p>`}`;
}
