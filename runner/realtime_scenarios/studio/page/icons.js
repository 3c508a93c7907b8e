// One icon of our sprite. It is decoration: the control that it stands in has the name.

import { html } from './vendor/core.js';

const SPRITE = new URL('./icons.svg', import.meta.url).pathname;

export function Icon({ name, size = 16 }) {
  return html`<svg class="icon" width=${size} height=${size} aria-hidden="true"><use href=${`${SPRITE}#${name}`} /></svg>`;
}
