// The scenario's files, written with the server looking on: findings, completion, saving without writing over others.

import { html, useEffect, useMemo, useRef, useState } from './vendor/core.js';
import { bufferOf, follow, listed } from './editing/buffers.js';
import { Code, codeMirror } from './editing/code.js';
import { Conflict } from './editing/conflict.js';
import { Findings } from './editing/findings.js';
import { Plain } from './editing/plain.js';
import { Icon } from './icons.js';
import { shown } from './reducing/words.js';
import { styled } from './styles.js';

const NARROW = matchMedia('(max-width: 719.98px)');

if (!NARROW.matches) codeMirror().catch(() => {}); // asked for beside all else that the view needs, and told of when it is needed
await styled('editor.css');

/** The name from the scenario's folder of a file as messages call it. */
function nameOf(folder, file) {
  if (!file) return null;
  return folder && file.startsWith(folder + '/') ? file.slice(folder.length + 1) : file;
}

function useNarrow() {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const heard = () => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', heard);
    return () => NARROW.removeEventListener('change', heard);
  }, []);
  return narrow;
}

export function View({ store }) {
  const scenario = store.scenarioId.value;
  const [files, setFiles] = useState(null);
  const [problem, setProblem] = useState(null);
  const loads = useRef(0); // an answer that comes after a newer one undoes nothing
  const load = () => {
    const mine = loads.current += 1;
    listed(scenario).then((known) => {
      if (mine !== loads.current) return;
      setFiles(known);
      setProblem(null);
    }, (error) => mine === loads.current && setProblem(error));
  };
  useEffect(() => {
    if (!scenario) return undefined;
    setFiles(null);
    setProblem(null);
    load();
    return store.onProject((event) => {
      const data = event.data ?? event;
      if (event.type !== 'files' || data.scenario !== scenario) return;
      load();
      follow(scenario, data.files ?? []);
    });
  }, [scenario]);
  if (!scenario && store.project.value) {
    return html`<div class="empty"><h2>No scenario here</h2><p>Write one with <code>scenario new</code>, and open its folder.</p></div>`;
  }
  if (problem && !files) return html`<div class="empty"><h2>The files cannot be listed</h2><p>${problem.message}</p></div>`;
  if (!files) return html`<div class="view" aria-busy="true"></div>`;
  const { file, line, column } = store.route.value;
  const wanted = nameOf(files.folder, file) ?? files.file;
  return html`<${Desk} store=${store} scenario=${scenario} files=${files} name=${wanted} line=${line} column=${column} />`;
}

function Desk({ store, scenario, files, name, line, column }) {
  const narrow = useNarrow();
  const buffer = bufferOf(scenario, name);
  const [entries, setEntries] = useState([]);
  const [caret, setCaret] = useState(Number(line) || 1);
  const [note, setNote] = useState(null);
  const [jump, setJump] = useState(null);
  const [isPlain, setPlain] = useState(false); // the editor did not load
  const jumps = useRef(0);
  useEffect(() => {
    buffer.shown();
    buffer.changedBeneath = () => setNote({ bad: true, text: 'It was changed on disk meanwhile; saving will ask.' });
    setNote(null);
  }, [buffer]);
  useEffect(() => {
    if (line) go(Number(line), Number(column) || 1);
  }, [name, line, column]);
  useEffect(() => {
    let wanted = true;
    store.api('GET', `outline?scenario=${encodeURIComponent(scenario)}`).then((answer) => wanted && setEntries(answer.entries), () => {});
    return () => (wanted = false);
  }, [scenario, store.project.value]);

  const go = (toLine, toColumn) => {
    jumps.current += 1;
    setJump({ line: toLine, column: toColumn, key: jumps.current });
    setCaret(toLine);
  };
  const findings = buffer.findings.value ?? [];
  const own = useMemo(() => findings.filter((finding) => finding.path === name), [findings, name]);
  const openFile = (path, place = {}) => {
    const target = files.folder ? `${files.folder}/${path}` : path;
    store.go('editor', { file: target, line: place.line ?? null, column: place.column ?? null });
  };
  const open = (finding) => (finding.path === name ? go(finding.line, finding.column) : openFile(finding.path, finding));
  const step = (by) => {
    if (!own.length) return;
    const sorted = [...own].sort((one, other) => one.line - other.line || one.column - other.column);
    const next = by > 0
      ? sorted.find((finding) => finding.line > caret) ?? sorted[0]
      : [...sorted].reverse().find((finding) => finding.line < caret) ?? sorted[sorted.length - 1];
    go(next.line, next.column);
    store.say(`${next.severity}, line ${next.line}: ${next.message}`);
  };
  const saved = () => {
    const errors = (buffer.findings.peek() ?? []).filter((finding) => finding.severity === 'error').length;
    const talking = store.state.peek().line === 'on';
    const text = errors ? 'Saved with errors: the last good scenario stays loaded.' : talking ? 'Saved. This conversation goes on with the file as it was.' : 'Saved.';
    setNote({ text, restart: !errors && talking });
    store.say(text);
  };
  const save = async () => {
    if (!buffer.dirty.peek()) {
      setNote({ text: 'There is nothing to save.' });
      return;
    }
    try {
      if (await buffer.save()) saved();
    } catch (error) {
      store.fail(error);
    }
  };
  const reported = { buffer, at: jump, onSave: save, onPlace: setCaret, onFinding: step };
  const current = own.find((finding) => finding.line === caret);
  const list = html`<${Findings} findings=${findings} name=${name} looking=${buffer.looking.value} onOpen=${open} current=${current} />`;
  const missing = () => {
    setPlain(true);
    setNote({ bad: true, text: 'The editor did not load: this is a plain field.' });
  };
  const text = buffer.isThere.value && (narrow || isPlain
    ? html`<${Plain} ...${reported} />`
    : html`<${Code} key=${`${scenario}/${name}`} ...${reported} findings=${own} onMissing=${missing} />`);
  return html`<div class="view editor" data-findings=${findings.length} data-looking=${buffer.looking.value || buffer.findings.value === null ? '' : undefined}>
    <div class="toolbar editor-bar">
      <${Files} files=${files.files} scenario=${scenario} name=${name} main=${files.file} onOpen=${(path) => openFile(path)} />
      ${note && html`<span class=${`editor-note ${note.bad ? 'bad' : ''}`}>${note.text}
        ${note.restart && html` <button class="link" onClick=${() => store.renew()}>Start again with the new one</button>`}</span>`}
      <button class="button primary" onClick=${save} disabled=${!buffer.dirty.value || buffer.saving.value} title="Ctrl+S">
        ${buffer.saving.value ? 'Saving …' : 'Save'}</button>
    </div>
    ${buffer.problem.value ? html`<div class="empty"><h2>${shown(name)} cannot be opened</h2><p>${buffer.problem.value.error}</p>
      <p>${buffer.problem.value.hint}</p><button class="button" onClick=${() => openFile(files.file)}>Open ${files.file}</button></div>`
    : html`${narrow && list}<div class="editor-text">${text}</div>
      <${Where} store=${store} entries=${entries} name=${name} line=${caret} />${!narrow && list}`}
    ${buffer.conflict.value && html`<${Conflict} buffer=${buffer} onFail=${(error) => store.fail(error)}
      onDone=${(how) => (how === 'saved' ? saved() : how === 'taken' ? setNote({ text: 'What is on disk is here now.' }) : setNote(null))} />`}
  </div>`;
}

