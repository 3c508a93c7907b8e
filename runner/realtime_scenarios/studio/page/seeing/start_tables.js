// The rows with which a conversation's tables begin, to be changed before it does.

import { html, useState } from '../vendor/core.js';
import { counted, shown } from '../reducing/words.js';
import { Field, ToLine } from './parts.js';

const PAGE = 50; // rows at a time

/** What was written into a cell, as a value for a column of that SQL type; what is no number stays as it is. Pure. */
export function cellTyped(text, type) {
  if (text === '') return null;
  const number = /INT|REAL|FLOA|DOUB|NUMERIC|DECIMAL/i.test(type) && /^-?\d{1,15}(\.\d+)?$/.test(text.trim());
  return number ? Number(text) : text;
}

/** A value as its cell shows it. Pure. */
export function cellText(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The rows with one cell changed; `text` is what was written. What was not changed keeps its value. Pure. */
export function withCell(rows, index, column, text) {
  return rows.map((row, at) => (at !== index || cellText(row[column.name]) === text ? row : { ...row, [column.name]: cellTyped(text, column.type) }));
}

export function StartTables({ store, tables, problems }) {
  const { data } = store.start.value;
  // What is changed is what stands there now, which need not be drawn yet.
  const set = (table, change) => {
    const next = { ...store.start.value.data };
    const rows = change && change(next[table.name] ?? table.rows);
    if (!rows || JSON.stringify(rows) === JSON.stringify(table.rows)) delete next[table.name];
    else next[table.name] = rows;
    store.start.value = { ...store.start.value, data: next };
  };
  return tables.map((table) => html`<${StartTable} key=${table.name} store=${store} table=${table} rows=${data[table.name] ?? table.rows}
    changed=${Boolean(data[table.name])} set=${(change) => set(table, change)} problems=${problems} />`);
}

function StartTable({ store, table, rows, changed, set, problems }) {
  const [limit, setLimit] = useState(PAGE);
  const name = shown(table.name);
  const whole = problems[`data/${table.name}`];
  if (table.cut) {
    return html`<div class="block-head"><h3>${name}</h3><span class="hint">it has too many rows to be changed here</span>
      <${ToLine} store=${store} place=${table.place} what=${table.name} /></div>`;
  }
  const add = () => {
    setLimit(Math.max(limit, rows.length + 1));
    set((now) => [...now, Object.fromEntries(table.columns.map((column) => [column.name, null]))]);
  };
  return html`<div class="block-head"><h3>${name}</h3><span class="hint">${counted(rows.length, 'row')}</span>
      ${changed && html`<span class="tag accent">changed</span><button class="link" onClick=${() => set(null)}>As the file has it<span class="unseen">: ${name}</span></button>`}
      <${ToLine} store=${store} place=${table.place} what=${table.name} /></div>
    ${whole && html`<p class="bad-note">${shown(whole)}</p>`}
    <div class="wide" tabindex="0" role="region" aria-label=${`Rows of ${name}`}><table class="cells start-cells">
      <thead><tr>${table.columns.map((column) => html`<th scope="col" key=${column.name}>${shown(column.name)} <span class="hint">${shown(column.type)}</span></th>`)}<th><span class="unseen">Take out</span></th></tr></thead>
      <tbody>${rows.slice(0, limit).map((row, index) => html`<${Row} key=${index} table=${table} row=${row} index=${index} problems=${problems}
        change=${(column, text) => set((now) => withCell(now, index, column, text))} drop=${() => set((now) => now.filter((_, at) => at !== index))} />`)}</tbody></table></div>
    <div class="start-acts">${rows.length > limit && html`<button class="button small" onClick=${() => setLimit(limit + PAGE)}>${Math.min(PAGE, rows.length - limit)} more</button>`}
      <button class="button small" onClick=${add}>Add a row<span class="unseen"> to ${name}</span></button></div>`;
}

function Row({ table, row, index, problems, change, drop }) {
  const at = `data/${table.name}/${index}`;
  const of = `row ${index + 1} of ${shown(table.name)}`;
  const wrong = problems[at];
  return html`<tr>${table.columns.map((column) => {
    const problem = problems[`${at}/${column.name}`];
    const id = `cell-${table.name}-${index}-${column.name}`;
    return html`<td key=${column.name}><${Field} id=${id} aria-label=${`${shown(column.name)}, ${of}`} value=${cellText(row[column.name])} placeholder="nothing" spellcheck=${false}
      aria-invalid=${problem ? 'true' : undefined} aria-describedby=${problem ? `${id}-problem` : undefined}
      left=${(text) => change(column, text)} />${problem && html`<span class="bad-note" id=${`${id}-problem`}>${shown(problem)}</span>`}</td>`;
  })}<td><button class="button small" aria-label=${`Take out ${of}`} onClick=${drop}>Take out</button>${wrong && html`<span class="bad-note">${shown(wrong)}</span>`}</td></tr>`;
}
