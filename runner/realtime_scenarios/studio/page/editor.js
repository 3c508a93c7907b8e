// The scenario’s files.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Editor</h2><p>The scenario’s files.</p></div>`;
}
