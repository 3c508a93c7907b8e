// The slider over the conversation: every pane shows what was so at its step. At its right end it is live.

import { html } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { shown } from '../reducing/words.js';
import { steps } from './history.js';

/** Index of the step that is shown; the number of steps: live. */
export function stepOf(list, until) {
  if (until === null) return list.length;
  const at = list.findLastIndex((step) => step.seq <= until);
  return Math.max(0, at);
}

export function Slider({ store }) {
  const list = steps(store.state.value);
  const until = store.until.value;
  const at = stepOf(list, until);
  const to = (index) => {
    store.showUntil(index >= list.length ? null : list[Math.max(0, index)].seq);
  };
  if (!list.length) return null;
  const step = list[at];
  const words = until === null ? 'now' : `turn ${step.turn}: ${shown(step.what)}`;
  return html`<div class=${`slider ${until === null ? '' : 'past'}`} role="group" aria-label="Step of the conversation">
    <button class="icon-button small" aria-label="Step back" disabled=${at === 0} onClick=${() => to(at - 1)}>
      <span class="turned"><${Icon} name="chevron" /></span></button>
    <input type="range" min="0" max=${list.length} step="1" value=${at} aria-label="Step" aria-valuetext=${words}
      onInput=${(input) => to(Number(input.target.value))} />
    <button class="icon-button small" aria-label="Step on" disabled=${until === null} onClick=${() => to(at + 1)}>
      <${Icon} name="chevron" /></button>
    <span class="slider-words">${until === null ? `${list.length} steps, live` : html`<b>${at + 1}</b> of ${list.length}, ${words}`}</span>
    ${until !== null && html`<button class="button small" onClick=${() => to(list.length)}>Live</button>`}
  </div>`;
}
