// Who spoke when, what was called meanwhile, and where it was cut: on one axis of time, and the same as a table.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './vendor/core.js';
import { voiceOf } from './audio/voice.js';
import { Icon } from './icons.js';
import { brief, clock, shown } from './reducing/words.js';
import { LANES, lanesOf, nearest } from './seeing/lanes.js';
import { atOf, moments, partOf } from './seeing/moments.js';
import { laneBoxes, LEFT, paint } from './seeing/painting.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';
import { Choice } from './seeing/parts.js';
import { settings } from './settings.js';

const CLOSEST = 1;      // pixels a millisecond
const ROOM = 24;        // px behind the end
const DRAWN = 6;        // px from where on a press draws a range
const BEFORE_HEAD = 8;  // things that are told in words

export function View({ store }) {
  const state = store.state.value;
  const [form, setForm] = useState('lanes');
  const named = (id) => shown(store.agentName(id));
  const began = useMemo(() => soundsOf(store.events.list), [store.events.version.value]);
  const told = useMemo(() => lanesOf(state, named, began), [state, began, store.scenario.value]);
  const things = useMemo(() => Object.values(told.lanes).flat().sort((one, other) => one.at - other.at), [told]);
  if (!things.length && isNeverWhole(store)) return html`<${NeverWhole} store=${store} title="There is nobody on a timeline" />`;
  if (!things.length) {
    return html`<div class="empty"><h2>Timeline</h2><p>Connect and speak, or write: who spoke when, what was called meanwhile, and where somebody was cut off stands here on one axis.</p></div>`;
  }
  return html`<div class="view">${form === 'lanes'
    ? html`<${Lanes} store=${store} told=${told} things=${things} form=${form} setForm=${setForm} />`
    : html`<div class="toolbar"><${Form} form=${form} setForm=${setForm} /></div><${Table} store=${store} things=${things.filter((thing) => store.shows(thing.seq))} />`}</div>`;
}

function Form({ form, setForm }) {
  return html`<${Choice} name="timeline-form" label="Shown as" value=${form} onChange=${setForm} options=${[['lanes', 'Lanes'], ['table', 'Table']]} />`;
}

function useWidth(place) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => place.current && setWidth(place.current.clientWidth));
    watch.observe(place.current);
    setWidth(place.current.clientWidth);
    return () => watch.disconnect();
  }, []);
  return width;
}

function Lanes({ store, told, things, form, setForm }) {
  const canvas = useRef(null);
  const place = useRef(null);
  const width = useWidth(place);
  const [zoom, setZoom] = useState(null); // {from, scale}; null: all of it
  const voice = voiceOf(store);
  const { lanes, length } = told;
  const whole = { from: 0, scale: Math.max(0.0005, (width - LEFT - ROOM) / length) };
  const view = zoom ?? whole;
  const until = store.until.value;
  const head = until === null ? length : atOf(store, until) ?? length;
  const version = voice.lanes.version.value;
  const player = usePlayer(store, (ms) => to(ms));
  useEffect(() => {
    if (!canvas.current || !width) return undefined;
    const frame = requestAnimationFrame(() => canvas.current && paint(canvas.current, { lanes, view, length, chosen: store.selected.value, sound: soundOf(voice, store) }));
    return () => cancelAnimationFrame(frame);
  });
  settings.theme.value; // painted anew in other colours
  version;
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const again = () => setZoom((before) => before && { ...before });
    dark.addEventListener('change', again);
    return () => dark.removeEventListener('change', again);
  }, []);
  const timeAt = (event) => (event.clientX - place.current.getBoundingClientRect().left - LEFT) / view.scale + view.from;
  const to = (ms) => {
    const seq = seqAt(store, ms);
    store.showUntil(ms >= length || seq === null ? null : seq);
  };
  const since = store.since.value;
  const begin = since === null ? null : atOf(store, since) ?? 0;
  const zoomBy = (factor, at) => {
    const scale = Math.min(CLOSEST, Math.max(whole.scale, view.scale * factor));
    if (scale === whole.scale) return setZoom(null);
    const from = Math.max(0, Math.min(length - (width - LEFT - ROOM) / scale, at - ((at - view.from) * view.scale) / scale));
    return setZoom({ scale, from });
  };
  useEffect(() => {
    const wheel = (turn) => {
      turn.preventDefault();
      if (turn.ctrlKey || Math.abs(turn.deltaY) > Math.abs(turn.deltaX)) zoomBy(Math.exp(-turn.deltaY / 300), Math.max(0, timeAt(turn)));
      else setZoom({ ...view, from: Math.max(0, view.from + turn.deltaX / view.scale) });
    };
    const element = canvas.current;
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  });
  const range = useRange(store, { timeAt, length });
  const click = (press) => {
    if (range.ended()) return; // it was drawn, and is no click
    const { boxes } = laneBoxes();
    const y = press.clientY - place.current.getBoundingClientRect().top + place.current.scrollTop;
    const at = timeAt(press);
    const lane = LANES.find(([name]) => y >= boxes[name].top && y < boxes[name].top + boxes[name].height);
    const thing = lane && nearest(lanes[lane[0]], at);
    if (thing && at >= thing.at - 12 / view.scale && at <= thing.until + 60 / view.scale) store.select(thing.seq);
    if (at >= 0) to(at);
  };
  const x = LEFT + (head - view.from) * view.scale;
  const { boxes, height } = laneBoxes();
  return html`<div class="toolbar"><${Form} form=${form} setForm=${setForm} />
      <span class="time-words" aria-hidden="true">${moments(head, length, 1).join(' / ')}</span>
      ${player.ready && html`<button class="button small" onClick=${() => player.toggle(head >= length ? 0 : head)}><${Icon} name=${player.playing ? 'pause' : 'play'} />${player.playing ? 'Pause' : 'Play the recording'}</button>`}
      <span class="toolbar-space"></span>
      ${zoom && html`<button class="button small" onClick=${() => setZoom(null)}>All of it</button>`}
      <button class="icon-button small" aria-label="Closer" title="Closer" onClick=${() => zoomBy(1.6, head)}>+</button>
      <button class="icon-button small" aria-label="Farther" title="Farther" disabled=${!zoom} onClick=${() => zoomBy(1 / 1.6, head)}>−</button>
      ${begin !== null && html`<span class="tag accent">${partOf(begin, head)}</span>`}
      ${(until !== null || begin !== null) && html`<button class="button small" onClick=${() => store.showAll()}>Live</button>`}
    </div>
    <div class="lanes" ref=${place} data-seconds=${(length / 1000).toFixed(1)}>
      <canvas ref=${canvas} style=${{ height: `${height}px` }} onClick=${click} ...${range.pointer} aria-hidden="true"></canvas>
      ${begin !== null && html`<div class="range" style=${{ left: `${Math.max(LEFT, LEFT + (begin - view.from) * view.scale)}px`, width: `${Math.max(2, x - Math.max(LEFT, LEFT + (begin - view.from) * view.scale))}px`, height: `${height}px` }}></div>`}
      <ul class="lane-names" aria-hidden="true">${LANES.map(([name, words]) => html`<li key=${name} style=${{ top: `${boxes[name].top + boxes[name].height / 2 - 8}px` }}>${words}</li>`)}</ul>
      ${x >= LEFT - 6 && html`<${Head} ...${{ store, x, head, begin, length, lanes, height, things, timeAt, to, player }} />`}
      <${Legend} />
      <${Near} store=${store} things=${things.filter((thing) => since === null || thing.seq >= since)} head=${head} />
    </div>`;
}

