// One thing that was said: who, when, what of it came to the ear, and what was made of it. Renders with its item alone.

import { html, useState } from './vendor/core.js';
import { CopyButton } from './copying.js';
import { Icon } from './icons.js';
import { Markdown, heardLength, spokenLength } from './markdown.js';
import { clock, duration, shown, straight } from './reducing/words.js';

const USER_STATES = {
  listening: 'Listening',
  transcribing: 'Writing down',
  failed: 'Could not be written down',
  unclear: 'Nothing could be made out',
  lost: 'Never written down',
  open: 'Not written down yet when this file was made',
};
/** An answer without a word of it. */
const WORDLESS = { done: 'Nothing was said', lost: 'No answer came', open: 'Not answered yet when this file was made' };
/** An answer with some words of it, of which the others did not come. */
const UNFINISHED = { lost: 'Never finished', open: 'Still being said when this file was made' };
const ENDINGS = { cancelled: 'Cancelled', incomplete: 'Incomplete', failed: 'Failed' };

export function Message({ store, id }) {
  const item = store.item(id).value;
  if (!item) return null;
  return item.role === 'user' ? html`<${Caller} store=${store} item=${item} />` : html`<${Agent} store=${store} item=${item} />`;
}

function Head({ store, item, name, near }) {
  return html`<div class="message-top"><h2 class="message-head"><button class="message-who" title="Show the event" onClick=${() => store.select(item.seq)}>${name}</button>
    <time class="message-time" title=${wallClock(store, item.at)}>${clock(item.at)}</time></h2>
    ${near && html`<span class="message-acts">
      ${item.text && html`<${CopyButton} label="Copy what was said" text=${() => item.text} />`}
      ${item.role === 'user' && html`<${TurnActs} store=${store} item=${item} />`}
    </span>`}</div>`;
}

/** Whether the pointer or the focus has come to a message: what one can do with it is made then, or a long talk is slow. */
function useNear() {
  const [near, setNear] = useState(false);
  return [near, { onPointerEnter: () => setNear(true), onFocusIn: () => setNear(true) }];
}

/** The wall clock of a moment of the conversation, where the project says when it began. */
function wallClock(store, at) {
  const began = store.began?.value;
  return began ? new Date(began + at).toLocaleTimeString() : `${duration(at)} after the beginning`;
}

function Caller({ store, item }) {
  const state = USER_STATES[item.status];
  const [near, comes] = useNear();
  return html`<article class=${`message user ${item.deleted ? 'deleted' : ''}`} data-seq=${item.seq} data-item=${item.id} tabindex="-1" ...${comes}>
    <${Head} store=${store} item=${item} name="Caller" near=${near} />
    <div class="bubble">
      ${item.showed && html`<p class="picture"><${Icon} name="image" /> ${shown(item.image ?? 'A picture')}</p>`}
      ${item.text ? html`<div class="said" dir="auto">${straight(item.text)}</div>` : state && html`<div class="said state">${state}${item.status === 'listening' || item.status === 'transcribing' ? '…' : ''}</div>`}
      ${!item.text && !state && !item.showed && html`<div class="said state">Nothing was said</div>`}
    </div>
    <${Foot} store=${store} item=${item} />
  </article>`;
}

/** How much of the answer came to the ear, as a length of its plain text, and what becomes of the rest. */
function ear(store, item) {
  if (item.cut) {
    const { ms, ofMs, text } = item.heard ?? {};
    if (text !== null && text !== undefined) return { upto: heardLength(text), rest: 'unheard' };
    if (ms != null && ofMs) return { upto: spokenLength(item.text, ms / ofMs), rest: 'unheard' };
    return { upto: null, rest: 'unheard' };
  }
  const playing = store.playing.value;
  if (playing && playing.item === item.id && store.settings.text.value === 'voice' && playing.ofMs) {
    return { upto: spokenLength(item.text, playing.ms / playing.ofMs), rest: 'unsaid' };
  }
  return { upto: null, rest: 'unsaid' };
}

