// What came of one dialogue: what failed, at which line, and the transcript with a mark at the event in question.
//
// It is shown beside the list of dialogues, and in a file that somebody is sent: `onPlace` is null where there is no
// editor to go to, and so is `update`, which shows how the expectation of a verdict (by its number) is updated.

import { html, useEffect, useRef } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { counted, duration, shown } from '../reducing/words.js';

export function Result({ result, onPlace = null, update = null, at = null, folded = false }) {
  const failures = result.verdicts.map((verdict, index) => ({ ...verdict, number: index + 1 })).filter((verdict) => !verdict.passed);
  const passed = result.verdicts.length - failures.length;
  return html`<div class="result">
    ${result.values && html`<p class="result-values">${result.values}</p>`}
    ${result.doubt && html`<p class="result-note">Unsure: ${result.doubt}</p>`}
    ${result.skipped && html`<p class="result-note">Skipped: ${result.skipped}</p>`}
    ${result.error && html`<${Failure} title="Stopped" message=${result.error.message} hint=${result.error.hint}
      source=${result.error.source} place=${result.error.place} onPlace=${onPlace} />`}
    ${result.mistakes.map((mistake, index) => html`<${Failure} key=${`m${index}`} title=${`${mistake.code} ${mistake.name}`}
      message=${mistake.message} hint=${mistake.hint} place=${mistake} onPlace=${onPlace} />`)}
    ${failures.map((verdict, index) => html`<${Failure} key=${`v${index}`} title="Expected" message=${verdict.message}
      diff=${verdict.diff} source=${verdict.source} place=${verdict.place} at=${verdict.at} turn=${verdict.turn} onPlace=${onPlace}>${update && verdict.update && update(verdict)}<//>`)}
    ${result.verdicts.length > 0 && html`<p class="result-count">${passed} of ${counted(result.verdicts.length, 'check')} held${result.seconds != null ? `, in ${duration(result.seconds * 1000)}` : ''}.</p>`}
    ${result.unchecked.length > 0 && html`<details class="result-more"><summary class="opens">${counted(result.unchecked.length, 'thing')} not checked here</summary>
      <ul>${result.unchecked.map((left, index) => html`<li key=${index}><${To} place=${left.place} onPlace=${onPlace} /> ${left.reason}</li>`)}</ul></details>`}
    ${result.turns.length > 0 && (folded
      ? html`<details class="result-more"><summary class="opens">What happened, line by line</summary><${Transcript} turns=${result.turns} still /></details>`
      : html`<${Transcript} turns=${result.turns} at=${at} />`)}
    ${result.printed && html`<details class="result-more"><summary class="opens">What its functions printed</summary><pre class="printed">${result.printed}</pre></details>`}
  </div>`;
}

/** A text of several lines, each without what cannot be seen. */
const lines = (text) => text.split('\n').map(shown).join('\n');

/** A line of the YAML: a button where there is an editor, else its name. */
function To({ place, onPlace }) {
  const text = `${place.file}:${place.line}`;
  if (!onPlace) return html`<span class="failure-place">${text}</span>`;
  return html`<button class="link failure-place" onClick=${() => onPlace([place.file, place.line, place.column])}>${text}</button>`;
}

function Failure({ title, message, hint, source, place, diff, at, turn, onPlace, children }) {
  return html`<section class="failure">
    <h3><${Icon} name="fail" /><span>${title}${turn ? `, turn ${turn}` : ''}</span></h3>
    <p class="failure-message">${message}</p>
    ${hint && html`<p class="hint">${hint}</p>`}
    ${diff && diff.length > 0 && html`<pre class="failure-diff">${diff.map((line, index) => html`<span key=${index} class=${line[0] === '-' ? 'wanted' : line[0] === '+' ? 'got' : ''}>${line}${'\n'}</span>`)}</pre>`}
    <p class="failure-line"><${To} place=${place} onPlace=${onPlace} />${source && html`<code>${source}</code>`}
      ${at != null && html`<a class="link" href=${`#event-${at}`} onClick=${toEvent}>To the event</a>`}</p>
    ${children}
  </section>`;
}

function toEvent(click) {
  click.preventDefault();
  const event = document.getElementById(click.currentTarget.getAttribute('href').slice(1));
  if (event) {
    const fold = event.closest('details');
    if (fold) fold.open = true;
    event.scrollIntoView({ block: 'center' });
    event.focus({ preventScroll: true });
  }
}

/** `still`: it is not scrolled to what is marked. */
export function Transcript({ turns, at = null, still = false }) {
  const first = useRef(null);
  useEffect(() => {
    if (first.current && !still) first.current.scrollIntoView({ block: 'nearest' });
  }, [turns, at]);
  let seen = false;
  return html`<div class="record" role="group" aria-label="Transcript">
    ${turns.map((turn) => html`<section key=${turn.number}><h3 class="record-turn">${turn.number ? `Turn ${turn.number}` : 'Before the first turn'}</h3>
      <ol class="record-lines">${turn.lines.map((line) => {
        const wanted = line.marked && !seen;
        seen ||= line.marked;
        return html`<${Line} key=${line.seq} line=${line} refer=${wanted ? first : undefined} />`;
      })}</ol></section>`)}
  </div>`;
}

export function Line({ line, refer }) {
  return html`<li class=${`record-line ${line.tone} ${line.marked ? 'marked' : ''}`} id=${`event-${line.seq}`} ref=${refer} tabindex=${line.marked ? '-1' : undefined}>
    <span class="record-mark" aria-hidden="true">${line.marked ? '>>>' : ''}</span>
    <span class="record-label">${line.label}</span>
    <span class="record-text">${line.marked && html`<span class="unseen">in question: </span>`}${lines(line.text)}</span></li>`;
}