/** A range that is drawn with the pointer: every view shows that part alone. `ended()`: whether one was drawn just now. */
function useRange(store, { timeAt, length }) {
  const drawn = useRef(null); // {x, from, moved}
  const reach = (event) => {
    const [low, high] = [drawn.current.from, timeAt(event)].sort((one, other) => one - other);
    const [first, last] = [seqFrom(store, Math.max(0, low)), seqAt(store, high)];
    if (first === null || last === null || first > last) return;
    store.since.value = first;
    store.until.value = high >= length ? null : last;
  };
  const pointer = {
    onPointerDown: (press) => {
      if (press.button === 0 && timeAt(press) >= 0) drawn.current = { x: press.clientX, from: timeAt(press), moved: false };
    },
    onPointerMove: (move) => {
      if (!drawn.current || !move.buttons) return;
      if (!drawn.current.moved && Math.abs(move.clientX - drawn.current.x) < DRAWN) return;
      if (!drawn.current.moved) move.currentTarget.setPointerCapture(move.pointerId);
      drawn.current.moved = true;
      reach(move);
    },
    onPointerCancel: () => (drawn.current = null),
  };
  const ended = () => {
    const moved = drawn.current?.moved ?? false;
    drawn.current = null;
    return moved;
  };
  return { pointer, ended };
}

function Head({ store, x, head, begin, length, lanes, height, things, timeAt, to, player }) {
  const dragging = useRef(false);
  const [from, here] = begin === null ? ['', clock(head)] : moments(begin, head);
  const words = `${here}, ${from && `range from ${from}, `}${spokenAt(lanes, head)}`;
  const keys = (press) => {
    const step = press.shiftKey ? 5000 : 1000;
    const beside = (way) => (way > 0 ? things.find((thing) => thing.at > head + 1) : things.findLast((thing) => thing.at < head - 1));
    if (press.key === 'ArrowRight') to(head + step);
    else if (press.key === 'ArrowLeft') to(Math.max(0, head - step));
    else if (press.key === 'Home') to(0);
    else if (press.key === 'End') to(length);
    else if (press.key === 'i') {
      store.since.value = seqFrom(store, head);
      if (store.since.value !== null) store.say(`Only from ${clock(head)} on is shown`);
    } else if (press.key === ' ' && player.ready) player.toggle(head >= length ? 0 : head);
    else if (press.key === ',' || press.key === '.') {
      const thing = beside(press.key === '.' ? 1 : -1);
      if (thing) {
        store.select(thing.seq);
        to(thing.at);
      }
    } else return;
    press.preventDefault();
    press.stopPropagation();
  };
  return html`<div class="head" role="slider" tabindex="0" aria-label="Moment of the conversation" aria-valuemin="0" aria-valuemax=${Math.round(length)}
    aria-valuenow=${Math.round(head)} aria-valuetext=${words} style=${{ left: `${x}px`, height: `${height}px` }} onKeyDown=${keys}
    onPointerDown=${(press) => {
      press.currentTarget.setPointerCapture(press.pointerId);
      dragging.current = true;
    }} onPointerMove=${(move) => dragging.current && to(Math.max(0, timeAt(move)))}
    onPointerUp=${() => (dragging.current = false)} onLostPointerCapture=${() => (dragging.current = false)}></div>`;
}

