// Every event of both sides, 50,000 of them: rows of one height, of which only those in sight are made.

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from './vendor/core.js';
import { copy } from './copying.js';
import { End } from './following.js';
import { Icon } from './icons.js';
import { Earlier } from './log_earlier.js';
import { Filters, useFound } from './log_filters.js';
import { clock, counted, shown, size } from './reducing/words.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';

const ROW = 24;      // px
const HEAD = 28;     // px, which stays above the rows
const BEYOND = 12;   // rows above and below what is in sight
const NEAR = 2;      // rows from the end at which it follows

export function View({ store }) {
  const { rows, earlier, dropped, list, total, filters, set, types, busy } = useFound(store);
  return html`<div class="view log">
    <${Filters} store=${store} filters=${filters} set=${set} types=${types} shown=${rows.length} total=${total} busy=${busy} rows=${rows} list=${list} />
    <${Earlier} store=${store} />
    ${total === 0 && isNeverWhole(store) ? html`<${NeverWhole} store=${store} title="There are no events" />`
      : total === 0 ? html`<div class="empty"><h2>Nothing yet</h2><p>Connect to see what the two sides say.</p></div>`
      : rows.length === 0
        ? html`<div class="empty"><h2>No event is like that</h2><p>${counted(total, 'event')} ${total === 1 ? 'is' : 'are'} behind the filters.</p>
            <button class="button" onClick=${() => set(null)}>Take the filters off</button></div>`
        : html`<${Grid} store=${store} rows=${rows} earlier=${earlier} dropped=${dropped} filters=${filters} set=${set} />`}
  </div>`;
}

