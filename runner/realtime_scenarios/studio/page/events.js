// All events of a conversation as they came, in an array outside of any signal: 50,000 of them cost their memory alone.

import { signal } from './vendor/core.js';

export const LONGEST = 50_000;
const CUT = 5_000; // at once, so that the array is not copied at every event

export class Events {
  constructor() {
    this.list = [];
    this.dropped = 0;            // events before the first one that is kept
    this.earlier = null;         // what the log has asked of the server
    this.version = signal(0);    // counts up when the list has changed
  }

  append(events) {
    for (const event of events) this.list.push(event);
    if (this.list.length > LONGEST + CUT) {
      const gone = this.list.splice(0, this.list.length - LONGEST);
      this.dropped += gone.length;
      if (this.earlier) this.earlier = this.earlier.joined(gone);
    }
    this.version.value += 1;
  }

  clear() {
    this.list = [];
    this.dropped = 0;
    this.earlier = null;
    this.version.value += 1;
  }

  /** The event with this number, or undefined. Numbers have no gaps, but a snapshot may. */
  get(seq) {
    const first = this.list.length ? this.list[0].seq : 0;
    const guess = this.list[seq - first];
    if (guess && guess.seq === seq) return guess;
    return this.list.find((event) => event.seq === seq);
  }
}