function Legend() {
  return html`<p class="lanes-legend hint">The hatched part was cut off and not heard. Grey behind both voices: silence of more than 1.5 s while something was looked up. Wheel: closer or farther. Draw over a part, or press i at the head, and every view shows that part alone; Escape: all of it.</p>`;
}

/** What happened last before the head, in words. */
function Near({ store, things, head }) {
  const list = things.filter((thing) => thing.at <= head).slice(-BEFORE_HEAD);
  return html`<ol class="near" aria-label="Up to this moment">${list.map((thing) => html`<li key=${`${thing.lane}${thing.seq}`} class=${thing.until >= head ? 'now' : ''}>
    <button class="link numbers" onClick=${() => store.select(thing.seq)}>${clock(thing.at, true).slice(0, -2)}</button>
    <span class="near-lane">${NAMES[thing.lane]}</span><span class="near-words">${brief(thing.words, 160)}</span></li>`)}</ol>`;
}

/** The recording of the conversation, where there is one: the head goes with it. */
function usePlayer(store, moved) {
  const sound = useRef(null);
  const [playing, setPlaying] = useState(false);
  const id = store.conversation.value;
  const list = store.events.list;
  const began = list.findLast((event) => event.type === 'RecordingBegan');
  const ended = began && list.findLast((event) => event.type === 'RecordingEnded' && event.seq > began.seq);
  const follow = useRef(moved);
  follow.current = moved;
  useEffect(() => () => sound.current?.pause(), [id]);
  const toggle = (from) => {
    if (!sound.current) {
      sound.current = new Audio(`/studio/api/conversations/${encodeURIComponent(id)}/recording.wav`);
      sound.current.ontimeupdate = () => !sound.current.paused && follow.current(began.at + sound.current.currentTime * 1000);
      sound.current.onplay = () => setPlaying(true);
      sound.current.onpause = sound.current.onended = () => setPlaying(false);
    }
    if (playing) return sound.current.pause();
    sound.current.currentTime = Math.max(0, (from - began.at) / 1000);
    return sound.current.play().catch(() => store.fail({ message: 'the recording cannot be played', hint: 'take it as a file' }));
  };
  return { ready: Boolean(ended), playing, toggle };
}

function soundOf(voice, store) {
  const { user, agent } = voice.lanes;
  const { sounds } = store.state.peek();
  const heard = new Map();
  for (const lane of agent.values()) heard.set(sounds.get(lane.index), lane);
  return (thing) => {
    if (thing.lane === 'caller') return user && thing.kind === 'spoken' && user.between(thing.at, thing.until) ? (from, to) => user.between(from, to) : null;
    const lane = heard.get(thing.item);
    return lane ? (from, to) => lane.peaks.between(from - thing.at, to - thing.at) : null;
  };
}

/** When the sound of each item began: item -> ms. */
function soundsOf(events) {
  return new Map(events.filter((event) => event.layer === 'studio' && event.type === 'Sound').map((event) => [event.data.item, event.at]));
}

/** The number of the last event up to a time. */
function seqAt(store, ms) {
  const { list } = store.events;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].at <= ms) low = middle + 1;
    else high = middle;
  }
  return low ? list[low - 1].seq : list.length ? list[0].seq : null;
}

/** The number of the first event from a time on. */
function seqFrom(store, ms) {
  return store.events.list.find((event) => event.at >= ms)?.seq ?? null;
}

function spokenAt(lanes, at) {
  const within = (thing) => at >= thing.at && at <= thing.until;
  const agent = lanes.agent.find(within);
  if (agent) return `${agent.words.split(':')[0]} speaking`;
  return lanes.caller.some(within) ? 'the caller speaking' : 'nobody speaking';
}

const NAMES = Object.fromEntries(LANES);

function Table({ store, things }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Timeline as a table"><table class="as-table">
    <thead><tr><th>From</th><th>Until</th><th>Lane</th><th>What</th><th>How</th></tr></thead>
    <tbody>${things.map((thing) => [thing, moments(thing.at, thing.until, 1)]).map(([thing, [from, until]]) => html`<tr key=${`${thing.lane}${thing.seq}`}>
      <td><button class="link" onClick=${() => store.select(thing.seq)}>${from}</button></td>
      <td class="numbers">${until}</td><td>${NAMES[thing.lane]}</td><td>${brief(thing.words, 300)}</td>
      <td>${thing.kind.replace('_', ' ')}</td></tr>`)}</tbody></table></div>`;
}
