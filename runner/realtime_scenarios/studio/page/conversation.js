// The conversation: what was said, and between it what was done. It follows the end until somebody scrolls up.

import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/core.js';
import { Approvals } from './approvals.js';
import { Composer } from './composer.js';
import { Actions, Beginning } from './conversation_parts.js';
import { Message, PendingMessage } from './message.js';
import { Row } from './rows.js';
import { counted } from './reducing/words.js';

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

function Transcript({ store }) {
  const ref = useRef(null);
  const made = useRef(new Map()); // key -> {source, vnode}: a vnode that is the same is not looked at again
  const follow = useRef(true);
  const [limit, setLimit] = useState(SHOWN);
  const [unseen, setUnseen] = useState(0);
  const keys = keysOf(store);
  const counts = useRef(keys.length);
  const [grown, setGrown] = useState(FIRST);
  const shown = keys.slice(-Math.min(limit, grown));
  const pending = store.pending.value;

  const toEnd = () => {
    if (!ref.current) return; // another view is shown since
    follow.current = true;
    setUnseen(0);
    ref.current.scrollTop = ref.current.scrollHeight;
  };

  useLayoutEffect(() => {
    const more = keys.length - counts.current;
    counts.current = keys.length;
    if (follow.current) ref.current.scrollTop = ref.current.scrollHeight;
    else if (more > 0) setUnseen((count) => count + more);
  });

  useEffect(() => {
    const box = ref.current;
    // an answer grows in its own row: nothing here is rendered then, but the content is taller
    const grown = new ResizeObserver(() => {
      if (follow.current && box.isConnected) box.scrollTop = box.scrollHeight;
    });
    grown.observe(box);
    grown.observe(box.firstElementChild);
    return () => grown.disconnect();
  }, []);

  useEffect(() => {
    if (pending.length) toEnd();
  }, [pending.length]);

  useEffect(() => {
    if (grown >= Math.min(limit, keys.length)) return undefined;
    const later = setTimeout(() => setGrown((rows) => rows + EARLIER), 30);
    return () => clearTimeout(later);
  });

  useSelected(store, ref, follow, shown.length);
  useTurns(ref, follow);

  const scrolled = () => {
    const box = ref.current;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (atEnd && !follow.current) {
      follow.current = true;
      setUnseen(0);
    }
  };
  const away = (up) => {
    const box = ref.current;
    if (up && box.scrollHeight > box.clientHeight) follow.current = false;
  };

  const hasAnything = keys.length || pending.length;
  return html`<div class="transcript-frame">
    <div ref=${ref} class="transcript" role="log" aria-live="off" aria-label="What was said" tabindex="0" data-pane
      onScroll=${scrolled} onWheel=${(wheel) => away(wheel.deltaY < 0)} onTouchMove=${() => away(true)}
      onPointerDown=${(down) => away(down.offsetX > ref.current.clientWidth)}
      onKeyDown=${(press) => away(['ArrowUp', 'PageUp', 'Home'].includes(press.key))}>
      <div class="transcript-inner">
        ${!hasAnything && html`<${Beginning} store=${store} />`}
        ${keys.length > limit && html`<button class="button small earlier" onClick=${() => {
          follow.current = false;
          setLimit(limit + EARLIER);
          setGrown(limit + EARLIER);
        }}>Show ${Math.min(EARLIER, keys.length - limit)} earlier of ${counted(keys.length - limit, 'row')}</button>`}
        ${shown.map((key) => vnodeOf(store, key, made.current))}
        ${pending.map((one, index) => html`<${PendingMessage} key=${'p' + index} text=${one.text} />`)}
        ${store.restarted.value && html`<${Restarted} store=${store} />`}
      </div>
    </div>
    ${unseen > 0 && html`<button class="button small to-end" onClick=${toEnd}>${unseen} new, to the end</button>`}
  </div>`;
}

function vnodeOf(store, key, made) {
  const isItem = key.startsWith('i:');
  const source = isItem ? key : store.state.value.rows.get(key);
  const before = made.get(key);
  if (before && before.source === source) return before.vnode;
  const vnode = isItem
    ? html`<${Message} key=${key} store=${store} id=${key.slice(2)} />`
    : html`<${Row} key=${key} store=${store} row=${source} />`;
  made.set(key, { source, vnode });
  return vnode;
}

/** Brings the row of the selected event into sight. */
function useSelected(store, ref, follow, count) {
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
    follow.current = false;
    best.scrollIntoView({ block: 'nearest' });
  }, [seq, count]);
}

/** `[` and `]` go from turn to turn: to the heading of what the caller said. */
function useTurns(ref, follow) {
  useEffect(() => {
    const go = (event) => {
      const headings = [...ref.current.querySelectorAll('.message.user')];
      if (!headings.length) return;
      const top = ref.current.getBoundingClientRect().top;
      const here = document.activeElement?.closest?.('.message.user');
      let index = here ? headings.indexOf(here) : headings.findIndex((one) => one.getBoundingClientRect().bottom > top + 8);
      if (here || event.detail < 0) index += event.detail;
      index = Math.min(headings.length - 1, Math.max(0, index < 0 && event.detail > 0 ? headings.length - 1 : index));
      follow.current = false;
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
    <button class="button primary" onClick=${() => store.goOn()}>Start again from here</button>
    <button class="button" onClick=${() => store.renew()}>New conversation</button>
  </div>`;
}
