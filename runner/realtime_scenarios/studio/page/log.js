// Every event of both sides.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Event log</h2><p>Connect to see what the two sides say.</p></div>`;
}
