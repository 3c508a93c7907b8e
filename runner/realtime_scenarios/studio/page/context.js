// What the conversation knows, before and after each step.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Context and data</h2><p>What the conversation knows, before and after each step.</p></div>`;
}
