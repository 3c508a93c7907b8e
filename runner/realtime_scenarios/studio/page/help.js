// The list of all keys.

import { html } from './vendor/core.js';
import { PLACES } from './places.js';

/** [keys, what they do], by group. */
const KEYS = [
  ['Everywhere', [
    ['Ctrl+K', 'Go to anything'],
    ['F6 / Shift+F6', 'Next or previous pane'],
    ['Escape', 'Close, and back to where you were'],
    ['Ctrl+.', 'Interrupt the agent'],
    ['Ctrl+Shift+M', 'Microphone on or off'],
    ['?', 'This list'],
    ['/', 'Filter, or write'],
  ]],
  ['Go to', PLACES.map((place) => [`g ${place.key}`, place.title])],
  ['Conversation', [
    ['Enter', 'Send'],
    ['Shift+Enter', 'New line'],
    ['↑', 'Bring back what you sent'],
    ['[ / ]', 'Previous or next turn'],
    ['Space, held', 'Talk, where push-to-talk is on'],
  ]],
  ['Timeline', [
    ['Arrows', 'A second, with Shift five'],
    [', / .', 'Previous or next thing'],
    ['i', 'Only from here on, in every view; Escape: all of it'],
  ]],
  ['What waits for you', [
    ['Alt+A', 'Go to it'],
    ['Ctrl+Enter', 'Approve'],
    ['Alt+R', 'Reject'],
  ]],
  ['Event log', [
    ['Arrows, Page', 'Move'],
    ['Enter', 'Show the event'],
    ['c', 'Copy it as JSON'],
    ['n / p', 'Next or previous error'],
    ['t', 'Its turn only'],
  ]],
];

export function Help() {
  return html`<div class="help" tabindex="0" role="group" aria-label="Keys">
    ${KEYS.map(([group, keys]) => html`<section key=${group}><h2>${group}</h2>
      <dl class="keys">${keys.map(([key, does]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}</dl>
    </section>`)}
  </div>`;
}
