// The selected event, whole: where it came from, what it belongs to, its payload, and the line of the YAML behind it.

import { html, useEffect, useRef, useState } from './vendor/core.js';
import { CopyButton } from './copying.js';
import { Icon } from './icons.js';
import { Tree } from './tree.js';
import { clock, shown, size } from './reducing/words.js';
import { choose, settings } from './settings.js';

const NARROWEST = 280;
const WIDEST = 640;

const NOT_FOUND = 404;
const NOTHING = { seq: null, whole: null, problem: null };

/**
 * {whole, problem, waits, again}: the event as the server has it, where the page has only a part of it, or nothing any
 * more. `problem` is why it could not be asked for, null where the server says that it has it no more.
 */
function useWhole(store, seq, event) {
  const [told, setTold] = useState(NOTHING);
  const [tries, setTries] = useState(0);
  const id = store.conversation.value;
  const isGone = !event && seq !== null && seq <= store.state.value.seq;
  const asks = Boolean(id) && (event ? Boolean(event.cut || event.data?.cut) : isGone);
  useEffect(() => {
    setTold(NOTHING);
    if (!asks) return undefined;
    let wanted = true;
    store.api('GET', `conversations/${encodeURIComponent(id)}/events/${seq}`).then(
      (whole) => wanted && setTold({ seq, whole, problem: null }),
      (problem) => wanted && setTold({ seq, whole: null, problem: problem.status === NOT_FOUND ? null : problem }),
    );
    return () => {
      wanted = false;
    };
  }, [event, id, seq, asks, tries]);
  const { whole, problem } = told.seq === seq ? told : NOTHING;
  return { whole, problem, waits: asks && told.seq !== seq, again: () => setTries((value) => value + 1) };
}

export function Inspector({ store }) {
  const seq = store.selected.value;
  store.events.version.value; // an event may be selected before it came
  const own = seq === null ? null : store.events.get(seq);
  const { whole: answer, problem, waits, again } = useWhole(store, seq, own);
  const event = own ?? answer;
  const whole = answer?.data ?? null;
  const width = settings.inspectorWidth.value;
  if (seq === null) return null;
  return html`<aside class="inspector" data-pane tabindex="-1" aria-label="Selected event" style=${{ '--inspector': `${width}px` }}>
    <${Separator} width=${width} />
    <header class="pane-head"><h2>${event ? shown(event.type) : `Event ${seq}`}</h2>
      ${event && html`<${CopyButton} label="Copy as JSON" text=${() => JSON.stringify({ ...event, data: whole ?? event.data }, null, 2)} />`}
      <button class="icon-button" aria-label="Close" onClick=${() => store.select(null)}><${Icon} name="close" /></button>
    </header>
    ${event && html`<${Facts} store=${store} event=${event} />`}
    ${problem && html`<div class="inspector-none" role="status"><p><b>${event ? 'All of this event' : 'This event'} could not be asked for:</b> ${problem.message}. ${problem.hint}</p>
      <button class="button small" onClick=${again}>Try again</button></div>`}
    ${event ? html`<div class="inspector-body"><${Tree} value=${whole ?? event.data} /></div>`
    : waits ? html`<p class="inspector-none">This event is being asked for.</p>`
    : !problem && html`<p class="inspector-none">This event is not kept any more.</p>`}
  </aside>`;
}

function Separator({ width }) {
  const start = useRef(null);
  const set = (value) => choose('inspectorWidth', Math.round(Math.min(WIDEST, Math.max(NARROWEST, value))));
  return html`<div class="separator" role="separator" tabindex="0" aria-orientation="vertical" aria-label="Width of the inspector"
    aria-valuenow=${width} aria-valuemin=${NARROWEST} aria-valuemax=${WIDEST}
    onPointerDown=${(down) => {
      down.currentTarget.setPointerCapture(down.pointerId);
      start.current = { x: down.clientX, width };
    }}
    onPointerMove=${(move) => start.current && set(start.current.width + start.current.x - move.clientX)}
    onPointerUp=${() => (start.current = null)} onLostPointerCapture=${() => (start.current = null)}
    onKeyDown=${(press) => {
      const step = { ArrowLeft: 16, ArrowRight: -16, Home: WIDEST, End: -WIDEST }[press.key];
      if (!step) return;
      press.preventDefault();
      set(width + step);
    }}></div>`;
}

const LAYERS = { wire: 'Protocol', trace: 'Meaning', studio: 'Studio' };
const DIRECTIONS = { in: 'from the service', out: 'to the service', self: 'here' };

function Facts({ store, event }) {
  const to = (seq, words) => html`<button class="link" onClick=${() => store.select(seq)}>${words}</button>`;
  const facts = [
    ['Number', event.seq],
    ['Time', clock(event.at, true)],
    ['Layer', `${LAYERS[event.layer] ?? event.layer}, ${DIRECTIONS[event.dir] ?? event.dir ?? 'here'}`],
    event.agent && ['Agent', shown(store.agentName(event.agent))],
    ['Turn', event.turn],
    event.item && ['Item', event.item],
    event.response && ['Response', event.response],
    event.call && ['Call', event.call],
    event.cause && ['Caused by', to(event.cause, `event ${event.cause}`)],
    event.size && ['Size', size(event.size)],
    event.place && ['Line', html`<button class="link" onClick=${() => store.openPlace(event.place)}>${event.place[0]}:${event.place[1]}</button>`],
  ].filter(Boolean);
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
