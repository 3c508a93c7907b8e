// Moments of a conversation: when an event was, and two moments as words that say how far they are apart.

import { clock } from '../reducing/words.js';

/** When the last event up to this number was, in ms; null: none is known. Not every event is kept for ever. */
export function atOf(store, seq) {
  const { list } = store.events;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].seq <= seq) low = middle + 1;
    else high = middle;
  }
  return low ? list[low - 1].at : null;
}

/** Two moments as `m:ss`, with so many digits behind it as it takes to tell them apart, and `least` at least. */
export function moments(from, until, least = 0) {
  const apart = until - from;
  const needed = apart <= 0 || apart >= 1000 ? 0 : apart >= 100 ? 1 : apart >= 10 ? 2 : 3;
  const digits = Math.max(least, needed);
  return [from, until].map((ms) => (digits ? clock(ms, true).slice(0, digits - 3 || undefined) : clock(ms)));
}

/** A part of the conversation in words; what is of one moment alone is told as exactly as it is known. */
export function partOf(from, until) {
  return from === until ? clock(from, true) : moments(from, until).join(' to ');
}
