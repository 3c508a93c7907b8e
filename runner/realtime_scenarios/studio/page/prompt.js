// Exactly what the model reads now.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Prompt</h2><p>Exactly what the model reads now.</p></div>`;
}
