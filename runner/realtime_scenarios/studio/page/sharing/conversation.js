// A conversation that is over, as the page shows one: what was said, and between it what was done.

import { html, useEffect, useMemo, useRef, useState } from '../vendor/core.js';
import { Icon } from './icons.js';
import { Message } from '../message.js';
import { clock, counted, shown } from '../reducing/words.js';
import { Row } from '../rows.js';
import { Tree } from '../tree.js';
import { isGoingOn, recorded } from './recorded.js';

const FEW = 400;
const said = (item) => item.role === 'user' || item.role === 'assistant' || (item.role === 'system' && item.text);

/** `over`: it was played to its end; otherwise it may go on since the file was made. */
export function Conversation({ events, names, over, sound = null, at = null }) {
  const [selected, select] = useState(null);
  const [limit, setLimit] = useState(FEW);
  const box = useRef(null);
  const store = useMemo(() => recorded(events, names, select, over), [events]);
  const keys = useMemo(() => {
    const { order, items } = store.state.value;
    return order.filter((key) => !key.startsWith('i:') || said(items.get(key.slice(2))));
  }, [store]);
  const { rows, calls } = store.state.value;
  const waiting = [...calls.values()].filter((call) => call.outcome === 'waited').map((call) => shown(call.tool));
  const event = events.find((one) => one.seq === selected);
  const marked = at === null ? null : events.find((one) => one.data.trace_seq === at);
  useEffect(() => {
    if (!marked) return;
    let best = null;
    for (const row of box.current.querySelectorAll('[data-seq]')) if (Number(row.dataset.seq) <= marked.seq) best = row;
    if (best) best.classList.add('in-question');
  }, [marked]);
  return html`<div class=${`shared-talk ${event ? 'with-event' : ''}`}>
    <div class="transcript-inner" ref=${box} role="log" aria-live="off" aria-label="What was said">
      ${sound && html`<audio class="shared-sound" controls preload="metadata" src=${sound} aria-label="Both sides, the caller left"></audio>`}
      ${keys.slice(0, limit).map((key) => (key.startsWith('i:')
        ? html`<${Message} key=${key} store=${store} id=${key.slice(2)} />`
        : html`<${Row} key=${key} store=${store} row=${rows.get(key)} />`))}
      ${keys.length > limit && html`<button class="button small" onClick=${() => setLimit(limit + FEW)}>Show ${counted(Math.min(FEW, keys.length - limit), 'more row')}</button>`}
      ${isGoingOn(store.state.value) && keys.length <= limit && html`<p class="hint went-on">This file was made while the conversation went on${waiting.length > 0 && html`: <b>${waiting.join(', ')}</b> was waiting for a person`}. What came behind this is not in it.</p>`}
      ${!keys.length && html`<p class="hint">Nothing was said.</p>`}
    </div>
    ${event && html`<aside class="shared-event" aria-label="Event">
      <header class="pane-head"><h2>${shown(event.type)}</h2><button class="icon-button" aria-label="Close" onClick=${() => select(null)}><${Icon} name="close" /></button></header>
      <dl class="facts"><div><dt>Number</dt><dd>${event.seq}</dd></div><div><dt>Time</dt><dd>${clock(event.at, true)}</dd></div>
        <div><dt>Turn</dt><dd>${event.turn}</dd></div>${event.agent && html`<div><dt>Agent</dt><dd>${shown(names[event.agent] ?? event.agent)}</dd></div>`}
        ${event.place && html`<div><dt>Line</dt><dd>${shown(event.place[0])}:${event.place[1]}</dd></div>`}</dl>
      <div class="inspector-body"><${Tree} value=${event.data} /></div></aside>`}
  </div>`;
}
