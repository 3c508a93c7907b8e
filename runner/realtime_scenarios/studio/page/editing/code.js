// The text of a file as CodeMirror shows it. Its styles live in a shadow root, so the page allows no styles by nonce.

import { effect, html, useEffect, useLayoutEffect, useRef } from '../vendor/core.js';
import { api } from '../api.js';
import { columnAt, unitsBefore } from './positions.js';
import { yaml } from './yaml.js';

let loading = null;

/** The parts of the editor, loaded once; where they did not come, they are asked for again. */
export function codeMirror() {
  loading ??= import('../vendor/codemirror.js').catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

const inText = (state, line, column) => {
  const found = state.doc.line(Math.max(1, Math.min(line, state.doc.lines)));
  return found.from + unitsBefore(found.text, column);
};

/** Findings of this file as CodeMirror marks them. */
function marks(state, findings) {
  const length = state.doc.length;
  return findings.map((finding) => {
    const from = inText(state, finding.line, finding.column);
    const end = inText(state, finding.end_line, finding.end_column);
    return {
      from: Math.min(from, length),
      to: Math.min(Math.max(end, from + 1), length),
      severity: finding.severity === 'error' ? 'error' : 'warning',
      message: finding.hint ? `${finding.message}\n${finding.hint}` : finding.message,
      source: finding.code,
    };
  }).sort((one, other) => one.from - other.from);
}

function completion(buffer) {
  return async (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (!context.explicit && !/[\w.]$|[:[{,-] $/.test(before)) return null;
    let answer;
    try {
      answer = await api('POST', 'complete', {
        scenario: buffer.scenario, file: buffer.name, text: context.state.doc.toString(), line: line.number,
        column: columnAt(line.text, context.pos - line.from),
      });
    } catch {
      return null;
    }
    if (context.aborted || !answer.options.length) return null;
    const from = line.from + unitsBefore(line.text, answer.column);
    const rest = line.text.slice(context.pos - line.from);
    const indent = ' '.repeat(from - line.from + 2);
    return {
      from,
      validFor: /^[\w-]*$/,
      options: answer.options.map((option, index) => ({
        label: option.label,
        detail: option.kind,
        info: option.info || undefined,
        boost: -index / 10,
        apply: option.kind === 'key' && !/^\s*:/.test(rest) ? `${option.label}:${option.opens ? '\n' + indent : ' '}` : option.label,
      })),
    };
  };
}

function theme({ EditorView, HighlightStyle, tags }) {
  const look = EditorView.theme({
    '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--surface)', fontSize: '13px' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', overflow: 'auto' },
    '.cm-content': { padding: '8px 0 40vh', caretColor: 'var(--text)' },
    '.cm-line': { padding: '0 16px 0 8px' },
    '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none', paddingLeft: '8px' },
    '.cm-lineNumbers .cm-gutterElement': { minWidth: '32px', padding: '0 8px 0 0' },
    '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--select) 45%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--select)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
    '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-tint)', outline: 'none' },
    '.cm-selectionMatch': { backgroundColor: 'var(--sunken)' },
    '.cm-foldGutter .cm-gutterElement': { color: 'var(--faint)', cursor: 'pointer', width: '14px' },
    '.cm-foldPlaceholder': { backgroundColor: 'var(--sunken)', border: 'none', color: 'var(--muted)', padding: '0 6px' },
    '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad) 1px', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
    '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
    '.cm-lintPoint:after': { borderBottomColor: 'var(--bad)' },
    '.cm-gutter-lint': { width: '14px' },
    '.cm-lint-marker': { width: '8px', height: '8px', margin: '6px 0 0 3px', content: '""', borderRadius: '50%' },
    '.cm-lint-marker-error': { content: '""', backgroundColor: 'var(--bad)' },
    '.cm-lint-marker-warning': { content: '""', backgroundColor: 'var(--warn)', borderRadius: '1px' },
    '.cm-tooltip': {
      backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '6px',
      boxShadow: '0 4px 16px var(--shadow)', overflow: 'hidden', fontFamily: 'var(--sans)', fontSize: '13px',
    },
    '.cm-diagnostic': { padding: '8px 12px', whiteSpace: 'pre-wrap', maxWidth: '440px', lineHeight: '18px' },
    '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
    '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
    '.cm-diagnosticSource': { fontSize: '12px', opacity: '1', color: 'var(--muted)', marginTop: '2px' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--sans)', maxHeight: '260px' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 12px', lineHeight: '20px', display: 'flex', gap: '12px' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--select)', color: 'var(--text)' },
    '.cm-completionLabel': { fontFamily: 'var(--mono)', fontSize: '13px', flex: '1' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
    '.cm-completionDetail': { fontStyle: 'normal', color: 'var(--muted)', fontSize: '12px', marginLeft: '0' },
    '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', maxWidth: '320px', lineHeight: '18px', overflow: 'visible' },
    '.cm-panels': { backgroundColor: 'var(--bg)', color: 'var(--text)', fontFamily: 'var(--sans)' },
    '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
    '.cm-panel.cm-search': { padding: '8px 12px', fontSize: '13px' },
    '.cm-textfield': { border: '1px solid var(--control)', borderRadius: '6px', backgroundColor: 'var(--surface)', color: 'var(--text)', padding: '4px 8px' },
    '.cm-button': { border: '1px solid var(--control)', borderRadius: '6px', backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--text)', padding: '4px 8px' },
    '.cm-searchMatch': { backgroundColor: 'var(--warn-tint)' },
    '.cm-searchMatch-selected': { backgroundColor: 'var(--select)', outline: '1px solid var(--accent)' },
  });
  const colours = HighlightStyle.define([
    { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
    { tag: [tags.string, tags.content, tags.attributeValue], color: 'var(--text)' },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--tool)' },
    { tag: [tags.comment, tags.lineComment], color: 'var(--faint)' },
    { tag: [tags.keyword, tags.operator, tags.typeName, tags.meta], color: 'var(--handoff)' },
    { tag: [tags.labelName], color: 'var(--user)' },
    { tag: [tags.punctuation, tags.separator, tags.bracket, tags.squareBracket, tags.brace], color: 'var(--muted)' },
  ]);
  return { look, colours };
}

