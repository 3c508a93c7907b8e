// A model's text -> vnodes, and never markup. Blocks that have settled are not made again while the last one grows.

import { Component, html, useState } from './vendor/core.js';
import { blocks, plainText, spans } from './reducing/marks.js';
import { straight } from './reducing/words.js';

const LONGEST = 100_000; // characters before "show all"

/**
 * `upto`: how many characters of the plain text came to the ear, null: all. What follows is shown as `rest`: "unsaid"
 * (it is still to come) or "unheard" (it was cut off).
 */
export function Markdown({ text, upto = null, rest = 'unsaid' }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > LONGEST;
  const found = blocks(cut ? text.slice(0, LONGEST) : text);
  const budget = upto === null ? null : { left: upto, rest, told: false };
  return html`<div class="prose" dir="auto">
    ${found.map((block, index) => (budget === null && index < found.length - 1 ? settled(block, index) : blockOf(block, index, budget)))}
    ${cut && html`<p><button class="button small" onClick=${() => setWhole(true)}>Show all ${text.length.toLocaleString('en')} characters</button></p>`}
  </div>`;
}

function settled(block, index) {
  return html`<${Settled} key=${index} source=${block.source} make=${() => blockOf(block, index, null)} />`;
}

class Settled extends Component {
  shouldComponentUpdate(next) {
    return next.source !== this.props.source;
  }

  render({ make }) {
    return make();
  }
}

function blockOf(block, key, budget) {
  switch (block.kind) {
    case 'code': return html`<pre key=${key} tabindex="0"><code>${told(block.code, budget)}</code></pre>`;
    case 'rule': return html`<hr key=${key} />`;
    case 'heading': return html`<p key=${key} class="prose-heading">${spansOf(spans(block.text), budget)}</p>`;
    case 'quote': return html`<blockquote key=${key}>${blocks(block.text).map((one, index) => blockOf(one, index, budget))}</blockquote>`;
    case 'list': return listOf(block, key, budget);
    default: return html`<p key=${key}>${spansOf(spans(block.text), budget)}</p>`;
  }
}

function listOf(list, key, budget) {
  const entries = list.entries.map((entry, index) => html`<li key=${index}>${spansOf(spans(entry.text), budget)}${entry.list && listOf(entry.list, 'in', budget)}</li>`);
  return list.ordered ? html`<ol key=${key} start=${list.start}>${entries}</ol>` : html`<ul key=${key}>${entries}</ul>`;
}

function spansOf(list, budget) {
  return list.map((span, key) => {
    switch (span.kind) {
      case 'code': return html`<code key=${key}>${told(span.text, budget)}</code>`;
      case 'bold': return html`<strong key=${key}>${spansOf(span.spans, budget)}</strong>`;
      case 'italic': return html`<em key=${key}>${spansOf(span.spans, budget)}</em>`;
      case 'struck': return html`<del key=${key}>${spansOf(span.spans, budget)}</del>`;
      case 'link': return html`<a key=${key} href=${span.url} target="_blank" rel="noopener noreferrer nofollow">${spansOf(span.spans, budget)}${!span.bare && html`<span class="host"> (${new URL(span.url).host})</span>`}</a>`;
      default: return told(span.text, budget);
    }
  });
}

/** Text, of which the part beyond the budget is marked. */
function told(text, budget) {
  if (budget === null) return straight(text);
  const heard = straight(text.slice(0, budget.left));
  const beyond = straight(text.slice(budget.left));
  budget.left = Math.max(0, budget.left - text.length);
  if (!beyond) return heard;
  const first = !budget.told;
  budget.told = true;
  if (budget.rest === 'unsaid') return html`${heard}<span class="unsaid">${beyond}</span>`;
  return html`${heard}<s class="unheard">${first && html`<span class="unseen">not heard: </span>`}${beyond}</s>`;
}

/** How many characters of the plain text a share of the sound has come to, at the end of a word. */
export function spokenLength(text, share) {
  const plain = plainText(text);
  const target = Math.floor(plain.length * Math.min(1, Math.max(0, share)));
  if (target >= plain.length) return plain.length;
  const words = new Intl.Segmenter(undefined, { granularity: 'word' });
  let end = 0;
  for (const word of words.segment(plain)) {
    if (word.index >= target) break;
    end = word.index + word.segment.length;
  }
  return end;
}

/** How many characters of the plain text a heard beginning of the text is. */
export function heardLength(heard) {
  return plainText(heard).length;
}
