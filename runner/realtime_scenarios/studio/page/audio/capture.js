// The microphone, in the thread of sound: 20 ms at a time at the rate that is asked for, with its level.
//
// It has no output: nobody shall hear themselves. Posts {first, samples, rms, peak}; `first` counts samples since it began.

import { Resampler } from './resample.js';

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.resampler = new Resampler(sampleRate, rate);
    this.size = Math.round(rate / 50);
    this.frame = new Float32Array(this.size);
    this.filled = 0;
    this.first = 0;
    this.ended = false;
    this.port.onmessage = ({ data }) => {
      if (data === 'end') this.ended = true;
    };
  }

  process([input]) {
    if (this.ended) return false;
    if (!input.length) return true;
    for (const sample of this.resampler.feed(input[0])) {
      this.frame[this.filled] = sample;
      this.filled += 1;
      if (this.filled === this.size) this.post();
    }
    return true;
  }

  post() {
    let sum = 0;
    let peak = 0;
    for (const sample of this.frame) {
      sum += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    const samples = this.frame;
    const message = { first: this.first, samples, rms: Math.sqrt(sum / this.size), peak };
    this.port.postMessage(message, [samples.buffer]);
    this.first += this.size;
    this.frame = new Float32Array(this.size);
    this.filled = 0;
  }
}

registerProcessor('studio-capture', Capture);
