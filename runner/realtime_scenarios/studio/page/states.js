// The state machine of the agent.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>States</h2><p>The state machine of the agent.</p></div>`;
}
