// What was said, from top to bottom.

import { html } from './vendor/core.js';

export function View({ store }) {
  const { order, items } = store.state.value;
  return html`<div class="view">${order.filter((key) => key.startsWith('i:')).map((key) => html`<p key=${key}>${items.get(key.slice(2)).text}</p>`)}</div>`;
}
