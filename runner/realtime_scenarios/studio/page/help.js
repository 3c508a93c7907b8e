// The list of all keys.

import { html } from './vendor/core.js';
import { KEYS } from './keys.js';

export function Help() {
  return html`<div class="help" tabindex="0" role="group" aria-label="Keys">
    ${KEYS.map(([group, keys]) => html`<section key=${group}><h2>${group}</h2>
      <dl class="keys">${keys.map(([key, does]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}</dl>
    </section>`)}
  </div>`;
}
