// The conversation: what was said, and between it what was done. It follows the end until somebody scrolls away.

import { computed, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './vendor/core.js';
import { Approvals } from './approvals.js';
import { Composer } from './composer.js';
import { Actions, Beginning } from './conversation_parts.js';
import { End } from './following.js';
import { goOn } from './going_on.js';
import { Message, PendingMessage } from './message.js';
import { Row } from './rows.js';
import { Pieces } from './pieces.js';
import { counted } from './reducing/words.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';

const NEAR = 48;         // px from the end at which it follows
const SHOWN = 2000;      // rows
const EARLIER = 500;
const FIRST = 200;       // rows that are made at once; the others follow while the page is idle

export function View({ store }) {
  return html`<div class="view conversation">
    <${Actions} store=${store} />
    <${Transcript} store=${store} />
    <div class="dock">
      <${Approvals} store=${store} />
      <${Composer} store=${store} />
    </div>
  </div>`;
}

/** The rows that are shown, a signal that changes with them alone: an answer that grows does so in its own row. */
function rowsOf(store) {
  const made = new Map(); // key -> a row: one whose source is the same is not looked at again
  let before = [];
  return computed(() => {
    const { rows } = store.state.value;
    const now = keysOf(store).map((key) => rowOf(store, key, rows, made));
    if (now.length !== before.length || now.some((row, index) => row !== before[index])) before = now;
    return before;
  });
}

/** The keys that are shown: chat alone or everything, of the part that the slider and the timeline say. */
function keysOf(store) {
  const { order, items, rows } = store.state.value;
  const execution = store.settings.execution.value;
  return order.filter((key) => {
    const item = key.startsWith('i:') ? items.get(key.slice(2)) : null;
    if (item) return isShown(item) && store.shows(item.seq);
    const row = rows.get(key);
    return (execution || row.kind === 'error') && store.shows(row.seq);
  });
}

/** Calls and their outputs are items of the model's memory, too; they are shown as rows. */
function isShown(item) {
  return item.role === 'user' || item.role === 'assistant' || (item.role === 'system' && item.text);
}

/** The number from which on a row is there. */
function seqOf(state, { key, source }) {
  return key === source ? state.items.get(key.slice(2)).seq : source.seq;
}

function Transcript({ store }) {
  const ref = useRef(null);
  const conversation = store.conversation.value;
  const rows = useMemo(() => rowsOf(store), [store, conversation]).value; // of one that was left nothing is kept
  const pieces = useMemo(() => new Pieces(), [conversation]);
  const [limit, setLimit] = useState(SHOWN);
  const [left, setLeft] = useState(null); // the number up to which was read when the end was left; null: it is followed
  const read = useRef(0);
  const end = useMemo(() => new End(NEAR, (followed) => setLeft(followed ? null : read.current)), []);
  const unseen = left === null ? 0 : rows.filter((row) => seqOf(store.state.peek(), row) > left).length;
  const [grown, setGrown] = useState(FIRST);
  const shown = rows.slice(-Math.min(limit, grown));
  const pending = store.pending.value;
  const sent = useRef(0);
  const kept = useRef(null); // {row, y}: what stays in its place although there is more above it

  const toEnd = () => ref.current && end.to(ref.current); // null: another view is shown since

  useLayoutEffect(() => {
    const box = ref.current;
    if (kept.current?.row.isConnected) {
      box.scrollTop += kept.current.row.getBoundingClientRect().top - kept.current.y;
      end.leave(box);
    }
    kept.current = null;
    end.pin(box);
    if (end.followed) read.current = store.state.peek().seq;
  });

  useEffect(() => {
    const box = ref.current;
    // an answer grows in its own row: nothing here is rendered then, but the content is taller
    const taller = new ResizeObserver(() => box.isConnected && end.pin(box));
    taller.observe(box);
    taller.observe(box.firstElementChild);
    return () => taller.disconnect();
  }, []);

  useEffect(() => {
    if (pending.length > sent.current) toEnd();
    sent.current = pending.length;
  }, [pending.length]);

  useEffect(() => {
    if (grown >= Math.min(limit, rows.length)) return undefined;
    const later = setTimeout(() => more(limit, grown + EARLIER), 30);
    return () => clearTimeout(later);
  });

  /** Makes so many rows, above those that are there. */
  const more = (most, rows) => {
    const row = end.followed ? null : ref.current.querySelector('[data-seq]');
    kept.current = row && { row, y: row.getBoundingClientRect().top };
    setLimit(most);
    setGrown(rows);
  };

  useSelected(store, ref, end, shown.length);
  useTurns(ref, end);

  const hasAnything = rows.length || pending.length;
  return html`<div class="transcript-frame">
    <div ref=${ref} class="transcript" role="log" aria-live="off" aria-label="What was said" tabindex="0" data-pane
      onScroll=${() => ref.current && end.look(ref.current)} onScrollEnd=${() => ref.current && end.look(ref.current, true)}>
      <div class="transcript-inner">
        ${!hasAnything && html`<${Beginning} store=${store} />`}
        ${rows.length > limit && html`<button class="button small earlier" onClick=${() => {
          end.leave(ref.current);
          more(limit + EARLIER, limit + EARLIER);
        }}>Show ${Math.min(EARLIER, rows.length - limit)} earlier of ${counted(rows.length - limit, 'row')}</button>`}
        ${pieces.of(shown)}
        ${pending.map((one, index) => html`<${PendingMessage} key=${'p' + index} text=${one.text} />`)}
        ${store.restarted.value && html`<${Restarted} store=${store} />`}
      </div>
    </div>
    ${unseen > 0 && html`<button class="button small to-end" onClick=${toEnd}>${unseen} new, to the end</button>`}
  </div>`;
}

function rowOf(store, key, rows, made) {
  const isItem = key.startsWith('i:');
  const source = isItem ? key : rows.get(key);
  const before = made.get(key);
  if (before && before.source === source) return before;
  const vnode = isItem
    ? html`<${Message} key=${key} store=${store} id=${key.slice(2)} />`
    : html`<${Row} key=${key} store=${store} row=${source} />`;
  const row = { key, source, vnode, height: isItem ? 72 : 36 };
  made.set(key, row);
  return row;
}

/** Brings the row of the selected event into sight. */
function useSelected(store, ref, end, count) {
  const seq = store.selected.value;
  const done = useRef(null);
  useEffect(() => {
    const box = ref.current;
    for (const marked of box.querySelectorAll('.selected')) marked.classList.remove('selected');
    if (seq === null) return;
    let best = null;
    for (const row of box.querySelectorAll('[data-seq]')) {
      if (Number(row.dataset.seq) <= seq) best = !best || Number(row.dataset.seq) >= Number(best.dataset.seq) ? row : best;
    }
    if (!best) return;
    best.classList.add('selected');
    if (done.current === seq) return;
    done.current = seq;
    end.leave(box);
    best.scrollIntoView({ block: 'nearest' });
  }, [seq, count]);
}

/** `[` and `]` go from turn to turn: to the heading of what the caller said. */
function useTurns(ref, end) {
  useEffect(() => {
    const go = (event) => {
      const headings = [...ref.current.querySelectorAll('.message.user')];
      if (!headings.length) return;
      const top = ref.current.getBoundingClientRect().top;
      const here = document.activeElement?.closest?.('.message.user');
      let index = here ? headings.indexOf(here) : headings.findIndex((one) => one.getBoundingClientRect().bottom > top + 8);
      if (here || event.detail < 0) index += event.detail;
      index = Math.min(headings.length - 1, Math.max(0, index < 0 && event.detail > 0 ? headings.length - 1 : index));
      end.leave(ref.current);
      headings[index].scrollIntoView({ block: 'start' });
      headings[index].focus({ preventScroll: true });
    };
    document.addEventListener('studio:turn', go);
    return () => document.removeEventListener('studio:turn', go);
  }, []);
}

const OVER = {
  restarted: ['Server restarted', 'The model’s session is gone. What was said stays here until you leave.'],
  gone: ['Ended by the server', 'Nobody was there for a while, or it was ended elsewhere. What was said stays here until you leave.'],
};

function Restarted({ store }) {
  const { at, why } = store.restarted.value;
  const [title, text] = OVER[why];
  return html`<div class="restarted" role="group" aria-label=${title}>
    <p class="rule-with-words"><span>${title} ${at.toLocaleTimeString([], { hour12: false })}</span></p>
    <p class="hint">${text}</p>
    ${isNeverWhole(store) ? html`<${NeverWhole} store=${store} title="It cannot go on" />`
    : html`<button class="button primary" onClick=${() => goOn(store)}>Start again from here</button>
      <button class="button" onClick=${() => store.renew()}>New conversation</button>`}
  </div>`;
}
