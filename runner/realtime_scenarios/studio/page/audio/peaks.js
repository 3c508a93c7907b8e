// Samples -> the least and the greatest of every 20 ms, as signed bytes: what a waveform is drawn of. Pure.

export const STEP = 20; // ms

export class Peaks {
  /** `start` is when the first sample was, in milliseconds of the conversation. */
  constructor(start, rate) {
    this.start = start;
    this.size = Math.max(1, Math.round((rate * STEP) / 1000));
    this.values = [];      // least, greatest, least, greatest ...
    this.low = 0;
    this.high = 0;
    this.filled = 0;
  }

  get length() {
    return (this.values.length / 2) * STEP;
  }

  add(samples) {
    for (const sample of samples) {
      if (sample < this.low) this.low = sample;
      if (sample > this.high) this.high = sample;
      this.filled += 1;
      if (this.filled === this.size) {
        this.values.push(byte(this.low), byte(this.high));
        this.low = this.high = this.filled = 0;
      }
    }
  }

  /** Silence up to a time, where nothing was recorded. */
  silentUntil(ms) {
    while (this.start + this.length + STEP <= ms) this.values.push(0, 0);
  }

  /** The extremes of a stretch of time, from -1 to 1; null: nothing is known of it. */
  between(from, to) {
    const first = Math.max(0, Math.floor((from - this.start) / STEP));
    const last = Math.min(this.values.length / 2, Math.max(first + 1, Math.ceil((to - this.start) / STEP)));
    if (to <= this.start || first >= last) return null;
    let low = 0;
    let high = 0;
    for (let at = first; at < last; at += 1) {
      low = Math.min(low, this.values[2 * at]);
      high = Math.max(high, this.values[2 * at + 1]);
    }
    return [low / 127, high / 127];
  }
}

function byte(sample) {
  return Math.max(-127, Math.min(127, Math.round(sample * 127)));
}