function Agent({ store, item }) {
  const { upto, rest } = ear(store, item);
  const [near, comes] = useNear();
  const name = item.role === 'system' ? 'System' : shown(store.agentName(item.agent)) || 'Agent';
  return html`<article class=${`message agent ${item.deleted ? 'deleted' : ''} ${item.phase === 'commentary' ? 'aside' : ''}`} data-seq=${item.seq} data-item=${item.id} tabindex="-1" ...${comes}>
    <${Head} store=${store} item=${item} name=${name} near=${near} />
    ${item.text ? html`<${Markdown} text=${item.text} upto=${upto} rest=${rest} />` : html`<div class="prose state">${WORDLESS[item.status] ?? 'Thinking…'}</div>`}
    <${Foot} store=${store} item=${item} />
  </article>`;
}

function Foot({ store, item }) {
  const tags = [];
  if (item.cut) tags.push(html`<span class="tag warn" key="cut"><${Icon} name="cut" />${cutWords(item)}</span>`);
  if (item.ending && !(item.cut && item.ending === 'cancelled')) {
    tags.push(html`<span class=${`tag ${item.ending === 'failed' ? 'bad' : 'warn'}`} key="end">${ENDINGS[item.ending] ?? shown(item.ending)}${item.error ? `: ${item.error}` : ''}</span>`);
  }
  if (item.status === 'failed' && item.error) tags.push(html`<span class="tag bad" key="error">${item.error}</span>`);
  if (item.role !== 'user' && item.text && UNFINISHED[item.status]) tags.push(html`<span class="tag warn" key="unfinished">${UNFINISHED[item.status]}</span>`);
  if (item.phase === 'commentary') tags.push(html`<span class="tag" key="phase">While it works</span>`);
  if (item.deleted) tags.push(html`<span class="tag warn" key="gone">Taken out of the model’s memory</span>`);
  for (const check of item.checks) tags.push(html`<${Check} key=${check.guardrail} store=${store} check=${check} />`);
  return tags.length > 0 && html`<footer class="message-foot">${tags}</footer>`;
}

function cutWords(item) {
  const { ms, ofMs, text } = item.heard ?? {};
  if (ms === 0 || (!ms && text === '')) return 'Not heard'; // of the first word one may have heard a part
  const seconds = (time) => `${(time / 1000).toFixed(1)} s`;
  if (ms != null && ofMs) return `Cut off, heard ${seconds(ms)} of ${seconds(ofMs)}`;
  return ms != null ? `Cut off, heard ${seconds(ms)}` : 'Cut off';
}

const CHECKS = {
  pending: ['', 'clock', 'is being checked'],
  pass: ['ok', 'shield', 'passed'],
  fail: ['bad', 'shield', 'stopped it'],
  lost: ['warn', 'clock', 'was not checked to the end'],
  open: ['warn', 'clock', 'was being checked when this file was made'],
};

function Check({ store, check }) {
  const [kind, icon, words] = CHECKS[check.status] ?? CHECKS.pending;
  const why = [check.category, check.reason].filter(Boolean).join(': ');
  return html`<button class=${`tag check ${kind}`} title=${why || undefined} onClick=${() => store.select(check.seq)}>
    <${Icon} name=${icon} />${shown(check.guardrail)} ${words}${check.status === 'fail' && check.category ? `, ${shown(check.category)}` : ''}</button>`;
}

/** What one can do from a turn: go back to before it, or try another way from there beside it. */
function TurnActs({ store, item }) {
  const off = store.role.value === 'observer' || store.restarted.value;
  if (off || !item.turn) return null;
  return html`<button class="icon-button small" aria-label="Go back to before this" title="Go back to before this"
      onClick=${() => store.send('undo', { turn: item.turn - 1 }).catch(() => {})}><${Icon} name="undo" /></button>
    <button class="icon-button small" aria-label="Another way from here" title="Another way from here, in a conversation of its own"
      onClick=${() => fork(store, item)}><${Icon} name="fork" /></button>`;
}

/** Another way from an item: a conversation of its own, in this tab. */
async function fork(store, item) {
  const answer = await store.send('fork', { seq: item.seq }).catch(() => null);
  if (!answer?.id) return;
  store.attach(answer.id);
  store.go('conversation', { c: answer.id, event: null });
}

export function PendingMessage({ text }) {
  return html`<article class="message user"><h2 class="message-head"><span class="message-who">Caller</span><span class="message-time">sending</span></h2>
    <div class="bubble"><div class="said" dir="auto">${text}</div></div></article>`;
}
