// One icon of the sprite that stands in the file itself: there is nothing else to ask for one.

import { html } from '../vendor/core.js';

export function Icon({ name, size = 16 }) {
  return html`<svg class="icon" width=${size} height=${size} aria-hidden="true"><use href=${`#${name}`} /></svg>`;
}
