// A microphone as pieces of 20 ms. What unplugs it is mended: the chosen one again, else the system's own.

import { opened } from './devices.js';

const TRIES = 5;
const AGAIN = 500;   // ms between two tries
const SILENT = 3000; // ms that a track may be muted by the system before it is opened again

export class Microphone {
  /** `on` has frame({first, samples, rms, peak}), changed(label) and lost(error). */
  constructor(context, on) {
    this.context = context;
    this.on = on;
    this.stream = null;
    this.node = null;
    this.wished = '';
    this.rate = 24000;
    this.serial = 0;
  }

  get label() {
    const track = this.stream && this.stream.getAudioTracks()[0];
    return track ? track.label : '';
  }

  async open(id, rate) {
    const mine = (this.serial += 1);
    this.wished = id;
    this.rate = rate;
    const stream = await opened(id);
    if (mine !== this.serial) {
      stop(stream);
      return;
    }
    this.leave();
    this.stream = stream;
    this.node = new AudioWorkletNode(this.context, 'studio-capture', {
      numberOfInputs: 1, numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit', processorOptions: { rate },
    });
    this.node.port.onmessage = ({ data }) => this.on.frame(data);
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.node);
    const track = stream.getAudioTracks()[0];
    track.onended = () => this.mend();
    track.onmute = () => {
      this.timer = setTimeout(() => this.mend(), SILENT);
    };
    track.onunmute = () => clearTimeout(this.timer);
  }

  async mend() {
    const before = this.label;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      try {
        await this.open(attempt ? '' : this.wished, this.rate);
        if (this.label !== before) this.on.changed(this.label);
        return;
      } catch (error) {
        if (attempt === TRIES - 1) this.on.lost(error);
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  /** Off where it can be, so that the system's light goes out: the pieces are silent then. */
  enable(on) {
    if (this.stream) for (const track of this.stream.getAudioTracks()) track.enabled = on;
  }

  leave() {
    clearTimeout(this.timer);
    if (this.node) {
      this.node.port.postMessage('end');
      this.source.disconnect();
    }
    if (this.stream) stop(this.stream);
    this.stream = this.node = this.source = null;
  }

  close() {
    this.serial += 1;
    this.leave();
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) {
    track.onended = track.onmute = null;
    track.stop();
  }
}
