// Samples of one rate -> samples of another, block by block: a windowed sinc whose state is kept between the blocks.

const TAPS = 24;

export class Resampler {
  constructor(from, to) {
    this.ratio = from / to;
    this.cutoff = Math.min(1, to / from) * 0.95;
    this.kept = new Float32Array(TAPS); // the end of what came before: half of it stands before the first new sample
    this.position = TAPS / 2;           // of the next output, counted from the beginning of `kept`
  }

  /** The samples that can be told now; the last few wait for those behind them. */
  feed(block) {
    if (this.ratio === 1) return block;
    const input = new Float32Array(this.kept.length + block.length);
    input.set(this.kept);
    input.set(block, this.kept.length);
    const made = [];
    while (this.position + TAPS / 2 < input.length) {
      made.push(this.at(input, this.position));
      this.position += this.ratio;
    }
    const start = Math.max(0, Math.floor(this.position) - TAPS / 2);
    this.kept = input.slice(start);
    this.position -= start;
    return Float32Array.from(made);
  }

  at(input, position) {
    const base = Math.floor(position);
    let sum = 0;
    for (let tap = 1 - TAPS / 2; tap <= TAPS / 2; tap += 1) {
      const sample = input[base + tap];
      if (sample === undefined || sample === 0) continue;
      const distance = position - base - tap;
      const x = Math.PI * distance * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      const window = 0.5 + 0.5 * Math.cos((2 * Math.PI * distance) / TAPS);
      sum += sample * this.cutoff * sinc * window;
    }
    return sum;
  }
}
