// Which events the log shows: filters over the list, kept up as events come, so that nothing is looked at twice.

import { html, useEffect, useMemo, useRef, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { between, logged } from './log_earlier.js';
import { counted, shown } from './reducing/words.js';
import { choose, settings } from './settings.js';

const SLICE = 5000;     // events a frame, where a filter changed
const TYPING = 150;     // ms after the last letter
const LONGEST = 20_000; // characters of a payload that a text is looked for in

const NONE = { layer: null, dir: null, types: null, agent: null, turn: null, errors: false, text: '' };
const NOISE = /^(response\.output_audio\.(delta|done)|input_audio_buffer\.(append|speech_started|speech_stopped)|Speech|Sound|Heard|output_audio_buffer\..*)$/;

const FOLDED = new Set(['Delta', 'response.output_text.delta', 'response.output_audio_transcript.delta', 'response.output_audio.delta',
  'input_audio_buffer.append', 'response.function_call_arguments.delta', 'conversation.item.input_audio_transcription.delta']);

export function isError(event) {
  return event.type === 'error' || event.type === 'ModelError' || event.type === 'Problem'
    || (event.type === 'ToolReturned' && ['failed', 'invalid', 'timed_out', 'unknown'].includes(event.data?.outcome))
    || (event.type === 'response.done' && event.data?.response?.status === 'failed')
    || event.type.endsWith('.failed');
}

function accepts(event, filters, noise, text) {
  if (!noise && NOISE.test(event.type) && filters.types === null) return false;
  if (filters.layer !== null && event.layer !== filters.layer) return false;
  if (filters.dir !== null && (event.dir ?? 'self') !== filters.dir) return false;
  if (filters.types !== null && !filters.types.has(event.type)) return false;
  if (filters.agent !== null && event.agent !== filters.agent) return false;
  if (filters.turn !== null && event.turn !== filters.turn) return false;
  if (filters.errors && !isError(event)) return false;
  if (text) {
    const hay = `${event.type} ${JSON.stringify(event.data ?? {}).slice(0, LONGEST)}`.toLowerCase();
    if (!hay.includes(text)) return false;
  }
  return true;
}

/** Rows so far, and where in the list of events they end. */
class Search {
  constructor(events, filters, noise, fold) {
    Object.assign(this, { events, filters, noise, fold, rows: [], at: 0, dropped: events.dropped, text: filters.text.trim().toLowerCase() });
  }

  /** Looks at up to `most` more events; whether there are others. */
  go(most) {
    const { list } = this.events;
    if (this.events.dropped !== this.dropped || this.at > list.length) {
      const gone = this.events.dropped - this.dropped;
      this.dropped = this.events.dropped;
      this.at = Math.max(0, Math.min(list.length, this.at - Math.max(0, gone)));
      const first = list.length ? list[0].seq : Infinity;
      this.rows = this.rows.filter((row) => row.event.seq >= first);
    }
    const end = Math.min(list.length, this.at + most);
    if (this.at === end) return false;
    const rows = this.rows.slice();
    for (; this.at < end; this.at += 1) {
      const event = list[this.at];
      if (!accepts(event, this.filters, this.noise, this.text)) continue;
      const last = rows[rows.length - 1];
      if (this.fold && last && FOLDED.has(event.type) && last.event.type === event.type && last.event.item === event.item) {
        rows[rows.length - 1] = { ...last, count: last.count + 1, last: event.seq, size: last.size + (event.size ?? 0) };
      } else rows.push({ event, count: 1, last: event.seq, error: isError(event), size: event.size ?? 0 });
    }
    this.rows = rows;
    return end < list.length;
  }
}

export function useFound(store) {
  const [filters, setFilters] = useState(NONE);
  const [, again] = useState(0);
  const version = store.events.version.value;
  const noise = settings.noise.value;
  const fold = settings.fold.value;
  const search = useRef(null);
  const frame = useRef(0);
  const events = logged(store.events);
  const { earlier } = store.events;
  const first = events.list[0];
  const origin = first && events.dropped === 0 ? first : null; // another list: another conversation, or a snapshot

  const key = useMemo(() => ({}), [filters, noise, fold, earlier]);
  const emptied = search.current && search.current.at > 0 && !first; // what was found would be kept for nothing
  if (search.current?.key !== key || emptied || (search.current.origin && origin && search.current.origin !== origin)) {
    const more = search.current && search.current.earlier !== earlier; // at once: the reader stays where they are
    search.current = new Search(events, filters, noise, fold);
    Object.assign(search.current, { key, earlier });
    if (more) search.current.go(Infinity);
  }
  search.current.events = events;
  search.current.origin ??= origin;
  const more = search.current.go(SLICE);
  useEffect(() => {
    if (!more) return undefined;
    frame.current = requestAnimationFrame(() => again((value) => value + 1));
    return () => cancelAnimationFrame(frame.current);
  });
  const whole = store.until.value === null && store.since.value === null;
  const rows = whole ? search.current.rows : search.current.rows.filter((row) => store.shows(row.event.seq));
  return {
    rows, earlier, dropped: events.dropped, list: events.list, total: events.list.length, filters, busy: more, version,
    set: (fields) => setFilters(fields === null ? NONE : (before) => ({ ...before, ...fields })),
    types: () => countedTypes(events.list),
  };
}

function countedTypes(list) {
  const counts = new Map();
  for (const event of list) counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
  return [...counts].sort((one, other) => (one[0] < other[0] ? -1 : 1));
}

export function Filters({ store, filters, set, types, shown: shownRows, total, busy, rows, list }) {
  const timer = useRef(0);
  const field = useRef(null);
  const [open, setOpen] = useState(false);
  const agents = store.scenario.value?.agents ?? [];
  const typed = (input) => {
    clearTimeout(timer.current);
    const text = input.target.value;
    timer.current = setTimeout(() => set({ text }), TYPING);
  };
  const empty = () => {
    clearTimeout(timer.current);
    field.current.value = '';
  };
  useEffect(() => {
    if (filters === NONE) empty(); // they were taken off
  }, [filters]);
  const save = () => {
    const lines = rows.flatMap((row) => between(list, row.event.seq, row.last).filter((event) => event.type === row.event.type))
      .map((event) => JSON.stringify(event)).join('\n') + '\n';
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }));
    link.download = `${store.conversation.value ?? 'events'}-filtered.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return html`<div class="toolbar log-filters" role="search" aria-label="Filter events">
    <label class="unseen" for="log-text">Text in the event</label>
    <span class="with-icon"><${Icon} name="search" /><input ref=${field} id="log-text" class="field" data-filter type="search" placeholder="Text in the event"
      defaultValue=${filters.text} onInput=${typed} onKeyDown=${(press) => {
        if (press.key === 'Escape' && press.target.value) {
          empty();
          set({ text: '' });
          press.preventDefault();
        }
      }} /></span>
    <${Pick} id="log-layer" title="Layer" value=${filters.layer} set=${(layer) => set({ layer })} options=${[['wire', 'Protocol'], ['trace', 'Meaning'], ['studio', 'Studio']]} />
    <${Pick} id="log-dir" title="Direction" value=${filters.dir} set=${(dir) => set({ dir })} options=${[['in', 'In'], ['out', 'Out'], ['self', 'Here']]} />
    ${agents.length > 1 && html`<${Pick} id="log-agent" title="Agent" value=${filters.agent} set=${(agent) => set({ agent })} options=${agents.map((agent) => [agent.id, shown(agent.name || agent.id)])} />`}
    <${Types} open=${open} setOpen=${setOpen} types=${types} value=${filters.types} set=${(value) => set({ types: value })} />
    ${filters.turn !== null && html`<button class="button small" onClick=${() => set({ turn: null })}>Turn ${filters.turn} <${Icon} name="close" size=${12} /></button>`}
    <label class="switch"><input type="checkbox" checked=${filters.errors} onChange=${(change) => set({ errors: change.target.checked })} /><span>Errors</span></label>
    <label class="switch"><input type="checkbox" checked=${settings.noise.value} onChange=${(change) => choose('noise', change.target.checked)} /><span>Audio</span></label>
    <label class="switch"><input type="checkbox" checked=${settings.fold.value} onChange=${(change) => choose('fold', change.target.checked)} /><span>Fold</span></label>
    <span class="toolbar-space"></span>
    <span class="hint numbers" aria-live="off">${shownRows === total ? counted(total, 'event') : `${shownRows.toLocaleString('en')} of ${total.toLocaleString('en')}`}${busy ? '…' : ''}</span>
    ${total > 0 && html`<button class="icon-button" aria-label="Download what is shown" title="Download what is shown (.jsonl)" onClick=${save}><${Icon} name="download" /></button>`}
  </div>`;
}

function Pick({ id, title, value, set, options }) {
  return html`<label class="unseen" for=${id}>${title}</label>
    <select id=${id} class="select" value=${value ?? ''} onChange=${(change) => set(change.target.value || null)}>
      <option value="">${title}: all</option>${options.map(([option, words]) => html`<option key=${option} value=${option}>${words}</option>`)}</select>`;
}

/** Types with their counts, several of which can be chosen. */
function Types({ open, setOpen, types, value, set }) {
  const [query, setQuery] = useState('');
  useEffect(() => {
    if (!open) return undefined;
    const close = (down) => down.target.closest('.menu-anchor') || setOpen(false);
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [open]);
  const toggle = (type) => {
    const next = new Set(value ?? []);
    if (next.has(type)) next.delete(type);
    else next.add(type);
    set(next.size ? next : null);
  };
  const list = open ? types().filter(([type]) => type.toLowerCase().includes(query.toLowerCase())) : [];
  return html`<div class="menu-anchor" onKeyDown=${(press) => {
    if (press.key !== 'Escape' || !open) return;
    press.preventDefault();
    setOpen(false);
    press.currentTarget.querySelector('button').focus();
  }}>
    <button class="button small types-button" aria-expanded=${open} onClick=${() => setOpen(!open)}>${value ? counted(value.size, 'type') : 'Types: all'} <${Icon} name="down" size=${12} /></button>
    ${open && html`<div class="menu-drop types"><input class="field" type="search" aria-label="Find a type" placeholder="Find a type" value=${query} onInput=${(input) => setQuery(input.target.value)} />
      ${value && html`<button class="link" onClick=${() => set(null)}>All types</button>`}
      <ul>${list.map(([type, count]) => html`<li key=${type}><label class="switch"><input type="checkbox" checked=${value?.has(type) ?? false} onChange=${() => toggle(type)} />
        <span>${shown(type)}</span><span class="hint numbers">${count.toLocaleString('en')}</span></label></li>`)}</ul></div>`}
  </div>`;
}
