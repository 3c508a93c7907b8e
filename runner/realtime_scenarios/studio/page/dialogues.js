// The scenario's dialogues: a list with what came of each, and beside it what failed, at which line and which event.

import { html, useEffect, useMemo, useRef, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { counted, shown } from './reducing/words.js';
import { isNeverWhole, NeverWhole } from './seeing/never_whole.js';
import { MakeDialogue } from './testing/make.js';
import { Result } from './testing/result.js';
import { benchOf } from './testing/runs.js';
import { Update } from './testing/update.js';
import { isBad, Status, STATUSES } from './testing/statuses.js';
import { styled } from './styles.js';

await styled('testing.css');

const ROW = 32;      // px
const AROUND = 20;   // rows that are drawn above and below what is seen
const FILTERS = [['all', 'All'], ['bad', 'Failed'], ['changed', 'Changed since'], ['different', 'Different from before'], ['never', 'Not run']];

export function View({ store }) {
  const scenario = store.scenarioId.value;
  if (!scenario) return html`<div class="empty"><h2>No scenario here</h2></div>`;
  return html`<${Tests} key=${scenario} store=${store} bench=${benchOf(scenario)} />`;
}

function wanted(dialogue, filter, words) {
  if (filter === 'bad' && !isBad(dialogue.status)) return false;
  if (filter === 'changed' && !(dialogue.stale || dialogue.status === 'never')) return false;
  if (filter === 'different' && !dialogue.differs) return false;
  if (filter === 'never' && dialogue.status !== 'never') return false;
  const text = `${dialogue.id} ${dialogue.title ?? ''} ${dialogue.tags.map((tag) => '@' + tag).join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function Tests({ store, bench }) {
  const [filter, setFilter] = useState('all');
  const [query, setQuery] = useState('');
  const [trust, setTrust] = useState(null); // what would run that is not of this project, and the run that wants it
  const { d: selected, run, make } = store.route.value;
  useEffect(() => {
    bench.load();
    return store.onProject((event) => bench.heard(event, store));
  }, []);
  const dialogues = bench.dialogues.value;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = useMemo(() => (dialogues ?? []).filter((dialogue) => wanted(dialogue, filter, words)), [dialogues, filter, query]);
  const begin = async (what, trusted = false) => {
    setTrust(null);
    try {
      await bench.begin({ ...what, trust: trusted });
    } catch (error) {
      if (error.body?.trust) setTrust({ names: error.body.trust, what });
      else store.fail(error);
    }
  };
  const select = (id, replace = true) => store.go('dialogues', { d: id, run: null, make: null }, replace);
  if (isNeverWhole(store) && !dialogues?.length) return html`<${NeverWhole} store=${store} title="The dialogues cannot be played" />`;
  const problem = bench.problem.value;
  if (problem && !dialogues) return html`<div class="empty"><h2>The dialogues cannot be listed</h2><p>${problem.error}</p><p>${problem.hint}</p></div>`;
  if (!dialogues) return html`<div class="view" aria-busy="true"></div>`;
  const talk = store.conversation.value;
  if (make && talk) {
    return html`<div class="view"><${MakeDialogue} store=${store} conversation=${talk} onClose=${() => select(selected)}
      onMade=${(made) => {
        store.say(`Written to ${made.file}`);
        bench.load();
        store.go('dialogues', { d: made.id, run: null, make: null });
      }} /></div>`;
  }
  const making = talk && html`<button class="button" onClick=${() => store.go('dialogues', { make: 1 })}><${Icon} name="record" /><span>Make a dialogue<span class="wide-only"> of this conversation</span></span></button>`;
  if (!dialogues.length) {
    return html`<div class="empty"><h2>No dialogues yet</h2><p>A dialogue is a conversation that has to go as it went. Talk to the scenario, then make a dialogue of it; or write one in <code>dialogues/</code> beside the scenario.</p>
      ${making || html`<button class="button" onClick=${() => store.go('conversation')}>Talk first</button>`}</div>`;
  }
  const chosen = dialogues.find((dialogue) => dialogue.id === selected) ?? null;
  const going = bench.going;
  const failed = dialogues.filter((dialogue) => isBad(dialogue.status)).length;
  const changed = dialogues.filter((dialogue) => dialogue.stale || dialogue.status === 'never').length;
  return html`<div class=${`view tests ${chosen ? 'one-chosen' : ''}`}>
    <div class="toolbar tests-bar">
      ${going ? html`<button class="button" disabled=${bench.asked.value} onClick=${() => bench.stop()}><${Icon} name="stop" />Stop</button>`
      : html`<button class="button primary" disabled=${!bench.playable.value} onClick=${() => begin({})}><${Icon} name="play" />Run all</button>
        <button class="button" disabled=${!failed} onClick=${() => begin({ failed: true })}>Failed <span class="numbers">${failed}</span></button>
        <button class="button" disabled=${!changed} onClick=${() => begin({ changed: true })}>Changed <span class="numbers">${changed}</span></button>`}
      <label class="switch tests-watch"><input type="checkbox" checked=${bench.watching.value} onChange=${(change) => (bench.watching.value = change.target.checked)} /><span>Run what is saved</span></label>
      <span class="toolbar-space"></span>
      ${making}
      ${bench.run.value && !going && html`<a class="button wide-only" href=${`/studio/api/share?run=${bench.run.value.run}`} download><${Icon} name="share" />Share the run</a>`}
    </div>
    <${Progress} run=${bench.run.value} />
    ${problem && html`<p class="banner bad"><${Icon} name="warn" /><span><b>The dialogues cannot be listed anew:</b> ${problem.error}. ${problem.hint}</span>
      <button class="button small" onClick=${() => bench.load()}>Try again</button></p>`}
    ${trust && html`<p class="banner warn"><${Icon} name="warn" /><span>This scenario runs code that is not of this project: ${trust.names.join(', ')}.</span>
      <button class="button small" onClick=${() => begin(trust.what, true)}>Let it run, as long as the studio is open</button></p>`}
    ${!bench.playable.value && html`<p class="banner warn"><${Icon} name="warn" /><span>The scenario has mistakes, so nothing can be played.</span>
      <button class="button small" onClick=${() => store.go('editor')}>To the editor</button></p>`}
    <div class="tests-body">
      <section class="tests-list" data-pane tabindex="-1" aria-label="Dialogues">
        <div class="tests-filter">
          <input class="field" data-filter type="search" placeholder="Filter: words, @tag" aria-label="Filter dialogues by words and @tags" value=${query} onInput=${(input) => setQuery(input.target.value)} />
          <select class="select" aria-label="Which dialogues" value=${filter} onChange=${(change) => setFilter(change.target.value)}>
            ${FILTERS.map(([value, word]) => html`<option key=${value} value=${value}>${word}</option>`)}</select>
        </div>
        <p class="tests-count">${found.length === dialogues.length ? counted(dialogues.length, 'dialogue') : `${found.length} of ${counted(dialogues.length, 'dialogue')}`}</p>
        <${List} dialogues=${found} selected=${selected} onSelect=${select} onRun=${(id) => begin({ ids: [id] })} going=${going} />
      </section>
      ${chosen ? html`<${Detail} key=${chosen.id} store=${store} bench=${bench} dialogue=${chosen} run=${run ?? chosen.run} onRun=${() => begin({ ids: [chosen.id] })} going=${going} onBack=${() => select(null)} />`
      : html`<div class="tests-detail empty wide-only"><p>Choose a dialogue to see what came of it.</p><p class="hint">Arrows move, Enter runs it, f goes to the next failure.</p></div>`}
    </div>
  </div>`;
}

function Progress({ run }) {
  if (!run) return null;
  const going = run.state === 'running';
  return html`<div class="progress" data-run=${run.state}>
    <progress max=${run.total} value=${run.done} aria-label="Dialogues that are over"></progress>
    <span class="numbers">${run.done} of ${run.total}</span>
    <span class="progress-now">${going ? shown(run.following ?? '') : run.problem ? run.problem.message : `${run.state === 'stopped' ? 'Stopped: ' : ''}${run.summary}`}</span>
  </div>`;
}

/** Rows by file. Only those near what is seen are drawn: there may be thousands. */
function List({ dialogues, selected, onSelect, onRun, going }) {
  const box = useRef(null);
  const [range, setRange] = useState([0, 80]);
  const rows = useMemo(() => {
    const files = new Map();
    for (const dialogue of dialogues) {
      const file = dialogue.place.path ?? dialogue.place.file;
      if (!files.has(file)) files.set(file, []);
      files.get(file).push(dialogue);
    }
    return [...files].flatMap(([file, own]) => [{ file, own }, ...own.map((dialogue, index) => ({ dialogue, position: index + 1, size: own.length }))]);
  }, [dialogues]);
  const look = () => {
    const seen = box.current;
    if (!seen) return;
    const first = Math.max(0, Math.floor(seen.scrollTop / ROW) - AROUND);
    setRange([first, first + Math.ceil(seen.clientHeight / ROW) + 2 * AROUND]);
  };
  useEffect(look, [rows.length]);
  const ids = rows.filter((row) => row.dialogue).map((row) => row.dialogue);
  const at = ids.findIndex((dialogue) => dialogue.id === selected);
  const move = (to) => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, to))];
    if (!next) return;
    onSelect(next.id);
    const row = rows.findIndex((one) => one.dialogue === next);
    const seen = box.current;
    if (row * ROW < seen.scrollTop + ROW) seen.scrollTop = Math.max(0, (row - 1) * ROW);
    else if ((row + 1) * ROW > seen.scrollTop + seen.clientHeight) seen.scrollTop = (row + 1) * ROW - seen.clientHeight;
  };
  const keys = (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 320) / ROW) - 1);
    if (press.key === 'ArrowDown') move(at + 1);
    else if (press.key === 'ArrowUp') move(at < 0 ? 0 : at - 1);
    else if (press.key === 'PageDown') move(at + page);
    else if (press.key === 'PageUp') move(at - page);
    else if (press.key === 'Home') move(0);
    else if (press.key === 'End') move(ids.length - 1);
    else if (press.key === 'Enter' && at >= 0 && !going) onRun(ids[at].id);
    else if (press.key === 'f') {
      const next = [...ids.slice(at + 1), ...ids.slice(0, at + 1)].find((dialogue) => isBad(dialogue.status));
      if (next) move(ids.indexOf(next));
    } else return;
    press.preventDefault();
    press.stopPropagation();
  };
  const active = selected && at >= 0 ? `dialogue-${at}` : undefined;
  return html`<div class="tree-rows" role="tree" aria-label="Dialogues by file" tabindex="0" ref=${box} onScroll=${look} onKeyDown=${keys} aria-activedescendant=${active}>
    <div class="tree-space" role="presentation" style=${{ height: `${rows.length * ROW}px` }}>
      ${rows.slice(range[0], range[1]).map((row, index) => {
        const top = (range[0] + index) * ROW;
        if (row.file !== undefined) {
          return html`<p class="tree-file" key=${`f${row.file}`} role="treeitem" aria-level="1" aria-expanded="true" style=${{ top: `${top}px` }}><span>${shown(row.file)}</span><span class="numbers">${row.own.length}</span></p>`;
        }
        const { dialogue } = row;
        const place = ids.indexOf(dialogue);
        return html`<div key=${`d${dialogue.id}`} id=${`dialogue-${place}`} class=${`tree-row ${dialogue.id === selected ? 'here' : ''}`} role="treeitem" aria-level="2" aria-posinset=${row.position}
          aria-setsize=${row.size} aria-selected=${dialogue.id === selected} style=${{ top: `${top}px` }} onClick=${() => onSelect(dialogue.id, false)}>
          <${Status} status=${dialogue.status} brief=${true} />
          <span class="tree-title" title=${dialogue.title ?? dialogue.id}>${shown(dialogue.id)}</span>
          ${dialogue.stale && html`<span class="tag warn">changed</span>`}
          ${dialogue.differs && html`<span class="tag accent">different</span>`}
          ${dialogue.tags.slice(0, 2).map((tag) => html`<span class="tree-tag wide-only" key=${tag}>@${shown(tag)}</span>`)}</div>`;
      })}
    </div>
  </div>`;
}

function Detail({ store, bench, dialogue, run, onRun, going, onBack }) {
  const [result, setResult] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    if (!run) return undefined;
    let wantedStill = true;
    setProblem(null);
    bench.result(run, dialogue.id).then(
      (answer) => wantedStill && setResult(answer),
      (error) => wantedStill && setProblem(error),
    );
    return () => (wantedStill = false);
  }, [run, dialogue.id]);
  const before = dialogue.history.filter((past) => past.run !== run).map((past) => past.run).pop();
  const open = () => store.openPlace([dialogue.place.file, dialogue.place.line, dialogue.place.column]);
  const query = `run=${encodeURIComponent(run)}&dialogue=${encodeURIComponent(dialogue.id)}`;
  const asConversation = async () => {
    if (store.state.peek().line === 'on' && !window.confirm('This ends the conversation that you hold. Go on?')) return;
    try {
      const { events } = await store.api('GET', `replay?${query}`);
      const failed = result.verdicts.find((verdict) => !verdict.passed && verdict.at !== null);
      const at = failed ? events.find((event) => event.data.trace_seq === failed.at) : null;
      store.openRecorded(`${dialogue.id}, run ${run.slice(1)}`, events, at ? at.seq : null);
    } catch (error) {
      store.fail(error);
    }
  };
  return html`<section class="tests-detail" data-pane tabindex="-1" aria-label=${`Dialogue ${dialogue.id}`}>
    <header class="detail-head">
      <button class="icon-button narrow-only" aria-label="Back to the list" onClick=${onBack}><${Icon} name="undo" /></button>
      <div class="detail-title"><h2>${shown(dialogue.id)}</h2>${dialogue.title && html`<p>${shown(dialogue.title)}</p>`}
        <p class="detail-facts"><${Status} status=${dialogue.status} />
          <button class="link" onClick=${open}>${dialogue.place.file}:${dialogue.place.line}</button>
          <span>${counted(dialogue.turns, 'turn')}</span>
          ${dialogue.tags.map((tag) => html`<span key=${tag}>@${shown(tag)}</span>`)}
          <${History} history=${dialogue.history} run=${run} onSelect=${(past) => store.go('dialogues', { run: past }, true)} /></p></div>
      <div class="detail-acts">
        <button class="button" disabled=${going || !bench.playable.value} onClick=${onRun}><${Icon} name="play" />Run</button>
        ${result && before && html`<button class="button" onClick=${() => store.go('compare', { left: `${before}/${dialogue.id}`, right: `${run}/${dialogue.id}` })}>Compare with before</button>`}
        ${result && html`<button class="button" onClick=${asConversation}><${Icon} name="talk" />Open as conversation</button>`}
        ${result && html`<a class="button" href=${`/studio/api/share?${query}`} download><${Icon} name="share" />Share</a>`}
      </div>
    </header>
    <div class="detail-body">
      ${problem ? html`<p class="result-note">${problem.message}. ${problem.hint}</p>`
      : !run ? html`<p class="result-note">${dialogue.only ? `It is played as a script only: ${dialogue.only}.` : 'It was not run yet.'}</p>`
      : result && html`<${Result} result=${result} onPlace=${(place) => store.openPlace(place)}
        update=${(verdict) => html`<${Update} key=${`${run} ${verdict.number}`} store=${store} bench=${bench} dialogue=${dialogue.id} run=${run} verdict=${verdict} going=${going} />`} />`}
    </div>
  </section>`;
}

/** The last runs as bars, the newest at the right, and a choice of which transcript is shown. */
function History({ history, run, onSelect }) {
  if (history.length < 2) return null;
  const longest = Math.max(...history.map((past) => past.seconds ?? 0), 0.001);
  return html`<span class="history">
    <span class="history-bars" aria-hidden="true">${history.slice(-50).map((past) => html`<span key=${past.run} class=${`history-bar ${STATUSES[past.status]?.tone ?? ''} ${past.run === run ? 'here' : ''}`}
      style=${{ height: `${4 + Math.round(((past.seconds ?? 0) / longest) * 12)}px` }}></span>`)}</span>
    <select class="select quiet" aria-label="Which run is shown" value=${run} onChange=${(change) => onSelect(change.target.value)}>
      ${[...history].reverse().map((past) => html`<option key=${past.run} value=${past.run}>Run ${past.run.slice(1)}: ${past.status}${past.seconds != null ? `, ${past.seconds.toFixed(2)} s` : ''}</option>`)}</select>
  </span>`;
}