/** A row is an event, or several of one kind and item that follow one another: {event, count, last}. */
function Grid({ store, rows, earlier, dropped, filters, set }) {
  const box = useRef(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [place, setAt] = useState(Math.max(0, rows.length - 1));
  const at = Math.min(place, rows.length - 1); // a filter may have left fewer
  const [unseen, setUnseen] = useState(0);
  const end = useMemo(() => new End(NEAR * ROW, (followed) => followed && setUnseen(0)), []);
  const count = useRef(rows.length);
  const told = useRef({ earlier, dropped, rows }); // what was asked of the server, what has left the page, and the rows that there were
  const held = useRef(false); // whether the grid has the focus
  const selected = store.selected.value;

  useLayoutEffect(() => {
    let more = rows.length - count.current;
    count.current = rows.length;
    const before = told.current;
    if (earlier !== before.earlier || dropped !== before.dropped) { // there are others above: what is seen stays in its place
      const moved = (index) => indexOf(before.rows[Math.min(index, before.rows.length - 1)].event.seq);
      more = rows.length - 1 - moved(before.rows.length - 1);
      setAt(moved);
      if (!end.followed) {
        const { scrollTop: now, scrollHeight, clientHeight } = box.current;
        const scrollTop = now + clientHeight < scrollHeight - 1 ? now : Math.max(now, end.top); // fewer rows may have put it higher
        box.current.scrollTop = moved(Math.floor(scrollTop / ROW)) * ROW + (scrollTop % ROW);
        end.leave(box.current);
      }
    }
    told.current = { earlier, dropped, rows };
    end.pin(box.current);
    if (end.followed) {
      if (at !== rows.length - 1 && !held.current) setAt(rows.length - 1);
    } else if (more > 0) setUnseen((value) => value + more);
  }, [rows]);

  useEffect(() => {
    const seen = new ResizeObserver(() => box.current && setHeight(box.current.clientHeight - HEAD));
    seen.observe(box.current);
    return () => seen.disconnect();
  }, []);

  const indexOf = (seq) => {
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rows[middle].event.seq <= seq) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const show = (index) => {
    const box_ = box.current;
    const y = index * ROW;
    if (y < box_.scrollTop) box_.scrollTop = y;
    else if (y + ROW > box_.scrollTop + box_.clientHeight - HEAD) box_.scrollTop = y + ROW + HEAD - box_.clientHeight;
  };

  useEffect(() => {
    if (selected === null) return;
    const index = indexOf(selected);
    end.leave(box.current);
    setAt(index);
    show(index);
  }, [selected]);

  const go = (index) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setAt(next);
    if (next === rows.length - 1) return end.to(box.current);
    end.leave(box.current);
    return show(next);
  };

  const toEnd = () => {
    setAt(rows.length - 1);
    end.to(box.current);
  };

  const nextError = (step) => {
    for (let index = at + step; index >= 0 && index < rows.length; index += step) if (rows[index].error) return go(index);
    return store.say('No more errors that way');
  };

  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const moves = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: rows.length - 1 };
  const keys = (press) => {
    if (press.ctrlKey || press.altKey || press.metaKey) return;
    if (press.key in moves) go(moves[press.key]);
    else if (press.key === 'Enter') store.select(rows[at].event.seq);
    else if (!store.settings.keys.value) return;
    else if (press.key === 'c') copy(JSON.stringify(rows[at].event, null, 2));
    else if (press.key === 'n' || press.key === 'p') nextError(press.key === 'n' ? 1 : -1);
    else if (press.key === 't') set({ turn: filters.turn === null ? rows[at].event.turn : null });
    else return;
    press.preventDefault();
    press.stopPropagation();
  };

  const scrolled = () => {
    if (!box.current) return; // the view was left in the meantime
    setTop(box.current.scrollTop);
    end.look(box.current);
  };

  const first = Math.max(0, Math.min(Math.floor(top / ROW), rows.length - 1) - BEYOND);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW) + BEYOND);
  const sight = [];
  for (let index = first; index < last; index += 1) sight.push(index);
  if (at < first || at >= last) sight.push(at); // what has the focus is always there
  return html`<div class="log-frame"><div ref=${box} class="log-grid log-box" role="grid" aria-label="Events" aria-rowcount=${rows.length + 1} aria-colcount="6"
      tabindex="0" aria-activedescendant=${`log-${at}`} data-pane onKeyDown=${keys}
      onFocus=${() => (held.current = true)} onBlur=${() => (held.current = false)}
      onScroll=${scrolled} onScrollEnd=${() => box.current && end.look(box.current, true)}>
      <div class="log-head" role="row" aria-rowindex="1">
        ${['', 'Event', 'Agent', 'Turn', 'Time', 'Size'].map((title, index) => html`<span role="columnheader" key=${index}>${title || html`<span class="unseen">Direction</span>`}</span>`)}
      </div>
      <div class="log-all" role="rowgroup" style=${{ height: `${rows.length * ROW}px` }}>
        ${sight.map((index) => html`<${Line} key=${index} store=${store} row=${rows[index]} index=${index} at=${index === at}
          selected=${selected !== null && rows[index].event.seq <= selected && selected <= rows[index].last} choose=${() => {
            setAt(index);
            store.select(rows[index].event.seq);
          }} />`)}
      </div></div>
    ${unseen > 0 && html`<button class="button small to-end" onClick=${toEnd}>${counted(unseen, 'new event')}, to the end</button>`}
  </div>`;
}

const DIRECTIONS = { in: 'in', out: 'out', self: 'here' };

function Line({ store, row, index, at, selected, choose }) {
  const { event, count, error } = row;
  const direction = DIRECTIONS[event.dir] ?? 'here';
  return useMemo(() => html`<div id=${`log-${index}`} role="row" aria-rowindex=${index + 2} aria-selected=${selected}
      class=${`log-row ${at ? 'at' : ''} ${selected ? 'selected' : ''} ${error ? 'bad' : ''} dir-${direction} layer-${event.layer}`}
      style=${{ top: `${index * ROW}px` }} onClick=${choose}>
    <span role="gridcell" class="log-dir">${direction}</span>
    <span role="gridcell" class="log-type">${error && html`<${Icon} name="fail" size=${12} />`}${shown(event.type)}${count > 1 && html` <span class="log-count">× ${count}</span>`}</span>
    <span role="gridcell" class="log-agent">${event.agent ? shown(store.agentName(event.agent)) : ''}</span>
    <span role="gridcell" class="log-turn">${event.turn}</span>
    <span role="gridcell" class="log-time">${clock(event.at, true)}</span>
    <span role="gridcell" class="log-size">${size(row.size)}</span>
  </div>`, [event, count, at, selected, index]);
}
