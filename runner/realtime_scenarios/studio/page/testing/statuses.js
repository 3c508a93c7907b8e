// What came of a dialogue, as an icon and a word: never as a colour alone.

import { html } from '../vendor/core.js';
import { Icon } from '../icons.js';

export const STATUSES = {
  passed: { icon: 'pass', word: 'Passed', tone: 'ok' },
  failed: { icon: 'fail', word: 'Failed', tone: 'bad' },
  invalid: { icon: 'warn', word: 'Invalid', tone: 'bad' },
  unsure: { icon: 'help', word: 'Unsure', tone: 'bad' },
  skipped: { icon: 'pause', word: 'Skipped', tone: 'warn' },
  running: { icon: 'clock', word: 'Running', tone: 'accent' },
  never: { icon: 'more', word: 'Not run', tone: '' },
};

export const isBad = (status) => ['failed', 'invalid', 'unsure'].includes(status);

export function Status({ status, brief = false }) {
  const { icon, word, tone } = STATUSES[status] ?? STATUSES.never;
  return html`<span class=${`tag ${tone}`} title=${brief ? word : undefined}><${Icon} name=${icon} />${brief ? html`<span class="unseen">${word}</span>` : word}</span>`;
}
