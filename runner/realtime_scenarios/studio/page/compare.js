// Two runs side by side.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Compare</h2><p>Two runs side by side.</p></div>`;
}
