// What CodeMirror has to know of YAML: the kinds of its words line by line, what can be folded, and where a new line
// begins. A key that is typed costs from its own line to the end of what is in view, however long the file is.

/** The language as CodeMirror takes it. */
export function yaml({ StreamLanguage, foldService }) {
  const language = StreamLanguage.define({
    name: 'yaml',
    startState,
    token,
    indent: (state, after, context) => indented(state, context.lineAt(context.pos, -1).text, context.unit),
    languageData: { commentTokens: { line: '#' } },
  });
  return [language, foldService.of((state, from) => folded(state.doc, state.doc.lineAt(from).number))];
}

const BLOCK_WORDS = /^(?:[^\s:]|:(?!\s|$)|\s+(?![\s#]|:(?:\s|$)|$))+/;
const FLOW_WORDS = /^(?:[^\s:,[\]{}]|:(?![\s,[\]{}]|$)|\s+(?![\s#,[\]{}]|:(?:[\s,[\]{}]|$)|$))+/;
const QUOTED = { '"': /^(?:[^"\\]|\\[^]?)*("?)/, "'": /^(?:[^']|'')*('?)/ }; // up to the end of the text, or of the line
const COLON = /^\s*:(?=\s|$)/;
const NUMBER = /^[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$|^0x[\da-f]+$|^0o[0-7]+$/i;

/**
 * `block`: what is indented deeper is text (null: none is); `quote`: one that an earlier line has begun; `column`: of the
 * key or item that was begun last; `start`: where in this line a key begins, its anchor and its tag included.
 */
export const startState = () => ({ block: null, quote: null, depth: 0, column: -1, start: 0, begins: true });

/** The kind of the next word, as CodeMirror's stream parsers tell it; null: it has none. */
export function token(stream, state) {
  if (stream.sol()) {
    state.begins = true;
    if (stream.match(/^(?:---|\.\.\.)(?=\s|$)/)) {
      Object.assign(state, startState());
      return 'meta';
    }
    if (state.block !== null && (stream.indentation() > state.block || stream.match(/^\s*$/, false))) {
      stream.skipToEnd();
      return 'string';
    }
    state.block = null;
  }
  if (state.quote) return rest(stream, state);
  if (stream.eatSpace()) return null;
  const column = stream.column();
  if (state.begins) state.start = column;
  const kind = word(stream, state, column);
  state.begins &&= kind === 'punctuation';
  return kind;
}

function word(stream, state, column) {
  const next = stream.peek();
  if (next === '#') {
    stream.skipToEnd();
    return 'comment';
  }
  if (state.begins && !state.depth && stream.match(/^[-?:](?=\s|$)/)) {
    state.column = column;
    return 'punctuation';
  }
  if (stream.match(state.depth ? /^:/ : /^:(?=\s|$)/)) return 'punctuation';
  if (next === '[' || next === '{') state.depth += 1;
  if (state.depth && (next === ']' || next === '}')) state.depth -= 1;
  if (stream.eat(/[[\]]/)) return 'squareBracket';
  if (stream.eat(/[{}]/)) return 'brace';
  if (state.depth && stream.eat(',')) return 'separator';
  if (stream.match(/^[&*][^\s,[\]{}]+/)) return 'labelName';
  if (stream.match(/^![^\s,[\]{}]*/)) return 'typeName';
  if (!state.depth && stream.match(/^[|>][-+\d]*(?=\s*$|\s+#)/)) {
    state.block = state.column;
    return 'meta';
  }
  if (next === '"' || next === "'") return quoted(stream, state);
  return plain(stream, state);
}

function quoted(stream, state) {
  state.quote = stream.next();
  rest(stream, state);
  return !state.quote && isKey(stream, state, state.depth ? /^\s*:/ : COLON) ? 'propertyName' : 'string';
}

/** What belongs to the quoted text that has begun. */
function rest(stream, state) {
  if (stream.match(QUOTED[state.quote])[1]) state.quote = null;
  return 'string';
}

function plain(stream, state) {
  const words = stream.match(state.depth ? FLOW_WORDS : BLOCK_WORDS);
  if (!words) {
    stream.next();
    return null;
  }
  if (isKey(stream, state)) return 'propertyName';
  if (/^(?:true|false)$/i.test(words[0])) return 'bool';
  if (/^(?:null|~)$/i.test(words[0])) return 'null';
  return NUMBER.test(words[0]) ? 'number' : 'string';
}

/** Whether what was read is a key: its column then says what belongs to it. */
function isKey(stream, state, colon = COLON) {
  if (!stream.match(colon, false)) return false;
  if (!state.depth) state.column = state.start;
  return true;
}

const indentOf = (text) => text.length - text.trimStart().length;

/** Where what belongs to a line ends: {from, to}, all that is indented deeper; null: nothing belongs to it. */
export function folded(doc, number) {
  const head = doc.line(number);
  const indent = indentOf(head.text);
  if (!head.text.trim() || head.text[indent] === '#' || number === doc.lines) return null;
  const holdsItems = /:\s*(?:#[^]*)?$/.test(head.text); // which may stand at the column of their key
  let at = head.to;
  let to = null;
  for (const text of doc.iterLines(number + 1)) {
    at += 1 + text.length;
    if (!text.trim()) continue;
    const deeper = indentOf(text) - indent;
    if (deeper < 0 || (deeper === 0 && !(holdsItems && /^\s*-(?:\s|$)/.test(text)))) break;
    to = at;
  }
  return to === null ? null : { from: head.to, to };
}

/** The column at which a line begins that is opened after `text`, by `unit` columns a level; null: as the line of `text`. */
export function indented(state, text, unit) {
  const indent = indentOf(text);
  if (state.block !== null) return indent > state.block ? null : Math.max(state.block, 0) + unit;
  if (state.quote || !text.trim()) return null;
  const items = text.match(/^\s*(?:-\s+)*/)[0].length;
  if (/(?:[[{]|:)\s*$/.test(text)) return items + unit;
  return items > indent && state.column >= items ? items : null;
}
