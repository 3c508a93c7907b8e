// A file that somebody was sent: a conversation, a dialogue, or all of a suite. It reads what stands in itself, and asks
// nobody for anything.

import { html, render, useMemo, useState } from '../vendor/core.js';
import { Conversation } from './conversation.js';
import { Icon } from './icons.js';
import { counted, shown } from '../reducing/words.js';
import { Result } from '../testing/result.js';
import { isBad, Status } from '../testing/statuses.js';

const FILTERS = [['all', 'All'], ['bad', 'Failed']];

function Page({ shared }) {
  const only = shared.entries.length === 1 ? shared.entries[0] : null;
  const failed = shared.entries.filter((entry) => isBad(entry.status));
  const [chosen, choose] = useState(only ? 0 : shared.entries.indexOf(failed[0] ?? shared.entries[0]));
  const entry = shared.entries[chosen];
  return html`<div class=${`shared ${only ? 'alone' : ''}`}>
    <header class="shared-head"><div><h1>${shown(shared.title)}</h1><p>${shared.told}</p></div></header>
    ${!only && html`<${List} shared=${shared} chosen=${chosen} onChoose=${choose} failed=${failed.length} />`}
    <main class="shared-main" tabindex="-1">${entry ? html`<${Entry} key=${chosen} entry=${entry} alone=${Boolean(only)} />` : html`<p class="hint">There is nothing in it.</p>`}</main>
    <footer class="shared-foot">${shared.made}. Secrets are masked. This file asks for nothing from anywhere.</footer>
  </div>`;
}

function List({ shared, chosen, onChoose, failed }) {
  const [filter, setFilter] = useState(failed ? 'bad' : 'all');
  const [query, setQuery] = useState('');
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = useMemo(() => shared.entries.map((entry, index) => ({ entry, index })).filter(({ entry }) =>
    (filter === 'all' || isBad(entry.status)) && words.every((word) => `${entry.id} ${entry.title ?? ''}`.toLowerCase().includes(word))), [filter, query]);
  return html`<nav class="shared-list" aria-label="Dialogues">
    <div class="tests-filter"><input class="field" type="search" placeholder="Filter" aria-label="Filter dialogues" value=${query} onInput=${(input) => setQuery(input.target.value)} />
      <select class="select" aria-label="Which dialogues" value=${filter} onChange=${(change) => setFilter(change.target.value)}>
        ${FILTERS.map(([value, word]) => html`<option key=${value} value=${value}>${word}</option>`)}</select></div>
    <p class="tests-count">${found.length === shared.entries.length ? counted(found.length, 'dialogue') : `${found.length} of ${counted(shared.entries.length, 'dialogue')}`}</p>
    <ul class="shared-rows">${found.map(({ entry, index }) => html`<li key=${index}><button class=${`shared-row ${index === chosen ? 'here' : ''}`} aria-current=${index === chosen ? 'true' : undefined} onClick=${() => onChoose(index)}>
      <${Status} status=${entry.status ?? 'never'} brief=${true} /><span>${shown(entry.id)}</span></button></li>`)}</ul>
  </nav>`;
}

function Entry({ entry, alone }) {
  const first = entry.result?.verdicts.find((verdict) => !verdict.passed && verdict.at !== null);
  const hasTalk = entry.events.length > 1;
  return html`<article class="shared-entry">
    ${(entry.result || !alone) && html`<header class="shared-entry-head">${entry.status && html`<${Status} status=${entry.status} />`}<div><h2>${shown(entry.id)}</h2>${entry.title && html`<p>${shown(entry.title)}</p>`}</div></header>`}
    ${entry.result && html`<div class="shared-result"><${Result} result=${entry.result} folded=${hasTalk} /></div>`}
    ${hasTalk && html`<h2 class="shared-title"><${Icon} name="talk" />The conversation</h2><${Conversation} events=${entry.events} names=${entry.names} over=${Boolean(entry.result)} sound=${entry.sound ?? null} at=${first ? first.at : null} />`}
    ${entry.left_out && html`<p class="hint shared-result">Its conversation is left out, to keep this file small: it passed.</p>`}
  </article>`;
}

const shared = JSON.parse(document.getElementById('shared').textContent);
document.title = shared.title;
render(html`<${Page} shared=${shared} />`, document.getElementById('app'));
