// What a person chose for this browser: kept in its storage, and never a secret.

import { signal } from './vendor/core.js';

const DEFAULTS = {
  theme: 'auto',          // auto | light | dark
  density: 'compact',     // compact | roomy
  keys: true,             // single letters are keys (WCAG 2.1.4: they can be switched off)
  text: 'voice',          // an answer's text follows the voice, or comes all at once
  execution: true,        // calls, states and context between what is said
  inspectorWidth: 380,
  fold: true,             // deltas of the log in one row
  noise: false,           // audio and voice detection in the log
  talk: 'open',           // open | push: the microphone is open, or as long as one holds a button
  codec: 'pcm16',         // pcm16 | g711_ulaw | g711_alaw: how both sides sound
  carrier: 'socket',      // socket | webrtc: what carries the sound
  input: '',              // ids of devices; empty: the system's own
  output: '',
  volume: 100,            // per cent
  speakers: false,        // no headphones: the agent gets quieter while the caller speaks
};

function read(name) {
  try {
    const text = localStorage.getItem('studio.' + name);
    if (text === null) return DEFAULTS[name];
    return typeof DEFAULTS[name] === 'string' ? text : JSON.parse(text);
  } catch {
    return DEFAULTS[name];
  }
}

/** name -> signal. */
export const settings = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, signal(read(name))]));

export function choose(name, value) {
  settings[name].value = value;
  try {
    localStorage.setItem('studio.' + name, typeof value === 'string' ? value : JSON.stringify(value));
  } catch { /* storage may be forbidden: then it holds until the page is left */ }
  const root = document.documentElement;
  if (name === 'theme') value === 'auto' ? delete root.dataset.theme : (root.dataset.theme = value);
  if (name === 'density') value === 'roomy' ? (root.dataset.density = value) : delete root.dataset.density;
}
