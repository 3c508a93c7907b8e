// A JSON value as lines that open and close: deep ones only when asked, long ones a hundred at a time.

import { html, useState } from './vendor/core.js';
import { counted } from './reducing/words.js';

const MANY = 100;
const LONG = 400; // characters of a text before "more"

export function Tree({ value, name = null, depth = 0 }) {
  if (value !== null && typeof value === 'object') return html`<${Branch} value=${value} name=${name} depth=${depth} />`;
  return html`<div class="leaf">${name !== null && html`<span class="tree-name">${name}</span>`}<${Leaf} value=${value} /></div>`;
}

function Leaf({ value }) {
  const [whole, setWhole] = useState(false);
  const kind = value === null || value === undefined ? 'null' : typeof value;
  const text = value === undefined ? 'null' : kind === 'string' ? value : JSON.stringify(value);
  if (kind === 'string' && text.length > LONG && !whole) {
    return html`<span class="tree-string">${text.slice(0, LONG)}… <button class="link" onClick=${() => setWhole(true)}>all ${text.length.toLocaleString('en')} characters</button></span>`;
  }
  return html`<span class=${`tree-${kind}`}>${text === '' ? '(empty)' : text}</span>`;
}

function Branch({ value, name, depth }) {
  const list = Array.isArray(value);
  const keys = list ? value.map((_, index) => index) : Object.keys(value);
  const [limit, setLimit] = useState(MANY);
  const [open, setOpen] = useState(depth < 3 && keys.length <= MANY);
  if (!keys.length) return html`<div class="leaf">${name !== null && html`<span class="tree-name">${name}</span>`}<span class="tree-null">${list ? '[]' : '{}'}</span></div>`;
  const inside = html`<div class="tree-inside">
    ${keys.slice(0, limit).map((key) => html`<${Tree} key=${key} name=${String(key)} value=${value[key]} depth=${depth + 1} />`)}
    ${keys.length > limit && html`<button class="link" onClick=${() => setLimit(limit + MANY)}>${keys.length - limit} more</button>`}
  </div>`;
  if (name === null) return html`<div class="tree">${inside}</div>`;
  return html`<details class="branch" open=${open} onToggle=${(toggle) => setOpen(toggle.target.open)}>
    <summary><span class="tree-name">${name}</span><span class="tree-count">${list ? counted(keys.length, 'entry', 'entries') : counted(keys.length, 'field')}</span></summary>
    ${open && inside}</details>`;
}
