// A note that not all of the conversation is shown.

import { html } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { clock } from '../reducing/words.js';

/** That only a part of the conversation is shown, and which. */
export function Part({ store }) {
  const at = (seq) => clock(store.events.get(seq)?.at ?? 0);
  const [since, until] = [store.since.value, store.until.value];
  return html`<p class="banner"><${Icon} name="timeline" />
    <span>Only a part is shown: ${since === null ? 'the beginning' : at(since)} to ${until === null ? 'now' : at(until)}</span>
    <button class="button small" onClick=${() => store.showAll()}>All of it</button></p>`;
}
