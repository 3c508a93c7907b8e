// The loudspeaker, in the thread of sound: plays pieces in the order in which they come, and counts what was played.
//
// In: {item, rate, samples}, {flush: id, fade}. Out: {item, played, length, level, at, idle} some twelve times a second and
// where an item ends, {flushed: id, item, played} at once. `played` and `length` are in samples of the item's own rate.

import { Resampler } from './resample.js';

const FIRST_WAIT = 0.06; // seconds that are gathered before the first sample of an item: jitter
const FADE_IN = 0.003;
const FADE_OUT = 0.012;
const EVERY = 15;        // quanta of 128 samples between two reports

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.items = [];      // {item, rate, pieces, offset, queued, played, came, began, resampler}
    this.quanta = 0;
    this.level = 0;
    this.fading = 0;      // samples of fade-out that are left
    this.tail = null;     // what is faded out
    this.wasIdle = true;
    this.ended = false;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(data) {
    if (data === 'end') this.ended = true;
    else if (data.flush !== undefined) this.flush(data.flush);
    else this.queue(data);
  }

  queue({ item, rate, samples }) {
    let last = this.items[this.items.length - 1];
    if (!last || last.item !== item) {
      last = {
        item, rate, pieces: [], offset: 0, queued: 0, played: 0, came: 0, began: currentTime, started: false,
        resampler: new Resampler(rate, sampleRate),
      };
      this.items.push(last);
    }
    const made = last.resampler.feed(samples);
    last.pieces.push(made);
    last.queued += made.length;
    last.came += samples.length;
  }

  flush(id) {
    const now = this.items[0];
    if (now && now.started) {
      this.tail = this.pull(now, Math.round(FADE_OUT * sampleRate), false);
      this.fading = this.tail.length;
    }
    this.port.postMessage({ flushed: id, item: now ? now.item : null, played: now ? played(now) : 0 });
    this.items = [];
    this.report(null);
  }

  process(_, [output]) {
    if (this.ended) return false;
    const left = output[0];
    if (this.fading) this.fadeOut(left);
    let filled = 0;
    while (filled < left.length && this.items.length) {
      const now = this.items[0];
      if (!now.started && !this.isDue(now)) break;
      now.started = true;
      const piece = this.pull(now, left.length - filled, true);
      for (let at = 0; at < piece.length; at += 1) left[filled + at] += piece[at];
      filled += piece.length;
      if (now.queued) continue;
      if (this.items.length === 1) break; // more of it may come
      this.report(now);
      this.items.shift();
    }
    for (const sample of left) this.level = Math.max(this.level, Math.abs(sample));
    for (let channel = 1; channel < output.length; channel += 1) output[channel].set(left);
    this.quanta += 1;
    const now = this.items[0] ?? null;
    const idle = !now || now.queued === 0;
    if (idle !== this.wasIdle || (!idle && this.quanta % EVERY === 0)) this.report(now);
    this.wasIdle = idle;
    return true;
  }

  isDue(item) {
    return item.queued >= FIRST_WAIT * sampleRate || currentTime - item.began >= FIRST_WAIT;
  }

  /** The next samples of an item; `counts`: somebody hears them. */
  pull(item, wanted, counts) {
    const made = new Float32Array(Math.min(wanted, item.queued));
    let filled = 0;
    while (filled < made.length) {
      const piece = item.pieces[0];
      const part = piece.subarray(item.offset, item.offset + made.length - filled);
      made.set(part, filled);
      filled += part.length;
      item.offset += part.length;
      if (item.offset === piece.length) {
        item.pieces.shift();
        item.offset = 0;
      }
    }
    item.queued -= made.length;
    if (counts) {
      const ramp = FADE_IN * sampleRate;
      for (let at = 0; at < made.length && item.played + at < ramp; at += 1) made[at] *= (item.played + at) / ramp;
      item.played += made.length;
    }
    return made;
  }

  fadeOut(left) {
    const whole = this.tail.length;
    for (let at = 0; at < left.length && this.fading; at += 1) {
      left[at] += this.tail[whole - this.fading] * (this.fading / whole);
      this.fading -= 1;
    }
  }

  report(item) {
    const idle = !item || item.queued === 0;
    this.port.postMessage({
      item: item ? item.item : null, played: item ? played(item) : 0, length: item ? item.came : 0,
      level: this.level, at: currentTime, idle,
    });
    this.level = 0;
  }
}

/** How many of an item's own samples were played: all that came, once nothing waits. */
function played(item) {
  if (item.queued === 0 && item.started) return item.came;
  return Math.min(item.came, Math.floor((item.played * item.rate) / sampleRate));
}

registerProcessor('studio-playback', Playback);
