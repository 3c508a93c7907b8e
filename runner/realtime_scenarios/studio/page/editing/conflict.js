// A file that was changed beneath: both texts, and what to do. Nothing is lost by closing the dialog.

import { html, useEffect, useMemo, useRef, useState } from '../vendor/core.js';
import { counted } from '../reducing/words.js';
import { rowsOf, shortened } from './diff.js';

const SIGNS = { same: ' ', old: '−', new: '+' };
const WORDS = { same: '', old: 'on disk: ', new: 'yours: ' };

export function Difference({ before, after }) {
  const rows = useMemo(() => shortened(rowsOf(before, after)), [before, after]);
  return html`<div class="difference" tabindex="0" role="group" aria-label="Differences">
    ${rows.map((row, index) => row.kind === 'gap'
      ? html`<p class="difference-gap" key=${index}>${counted(row.count, 'equal line')}</p>`
      : html`<p class=${`difference-row ${row.kind}`} key=${index}><span class="difference-number">${row.left ?? row.right}</span>
        <span aria-hidden="true">${SIGNS[row.kind]}</span><span class="difference-text"><span class="unseen">${WORDS[row.kind]}</span>${row.text || ' '}</span></p>`)}
  </div>`;
}

export function Conflict({ buffer, onDone, onFail }) {
  const dialog = useRef(null);
  const [busy, setBusy] = useState(false);
  const { theirs, etag } = buffer.conflict.value;
  const close = () => {
    buffer.conflict.value = null;
    onDone();
  };
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const overwrite = async () => {
    setBusy(true);
    try {
      if (await buffer.save(etag)) onDone('saved');
    } catch (error) {
      onFail(error);
    }
    setBusy(false);
  };
  const take = () => {
    buffer.take({ text: theirs, etag });
    buffer.look(0);
    onDone('taken');
  };
  return html`<dialog class="dialog conflict" ref=${dialog} aria-labelledby="conflict-title" onClose=${close}
    onCancel=${close}>
    <header class="dialog-head"><h2 id="conflict-title">${buffer.name} was changed by somebody else</h2>
      <p>Since you opened it, another program has saved it. Here is what saving yours would do to it.</p></header>
    <${Difference} before=${theirs} after=${buffer.text.value} />
    <footer class="dialog-foot">
      <button class="button" onClick=${close} autofocus>Go on editing</button>
      <span class="toolbar-space"></span>
      <button class="button" onClick=${take}>Take what is on disk</button>
      <button class="button danger" onClick=${overwrite} disabled=${busy}>Overwrite it with mine</button>
    </footer>
  </dialog>`;
}
