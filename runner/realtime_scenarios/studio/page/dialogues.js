// The tests of this scenario.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Dialogues</h2><p>The tests of this scenario.</p></div>`;
}
