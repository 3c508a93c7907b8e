// The agent's voice: frames in, sound out, and how much of each item was played.

const QUIETER = 0.25; // -12 dB

export class Player {
  /** `on` has report({item, played, length, level, idle}) and flushed({item, played}). */
  constructor(context, on) {
    this.on = on;
    this.context = context;
    this.gain = context.createGain();
    this.node = new AudioWorkletNode(context, 'studio-playback', { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1] });
    this.node.connect(this.gain).connect(context.destination);
    this.node.port.onmessage = ({ data }) => (data.flushed === undefined ? on.report(data) : on.flushed(data));
    this.volume = 1;
    this.muted = false;
    this.ducked = false;
    this.cut = new Set(); // items of which nothing more is to be heard
  }

  take({ item, rate, samples }) {
    if (!this.cut.has(item)) this.node.port.postMessage({ item, rate, samples }, [samples.buffer]);
  }

  /** Nothing of what has come is to be heard; `items` are those of which nothing more is, either. */
  flush(items) {
    for (const item of items) this.cut.add(item);
    this.node.port.postMessage({ flush: 0 });
  }

  /** Muted sound runs on, and is counted: what an ear could have heard stays true. */
  set({ volume = this.volume, muted = this.muted, ducked = this.ducked }) {
    Object.assign(this, { volume, muted, ducked });
    const level = muted ? 0 : volume * (ducked ? QUIETER : 1);
    this.gain.gain.setTargetAtTime(level, this.context.currentTime, 0.015);
  }

  async through(device) {
    if (this.context.setSinkId) await this.context.setSinkId(device).catch(() => {});
  }

  close() {
    this.node.port.postMessage('end');
    this.node.disconnect();
    this.gain.disconnect();
  }
}
