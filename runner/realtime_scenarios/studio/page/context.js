// The variables and tables of the conversation, before and after the step that is looked at; before it begins, with what.

import { html, useState } from './vendor/core.js';
import { brief, clock, counted, shown } from './reducing/words.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';
import { differences, upTo, values } from './seeing/history.js';
import { cellsOf, changesOf, tableAt } from './seeing/tables.js';
import { Choice } from './seeing/parts.js';
import { Slider } from './seeing/slider.js';
import { StartValues } from './seeing/start_values.js';
import { Tree } from './tree.js';

const PAGE = 200; // rows of a table at a time
const HOW = { changed: '~ changed', new: '+ new', gone: '- gone', same: '= same' };

export function View({ store }) {
  const scenario = store.scenario.value;
  const state = store.state.value;
  const [over, setOver] = useState('step');
  if (!scenario) return html`<div class="empty"><h2>Context</h2><p>There is no scenario.</p></div>`;
  if (isNeverWhole(store) && !store.conversation.value) return html`<${NeverWhole} store=${store} title="The context cannot be shown" />`;
  const declared = scenario.context ?? {};
  const until = store.until.value ?? store.selected.value;
  const began = !store.conversation.value || state.line === 'off';
  const step = lastStep(state, until);
  const since = store.since.value;
  const first = since !== null ? since - 1 : over === 'start' ? 0 : step ? (over === 'turn' ? turnStart(state, step.turn) : step.seq - 1) : 0;
  const given = store.start.value.context;
  const before = values(state, first, declared, given);
  const after = values(state, until, declared, given);
  return html`<div class="view">
    <div class="toolbar">
      ${since !== null ? html`<span class="hint">Compared with the beginning of the range</span>`
      : html`<${Choice} name="context-over" label="Compared with" value=${over} onChange=${setOver}
        options=${[['step', 'Last change'], ['turn', 'Its turn'], ['start', 'The start']]} />`}
      <span class="toolbar-space"></span>
      ${step && html`<button class="to-line" onClick=${() => store.select(step.seq, 'log')}>event ${step.seq}, turn ${step.turn}, ${clock(step.at)}</button>`}
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="Context and data">
      ${began && html`<${StartValues} store=${store} declared=${declared} />`}
      ${(!began || step) && html`<${Variables} store=${store} rows=${differences(before, after)} declared=${declared} step=${step} />`}
      <${Tables} snapshots=${state.dataChanges} first=${first} until=${until} />
    </div>
    <${Slider} store=${store} />
  </div>`;
}

function lastStep(state, until) {
  const changes = [...upTo(state.changes, until).slice(-1), ...upTo(changesOf(state.dataChanges), until).slice(-1)];
  return changes.sort((one, other) => other.seq - one.seq)[0] ?? null;
}

function turnStart(state, turn) {
  const seqs = [...state.changes, ...changesOf(state.dataChanges)].filter((change) => change.turn >= turn).map((change) => change.seq);
  return Math.min(...seqs) - 1;
}

function Variables({ store, rows, declared, step }) {
  const changed = rows.filter((row) => row.how !== 'same');
  const [all, showAll] = useState(false);
  const list = all || !changed.length ? rows : changed;
  if (!rows.length) {
    return html`<section class="block"><div class="block-head"><h2>Context</h2></div>
      <p class="plain">This scenario has no variables: <code>context:</code> declares some.</p></section>`;
  }
  return html`<section class="block">
    <div class="block-head"><h2>Context</h2><span class="hint">${step ? counted(changed.length, 'change') : 'nothing has changed yet'}</span></div>
    <table class="compare"><thead><tr><th class="sign">How</th><th>Variable</th><th>Before</th><th>After</th></tr></thead>
      <tbody>${list.map((row) => html`<tr key=${row.name} class=${row.how}>
        <td class="sign">${HOW[row.how]}</td>
        <th scope="row" title=${declared[row.name]?.description ?? undefined}>${shown(row.name)}${declared[row.name]?.secret && html` <span class="tag">secret</span>`}</th>
        <td class="before"><${Value} value=${row.before} /></td><td class="after"><${Value} value=${row.after} /></td></tr>`)}</tbody></table>
    ${changed.length > 0 && changed.length < rows.length && html`<button class="button small folds" aria-expanded=${all ? 'true' : 'false'} onClick=${() => showAll(!all)}>
      ${all ? 'Changed ones only' : `${rows.length - changed.length} unchanged`}</button>`}
  </section>`;
}

function Value({ value }) {
  if (value !== null && typeof value === 'object') return html`<details><summary class="opens">${brief(value, 80)}</summary><${Tree} value=${value} /></details>`;
  return html`${value === undefined ? '' : brief(value, 2000)}`;
}

function Tables({ snapshots, first, until }) {
  const [filter, setFilter] = useState('');
  const names = [...new Set(snapshots.map((one) => one.table))];
  if (!names.length) return null;
  const differing = names.map((name) => [name, cellsOf(tableAt(snapshots, name, first) ?? snapshots.find((one) => one.table === name).rows, tableAt(snapshots, name, until) ?? [])])
    .filter(([, told]) => told.rows.length);
  return html`<section class="block"><div class="block-head"><h2>Data</h2>
      ${differing.length > 0 && html`<label class="unseen" for="rows-filter">Rows that hold</label>
        <input id="rows-filter" class="field search" type="search" placeholder="Rows that hold" value=${filter} onInput=${(input) => setFilter(input.target.value)} />`}</div>
    ${differing.length ? differing.map(([name, told]) => html`<${Table} key=${name} name=${name} told=${told} filter=${filter.toLowerCase()} />`)
    : html`<p class="plain">Nothing has changed in ${names.length === 1 ? `the table ${shown(names[0])}` : `the tables ${names.map(shown).join(', ')}`}.</p>`}</section>`;
}

function Table({ name, told, filter }) {
  const [limit, setLimit] = useState(PAGE);
  const { columns, rows } = told;
  const found = filter ? rows.filter((row) => JSON.stringify(row.cells).toLowerCase().includes(filter)) : rows;
  return html`<div class="block-head"><h3>${shown(name)}</h3><span class="hint">${counted(found.length, 'changed row')}</span></div>
    <div class="wide" tabindex="0" role="region" aria-label=${`Changes of ${shown(name)}`}><table class="cells">
      <thead><tr><th>How</th>${columns.map((column) => html`<th key=${column}>${shown(column)}</th>`)}</tr></thead>
      <tbody>${found.slice(0, limit).map((row) => html`<tr key=${row.key}><td class="sign">${HOW[row.how]}</td>
        ${columns.map((column) => html`<td key=${column}><${Cell} cell=${row.cells[column]} /></td>`)}</tr>`)}</tbody></table></div>
    ${found.length > limit && html`<button class="button small" onClick=${() => setLimit(limit + PAGE)}>${Math.min(PAGE, found.length - limit)} more</button>`}`;
}

function Cell({ cell }) {
  if (!cell) return null;
  const [before, after] = [brief(cell.before ?? null), brief(cell.after ?? null)];
  if (cell.how === 'same') return after;
  if (cell.how === 'new') return html`<ins>${after}</ins>`;
  if (cell.how === 'gone') return html`<del>${before}</del>`;
  return html`<del>${before}</del> <ins>${after}</ins>`;
}
