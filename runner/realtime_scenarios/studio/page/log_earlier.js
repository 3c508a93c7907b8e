// Events of the log that the page does not have: asked of the server, and kept beside those that it has.
//
// A page that was loaded anew is given the picture and the newest events of the wire alone, and of very many the oldest
// leave it. What is asked for belongs to the list that the page has: where that is another one, something has become
// secret or is undone, and nothing of what was told before may stay.

import { html, useState } from './vendor/core.js';
import { LONGEST } from './events.js';
import { clock, counted } from './reducing/words.js';

class Asked {
  constructor(fields) {
    this.events = [];
    this.upto = 0;       // from this number on the page has them itself
    this.dropped = 0;    // events before these that have left the page
    this.gap = 0;        // events between these and those of the page
    this.left = 0;       // events before these that the server keeps
    this.forgotten = 0;  // events that nobody has any more
    Object.assign(this, fields);
  }

  get first() {
    return this.events.length ? this.events[0].seq : this.upto;
  }

  /** Itself with what has left the page behind it; of very many there is a gap, and then it is another one. */
  joined(gone) {
    this.dropped += places(gone, this.first);
    const behind = gone.slice(places(gone, this.upto));
    const taken = this.gap ? [] : behind.slice(0, Math.max(0, LONGEST - this.events.length));
    for (const event of taken) this.events.push(event);
    if (taken.length) this.upto = taken[taken.length - 1].seq + 1;
    const lost = behind.length - taken.length;
    return lost ? new Asked({ ...this, gap: this.gap + lost }) : this;
  }
}

/** Takes in what the server told: the events before those that it told already, at first before the number `upto`. */
export function takeIn(events, { events: told, left, forgotten }, upto) {
  const { earlier, list } = events;
  const known = earlier ?? { events: [], upto, gap: list.length ? Math.max(0, list[0].seq - upto) : 0 };
  events.earlier = new Asked({ ...known, events: [...told, ...known.events], left: told.length ? left : 0, forgotten });
  events.version.value += 1;
}

/** Goes on without what the server told. */
export function letGo(events) {
  events.earlier = null;
  events.version.value += 1;
}

/** All events that there are for the log: {list, dropped}. */
export function logged(events) {
  const { list, earlier } = events;
  if (!earlier) return events;
  return {
    list: [...list.slice(0, places(list, earlier.first)), ...earlier.events, ...list.slice(places(list, earlier.upto))],
    dropped: earlier.dropped,
  };
}

/** How many events have a smaller number. */
function places(list, seq) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The events with these numbers, the first and the last included. */
export const between = (list, first, last) => list.slice(places(list, first), places(list, last + 1));

/** The number before which the page has no event of the wire, and how many before it are not there at all. */
function missing({ list }) {
  if (!list.length) return { upto: 0, count: 0 };
  const at = list.findIndex((event) => event.layer === 'wire');
  const upto = at < 0 ? list[list.length - 1].seq + 1 : list[at].seq;
  return { upto, count: upto - 1 - (at < 0 ? list.length : at) };
}

const are = (count) => `${counted(count, 'event')} before these ${count === 1 ? 'is' : 'are'}`;

export function Earlier({ store }) {
  const [busy, setBusy] = useState(false);
  const { events } = store;
  const id = store.conversation.value;
  events.version.value; // it is another one where there are others
  const { earlier } = events;
  const { upto, count } = missing(events);
  const left = earlier ? earlier.left : count;
  const ask = async () => {
    const { list } = events;
    const first = () => events.earlier?.events[0];
    const before = first();
    setBusy(true);
    try {
      const told = await store.api('GET', `conversations/${encodeURIComponent(id)}/earlier?before=${before ? before.seq : upto}`);
      if (events.list === list && first() === before) takeIn(events, told, upto);
    } catch (error) {
      store.fail(error);
    }
    setBusy(false);
  };
  if (!id || store.restarted.value) return null;
  return html`${left > 0 && html`<p class="log-earlier"><span>${are(left)} ${earlier ? 'kept by the server' : 'not in the page'}.</span>
      <button class="button small" disabled=${busy} onClick=${ask}>Ask the server for earlier ones</button></p>`}
    ${!left && earlier?.forgotten > 0 && html`<p class="log-earlier"><span>${counted(earlier.forgotten, 'event')} of the protocol from the beginning ${earlier.forgotten === 1 ? 'is' : 'are'} not kept any more.</span></p>`}
    ${earlier?.gap > 0 && html`<${Gap} events=${events} />`}`;
}

/** That events between those that were asked for and those that the page has are in neither. */
function Gap({ events }) {
  const { list, earlier } = events;
  const last = earlier.events[earlier.events.length - 1];
  return html`<p class="log-earlier"><span>${counted(earlier.gap, 'event')}${last && ` after ${clock(last.at, true)}`} and before ${clock(list[0].at, true)} ${earlier.gap === 1 ? 'is' : 'are'} not in the page.</span>
    <button class="button small" onClick=${() => letGo(events)}>Go on without the earlier ones</button></p>`;
}
