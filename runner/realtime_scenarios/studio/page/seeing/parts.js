// What the views of a scenario have in common: a link to the YAML, the terms of a condition, a note that the file is broken.

import { html, useState } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { shown } from '../reducing/words.js';
import { isNeverWhole, NeverWhole } from './never_whole.js';

export function ToLine({ store, place, what }) {
  if (!place) return null;
  return html`<button class="to-line" aria-label=${`${what}: to line ${place[1]} of ${place[0]}`} title=${`${place[0]}:${place[1]}`}
    onClick=${() => store.openPlace(place)}>line ${place[1]}</button>`;
}

export function Marks({ marks }) {
  return marks.map((mark) => html`<span key=${mark} class=${`tag ${mark === 'approval' ? 'warn' : 'tool'}`}>
    <${Icon} name=${mark === 'approval' ? 'hand' : 'gate'} />${mark}</span>`);
}

export function Times({ count, noun }) {
  return count ? html`<span class="times">${count}×<span class="unseen"> ${noun}</span></span>` : null;
}

const WORDS = { true: ['yes', 'true'], false: ['no', 'false'], null: ['open', 'depends'] };

/** Each term of what something requires, with whether it holds now. */
export function Terms({ store, way }) {
  if (!way || !way.terms.length) return null;
  return html`<ul class="terms">${way.terms.map((term) => html`<li key=${term.text}>
    <span class=${`word ${WORDS[term.holds][0]}`}>${WORDS[term.holds][1]}</span><span>${term.text}</span>
    ${term.why && html`<span class="plain">${term.why}</span>`}<${ToLine} store=${store} place=${term.place} what=${term.text} /></li>`)}</ul>`;
}

/** Whether a way is open now, and why not. */
export function Why({ store, way }) {
  if (!way || !way.terms.length) return null;
  const words = way.open === true ? 'Open now' : way.open === false ? 'Why not?' : 'What it depends on';
  return html`<details class="whynot"><summary class="opens">${words}</summary><${Terms} store=${store} way=${way} /></details>`;
}

export function Stale({ store, problem }) {
  if (!problem) return null;
  return html`<p class="stale-note" role="note"><b>This is how it was before:</b> ${shown(problem.message)} ${problem.hint}</p>`;
}

/** Why the server shows nothing of the scenario. */
export function Failed({ store, problem, title }) {
  if (isNeverWhole(store)) return html`<${NeverWhole} store=${store} title=${title} />`;
  return html`<div class="empty"><h2>${title}</h2><p>${shown(problem.message)}</p>${problem.hint && html`<p class="hint">${problem.hint}</p>`}</div>`;
}

export function Choice({ name, label, value, options, onChange }) {
  return html`<div class="segments" role="radiogroup" aria-label=${label}>${options.map(([key, words]) => html`
    <label key=${key} class=${`segment ${key === value ? 'chosen' : ''}`}>
      <input type="radio" name=${name} checked=${key === value} onChange=${() => onChange(key)} />${words}</label>`)}</div>`;
}

/** A field that shows what is being written, whatever is drawn meanwhile: `typed` at each letter, `left` once it is
 *  written; `keeps` what does not fit, when it is left. */
export function Field({ value, typed, left, keeps, ...rest }) {
  const [draft, setDraft] = useState(null);
  return html`<input class="field" autocomplete="off" ...${rest} value=${draft ?? value}
    onInput=${(input) => {
      setDraft(input.target.value);
      typed?.(input.target.value);
    }} onChange=${(input) => left?.(input.target.value)} onBlur=${() => keeps || setDraft(null)} />`;
}
