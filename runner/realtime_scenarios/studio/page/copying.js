// Text -> the clipboard, also where the page is not served securely and `navigator.clipboard` is not there.

import { html, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { say } from './live.js';

const SHOWN = 1500; // ms

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  say('Copied');
}

/** `text` is a function: what is copied is made when it is wanted. */
export function CopyButton({ text, label = 'Copy', small = true }) {
  const [done, setDone] = useState(false);
  const act = async () => {
    await copy(text());
    setDone(true);
    setTimeout(() => setDone(false), SHOWN);
  };
  return html`<button class=${`icon-button ${small ? 'small' : ''}`} aria-label=${done ? 'Copied' : label} title=${done ? 'Copied' : label} onClick=${act}>
    <${Icon} name=${done ? 'pass' : 'copy'} /></button>`;
}