/** The files of the folder; those that are not saved carry a dot and a word. */
function Files({ files, scenario, name, main, onOpen }) {
  const ordered = [main, ...files.filter((file) => file !== main)];
  if (!ordered.includes(name)) ordered.push(name);
  const label = (file) => (bufferOf(scenario, file).dirty.value ? `${file} (not saved)` : file);
  return html`<div class="editor-files">
    <label class="unseen" for="editor-file">File</label>
    <select id="editor-file" class="select quiet" value=${name} onChange=${(change) => onOpen(change.target.value)}>
      ${ordered.map((file) => html`<option key=${file} value=${file}>${label(file)}</option>`)}
    </select>
    ${bufferOf(scenario, name).dirty.value && html`<span class="dirty" title="Not saved"><span class="unseen">not saved</span></span>`}
  </div>`;
}

const SEEN_IN = {
  agent: (entry) => ['graph', { node: entry.id }, 'Show in the graph'],
  tool: (entry) => ['graph', { node: entry.id }, 'Show in the graph'],
  handoff: (entry) => ['graph', { node: entry.parent, edge: entry.id }, 'Show in the graph'],
  state: (entry) => ['states', { agent: entry.parent, state: entry.id.split('/').pop() }, 'Show the state'],
  transition: (entry) => ['states', { agent: entry.parent.split('/')[0] }, 'Show the states'],
  context: (entry) => ['context', { name: entry.id }, 'Show the variable'],
  dialogue: (entry) => ['dialogues', { d: entry.id }, 'Show the dialogue'],
  turn: (entry) => ['dialogues', { d: entry.parent }, 'Show the dialogue'],
};
const KINDS = { mcp: 'MCP server', context: 'variable' };

/** What the line belongs to, and the way from there to where the page shows it. */
function Where({ store, entries, name, line }) {
  const around = entries.filter((entry) => entry.path === name && entry.line <= line && line <= entry.end_line);
  around.sort((one, other) => (other.end_line - other.line) - (one.end_line - one.line) || one.line - other.line);
  const innermost = around[around.length - 1];
  const way = innermost && SEEN_IN[innermost.kind]?.(innermost);
  return html`<p class="where"><span class="numbers">Line ${line}</span>
    ${around.filter((entry) => entry.kind !== 'scenario').map((entry) => html`<span class="where-part" key=${entry.kind + entry.id}>${KINDS[entry.kind] ?? entry.kind} <b>${shown(entry.label)}</b></span>`)}
    ${way && html`<button class="link" onClick=${() => store.go(way[0], way[1])}><${Icon} name="link" size=${12} /> ${way[2]}</button>`}
  </p>`;
}
