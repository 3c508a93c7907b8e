// A scenario that has had mistakes from the beginning: why a view of it shows nothing, and the way to each line.

import { html } from '../vendor/core.js';
import { counted, shown } from '../reducing/words.js';

const FEW = 5; // mistakes

/** Whether nobody can talk to the scenario, since there has never been one without mistakes. */
export const isNeverWhole = (store) => store.scenario.value?.can_talk === false;

/** `title` says what cannot be shown or done. */
export function NeverWhole({ store, title }) {
  const { file, findings } = store.scenario.value;
  const errors = findings.filter((finding) => finding.severity === 'error');
  const others = errors.length - FEW;
  return html`<div class="empty never-whole"><h2>${title}</h2>
    <p>${shown(file)} has ${errors.length === 1 ? 'a mistake' : 'mistakes'}, and has had ${errors.length === 1 ? 'one' : 'some'} since the studio was started. Once it is mended and saved, it is here.</p>
    <ul class="mistakes">${errors.slice(0, FEW).map((finding) => html`<li key=${`${finding.file}:${finding.line}:${finding.column} ${finding.message}`}>
      <p><b>${shown(finding.file)}:${finding.line}:${finding.column}</b> ${shown(finding.message)}</p>
      ${finding.hint && html`<p class="hint">${shown(finding.hint)}</p>`}
      <button class="button small" onClick=${() => store.openPlace([finding.file, finding.line, finding.column])}>To line ${finding.line}</button></li>`)}</ul>
    ${others > 0 && html`<p class="hint">and ${counted(others, 'other')}</p>`}</div>`;
}