/**
 * `at` is the place to go to: {line, column, key}, a new key goes there again. `onPlace` hears where the caret is, and
 * `onMissing` that the editor cannot be loaded.
 */
export function Code({ buffer, at, findings, onSave, onPlace, onFinding, onMissing }) {
  const host = useRef(null);
  const view = useRef(null);
  const parts = useRef(null); // of CodeMirror, once they are there
  const typed = useRef(null); // the text that the buffer has from here
  const ways = useRef({});
  ways.current = { onSave, onPlace, onFinding, onType: (text) => buffer.type(typed.current = text) };
  useEffect(() => {
    let gone = false;
    codeMirror().then((code) => {
      if (gone || !host.current) return;
      parts.current = code;
      const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
      const parent = document.createElement('div');
      root.replaceChildren(parent);
      view.current = made(code, root, parent, buffer, ways);
      view.current.dom.style.height = '100%';
      parent.style.height = '100%';
      host.current.dataset.ready = '';
      mark(code, view.current, findings);
      jump(code, view.current, at);
    }, () => gone || onMissing());
    return () => {
      gone = true;
      if (view.current) {
        buffer.editor = view.current.state;
        view.current.destroy();
        view.current = null;
      }
      if (host.current) delete host.current.dataset.ready;
    };
  }, [buffer]);
  useEffect(() => {
    if (view.current) mark(parts.current, view.current, findings);
  }, [findings]);
  useLayoutEffect(() => { // before another key, which belongs to where one has jumped to
    if (view.current) jump(parts.current, view.current, at);
  }, [at && at.key]);
  useEffect(() => effect(() => {
    // the buffer was replaced by what is on disk
    const editor = view.current;
    const text = buffer.text.value;
    if (editor && text !== null && text !== typed.current && editor.state.doc.toString() !== text) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    }
  }), [buffer]);
  return html`<div class="code" ref=${host} onKeyDown=${keepLetters}></div>`;
}

/** Letters that are typed are no keys of the page. */
function keepLetters(press) {
  if (!press.ctrlKey && !press.metaKey && !press.altKey && press.key !== 'F6') press.stopPropagation();
}

function mark(code, view, findings) {
  view.dispatch(code.setDiagnostics(view.state, marks(view.state, findings)));
}

function jump(code, view, at) {
  if (!at || !at.line) return;
  const position = inText(view.state, Number(at.line), Number(at.column) || 1);
  view.dispatch({
    selection: { anchor: position },
    effects: code.EditorView.scrollIntoView(position, { y: 'center' }),
  });
  view.focus();
}

function made(code, root, parent, buffer, ways) {
  const { look, colours } = theme(code);
  const extensions = [
    code.lineNumbers(), code.highlightSpecialChars(), code.history(), code.foldGutter(), code.drawSelection(),
    code.bracketMatching(), code.closeBrackets(), code.rectangularSelection(),
    code.highlightActiveLine(), code.highlightActiveLineGutter(), code.highlightSelectionMatches(),
    code.indentUnit.of('  '), code.EditorState.tabSize.of(2), code.search({ top: false }),
    code.lintGutter(), code.autocompletion({ override: [completion(buffer)], icons: false, activateOnTypingDelay: 150 }),
    look, code.syntaxHighlighting(colours), ...(/\.ya?ml$/.test(buffer.name) ? yaml(code) : []),
    code.EditorView.lineWrapping,
    code.EditorView.contentAttributes.of({ 'aria-label': buffer.name, tabindex: '0', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
    code.keymap.of([
      { key: 'Mod-s', preventDefault: true, run: () => (ways.current.onSave(), true) },
      { key: 'F8', run: () => (ways.current.onFinding(1), true), shift: () => (ways.current.onFinding(-1), true) },
      ...code.closeBracketsKeymap, ...code.defaultKeymap, ...code.searchKeymap, ...code.historyKeymap, ...code.foldKeymap,
      ...code.completionKeymap,
    ]),
    code.EditorView.updateListener.of((update) => {
      if (update.docChanged) ways.current.onType(update.state.doc.toString());
      if (update.selectionSet || update.docChanged) {
        const line = update.state.doc.lineAt(update.state.selection.main.head);
        ways.current.onPlace(line.number);
      }
    }),
  ];
  const before = buffer.editor;
  const text = buffer.text.peek() ?? '';
  const state = before && before.doc.toString() === text
    ? code.EditorState.create({ doc: before.doc, selection: before.selection, extensions })
    : code.EditorState.create({ doc: text, extensions });
  return new code.EditorView({ state, parent, root });
}
