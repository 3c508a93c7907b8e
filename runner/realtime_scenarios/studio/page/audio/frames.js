// Samples <-> the binary frames of the websocket. Pure: no DOM, no audio device.
//
// A header of 12 bytes, little-endian: u8 kind, u8 codec, u16 rate/100, u32 number of the item, u32 first sample; then
// samples. Samples here are floats from -1 to 1. G.711 as in ITU-T G.711, by the segments of its tables.

export const MICROPHONE = 1;
export const AGENT = 2;
export const HEADER = 12; // bytes

export const CODECS = ['pcm16', 'ulaw', 'alaw'];

/** A frame; `item` and `first` may be left out for the microphone. */
export function written({ kind, codec = 'pcm16', rate, item = 0, first = 0, samples }) {
  const number = CODECS.indexOf(codec);
  const width = codec === 'pcm16' ? 2 : 1;
  const buffer = new ArrayBuffer(HEADER + samples.length * width);
  const view = new DataView(buffer);
  view.setUint8(0, kind);
  view.setUint8(1, number);
  view.setUint16(2, Math.round(rate / 100), true);
  view.setUint32(4, item, true);
  view.setUint32(8, first >>> 0, true);
  if (codec === 'pcm16') {
    for (let at = 0; at < samples.length; at += 1) view.setInt16(HEADER + 2 * at, as16(samples[at]), true);
  } else {
    const encode = codec === 'ulaw' ? toMulaw : toAlaw;
    for (let at = 0; at < samples.length; at += 1) view.setUint8(HEADER + at, encode(as16(samples[at])));
  }
  return buffer;
}

/** What a frame holds; null: it is none. */
export function read(buffer) {
  if (buffer.byteLength < HEADER) return null;
  const view = new DataView(buffer);
  const codec = CODECS[view.getUint8(1)];
  const rate = view.getUint16(2, true) * 100;
  if (!codec || !rate) return null;
  const length = Math.floor((buffer.byteLength - HEADER) / (codec === 'pcm16' ? 2 : 1));
  const samples = new Float32Array(length);
  const decode = codec === 'ulaw' ? fromMulaw : fromAlaw;
  for (let at = 0; at < length; at += 1) {
    const value = codec === 'pcm16' ? view.getInt16(HEADER + 2 * at, true) : decode(view.getUint8(HEADER + at));
    samples[at] = value / 32768;
  }
  return {
    kind: view.getUint8(0), codec, rate, item: view.getUint32(4, true), first: view.getUint32(8, true), samples,
  };
}

function as16(sample) {
  return Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
}

const BIAS = 0x84;
const CLIP = 32635;

export function toMulaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const segment = 31 - Math.clz32(magnitude >> 7);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | step) & 0xff;
}

export function fromMulaw(byte) {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7);
  return bits & 0x80 ? BIAS - magnitude : magnitude - BIAS;
}

export function toAlaw(sample) {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32767) >> 3; // 12 bits of magnitude
  const segment = magnitude < 32 ? 0 : 27 - Math.clz32(magnitude);
  const step = (magnitude >> (segment === 0 ? 1 : segment)) & 0x0f;
  return (sign | (segment << 4) | step) ^ 0x55;
}

export function fromAlaw(byte) {
  const bits = byte ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
