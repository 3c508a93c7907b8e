// What concerns the page as a whole: a recording, a part that is shown alone, a tab that watches, broken YAML, and what failed.

import { html, useEffect, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { clock, counted, shown } from './reducing/words.js';
import { atOf, moments, partOf } from './seeing/moments.js';

const FEW = 2; // failures that are shown until somebody wants to see all

export function Banners({ store }) {
  const findings = (store.scenario.value?.findings ?? []).filter((finding) => finding.severity === 'error');
  const first = findings[0];
  return html`<div class="banners">
    ${store.recorded.value && html`<p class="banner"><${Icon} name="info" />
      <span>A recording: <b>${shown(store.recorded.value)}</b></span>
      <button class="button small" onClick=${() => store.leave()}>Close it</button></p>`}
    ${(store.since.value !== null || (store.until.value !== null && !WITH_SLIDER.has(store.route.value.view))) && html`<${Part} store=${store} />`}
    ${store.role.value === 'observer' && html`<p class="banner"><${Icon} name="info" />
      <span>You watch: another tab talks here.</span>
      <button class="button small" onClick=${() => store.send('take_over').catch(() => {})}>Take over</button></p>`}
    ${store.problem.value && store.project.value && html`<p class="banner bad"><${Icon} name="warn" />
      <span><b>${store.problem.value.error}</b> ${store.problem.value.hint}</span>
      <button class="button small" onClick=${() => store.load()}>Try again</button></p>`}
    ${first && html`<p class="banner bad"><${Icon} name="warn" />
      <span><b>${first.file}:${first.line}</b> ${first.message}${findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''}</span>
      <button class="button small" onClick=${() => store.openPlace([first.file, first.line, first.column])}>To the line</button></p>`}
    <${Failures} store=${store} />
  </div>`;
}

const WITH_SLIDER = new Set(['graph', 'states', 'context', 'prompt', 'timeline']);

/** That only a part of the conversation is shown, and which. */
function Part({ store }) {
  store.events.version.value; // the address may know the part before the events are there
  const [from, to] = [store.since.value, store.until.value].map((seq) => seq && (atOf(store, seq) ?? 0));
  const words = from !== null && to !== null ? partOf(from, to) : `${from === null ? 'the beginning' : clock(from)} to ${to === null ? 'now' : moments(0, to)[1]}`;
  return html`<p class="banner"><${Icon} name="timeline" />
    <span>Only a part is shown: ${words}</span>
    <button class="button small" onClick=${() => store.showAll()}>All of it</button></p>`;
}

/** The newest failures, and the others when they are wanted: many take no more room than a few. */
function Failures({ store }) {
  const failures = store.failures.value;
  const forgotten = store.forgotten.value;
  const [all, showAll] = useState(false);
  const others = failures.length - FEW;
  useEffect(() => {
    if (others <= 0) showAll(false);
  }, [others]);
  if (!failures.length) return null;
  const few = all ? failures : failures.slice(-FEW);
  return html`<div class="failures" role="group" aria-label="What failed">
    ${few.toReversed().map((failure) => html`<p class="banner bad" key=${failure.id}><${Icon} name="warn" />
      <span><b>${failure.error}</b> ${failure.hint}${failure.times > 1 && html` <span class="tag bad numbers">${failure.times} times</span>`}</span>
      <button class="icon-button small" aria-label="Dismiss" onClick=${() => store.dismiss(failure.id)}><${Icon} name="close" /></button></p>`)}
    ${(others > 0 || forgotten > 0) && html`<p class="banner bad others" key="others"><span>
        ${others > 0 && html`<button class="link" aria-expanded=${all ? 'true' : 'false'} onClick=${() => showAll(!all)}>${all ? 'The newest alone' : counted(others, 'earlier failure')}</button>`}
        ${forgotten > 0 && ` ${forgotten} before them not kept any more`}</span>
      <button class="button small" onClick=${() => store.dismiss()}>Dismiss all</button></p>`}
  </div>`;
}
