// Events of the log that the page does not have: asked of the server, and kept beside those that it has.
//
// A page that was loaded anew is given the picture and the newest events of the wire alone, and of very many the oldest
// leave it. What is asked for belongs to the list that the page has: where that is another one, something has become
// secret or is undone, and nothing of what was told before may stay.

import { html, signal, useState } from './vendor/core.js';
import { counted } from './reducing/words.js';

const known = new WeakMap(); // list of events -> {events, upto, dropped, left, forgotten}
const asked = signal(0);

/** What was asked for beside what the page has now; null: nothing. */
export function earlierOf(events) {
  asked.value;
  const earlier = known.get(events.list);
  return earlier && earlier.dropped === events.dropped ? earlier : null;
}

/** All events that there are for the log: {list, dropped}. */
export function logged(events) {
  const earlier = earlierOf(events);
  if (!earlier) return events;
  const { list } = events;
  const first = earlier.events.length ? earlier.events[0].seq : earlier.upto;
  return { list: [...list.slice(0, places(list, first)), ...earlier.events, ...list.slice(places(list, earlier.upto))], dropped: 0 };
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

export function Earlier({ store }) {
  const [busy, setBusy] = useState(false);
  const { events } = store;
  const id = store.conversation.value;
  events.version.value; // it is another one where there are others
  const earlier = earlierOf(events);
  const { upto, count } = missing(events);
  const left = earlier ? earlier.left : count;
  const ask = async () => {
    const { list, dropped } = events;
    setBusy(true);
    try {
      const told = await store.api('GET', `conversations/${encodeURIComponent(id)}/earlier?before=${earlier ? earlier.events[0].seq : upto}`);
      const all = [...told.events, ...(earlier?.events ?? [])];
      known.set(list, { events: all, upto: earlier?.upto ?? upto, dropped, left: told.events.length ? told.left : 0, forgotten: told.forgotten });
      asked.value += 1;
    } catch (error) {
      store.fail(error);
    }
    setBusy(false);
  };
  if (!id || store.restarted.value) return null;
  if (left > 0) {
    return html`<p class="log-earlier"><span>${earlier ? `${counted(left, 'event')} before these ${left === 1 ? 'is' : 'are'} kept by the server.`
      : `${counted(left, 'event')} before these ${left === 1 ? 'is' : 'are'} not in the page.`}</span>
      <button class="button small" disabled=${busy} onClick=${ask}>Ask the server for earlier ones</button></p>`;
  }
  return earlier?.forgotten > 0 && html`<p class="log-earlier"><span>${counted(earlier.forgotten, 'event')} of the protocol from the beginning ${earlier.forgotten === 1 ? 'is' : 'are'} not kept any more.</span></p>`;
}
