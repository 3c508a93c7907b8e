// Who spoke when, with every call and interruption.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Timeline</h2><p>Who spoke when, with every call and interruption.</p></div>`;
}
