// A failed expectation that is made to say what happened: the change is shown, then written, and the dialogue played again.

import { html, useLayoutEffect, useRef, useState } from '../vendor/core.js';
import { api } from '../api.js';
import { Icon } from '../icons.js';
import { shown } from '../reducing/words.js';
import { difference, folded } from '../seeing/difference.js';

const AROUND = 2; // lines above and below a change

/** `verdict.number` counts from 1. */
export function Update({ store, bench, dialogue, run, verdict, going }) {
  const [draft, setDraft] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const write = useRef(null);
  const button = useRef(null);
  useLayoutEffect(() => {
    if (draft && !busy) write.current?.focus(); // one that is disabled takes no focus
  }, [draft, busy]);
  const asked = { run, dialogue, verdict: verdict.number };
  const attempt = async (act) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  const show = () => attempt(async () => setDraft(await api('POST', 'update', asked)));
  const close = () => {
    setDraft(null);
    setProblem(null);
    requestAnimationFrame(() => button.current?.focus());
  };
  const written = () => attempt(async () => {
    const answer = await api('POST', 'update', { ...asked, write: true, etag: draft.etag });
    store.say(`Written to ${answer.file}`);
    setDraft(null);
    bench.load();
    if (answer.run) store.go('dialogues', { run: null }, true);
    else store.fail(new Error(`It is written, and was not played again: ${answer.why}`));
  });
  if (!verdict.update.can) return html`<p class="hint">It cannot be updated here: ${shown(verdict.update.why)}.</p>`;
  if (!draft) {
    return html`<div class="update"><button class="button small" ref=${button} disabled=${busy || going} onClick=${show}>Update expectation</button>
      ${problem && html`<${Problem} problem=${problem} />`}</div>`;
  }
  return html`<div class="update" role="group" aria-label="Update expectation" onKeyDown=${(press) => {
    if (press.key !== 'Escape') return;
    press.preventDefault();
    press.stopPropagation();
    close();
  }}>
    <p class="label">${draft.file}, line ${draft.line}: what happened is expected from now on</p>
    <pre class="failure-diff" tabindex="0" aria-label="The change">${folded(difference(draft.before, draft.after), AROUND).map((line, index) => (line.fold
      ? html`<span key=${index} class="fold">${'…\n'}</span>`
      : html`<span key=${index} class=${line.how}>${SIGNS[line.how]} ${shown(line.text)}${'\n'}</span>`))}</pre>
    ${problem && html`<${Problem} problem=${problem} />`}
    <div class="update-acts"><button class="button small primary" ref=${write} disabled=${busy || going} onClick=${written}>Write and play it</button>
      <button class="button small" onClick=${close}>Cancel</button></div>
  </div>`;
}

const SIGNS = { removed: '-', added: '+', same: ' ' };

function Problem({ problem }) {
  return html`<p class="make-problem" role="alert"><${Icon} name="warn" /><span><b>${problem.message}</b> ${problem.hint}</span></p>`;
}
