// Agents, tools and handoffs, and the place of the conversation.

import { html } from './vendor/core.js';

export function View() {
  return html`<div class="empty"><h2>Graph</h2><p>Agents, tools and handoffs, and the place of the conversation.</p></div>`;
}
