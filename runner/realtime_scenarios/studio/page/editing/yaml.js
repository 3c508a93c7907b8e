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

const BLOCK_WORDS = /^(?:[^\s:]|:(?!\s|$)|\s+(?=[^\s#]))+/;
const FLOW_WORDS = /^(?:[^\s:,[\]{}]|:(?![\s,[\]{}]|$)|\s+(?=[^\s#,[\]{}]))+/;
const WHOLE = { '"': /^"(?:[^"\\]|\\.)*"/, "'": /^'(?:[^']|'')*'/ };
const REST = { '"': /^(?:[^"\\]|\\.?)*"?/, "'": /^(?:[^']|'')*'?/ };
const COLON = /^\s*:(?=\s|$)/;
const NUMBER = /^[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$|^0x[\da-f]+$|^0o[0-7]+$/i;

/** `block`: what is indented deeper is text (null: none is); `quote`: one that an earlier line has begun. */
export const startState = () => ({ block: null, quote: null, depth: 0, column: -1, begins: true });

/** The kind of the next word, as CodeMirror's stream parsers tell it; null: it has none. */
export function token(stream, state) {
  if (stream.sol()) {
    state.column = -1;
    state.begins = true;
    if (state.block !== null && stream.indentation() > state.block) {
      stream.skipToEnd();
      return 'string';
    }
    state.block = null;
    if (!state.quote && !state.depth && stream.match(/^(?:---|\.\.\.)(?=\s|$)/)) return 'meta';
  }
  if (state.quote) {
    if (stream.match(REST[state.quote])[0].endsWith(state.quote)) state.quote = null;
    return 'string';
  }
  if (stream.eatSpace()) return null;
  const column = stream.column();
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
  if (state.begins && !state.depth && stream.match(/^[-?](?=\s|$)/)) {
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
  if (next === '"' || next === "'") return quoted(stream, state, column, next);
  return plain(stream, state, column);
}

function quoted(stream, state, column, quote) {
  if (stream.match(WHOLE[quote])) return isKey(stream, state, column, state.depth ? /^\s*:/ : COLON) ? 'propertyName' : 'string';
  stream.next();
  stream.match(REST[quote]);
  state.quote = quote;
  return 'string';
}

function plain(stream, state, column) {
  const words = stream.match(state.depth ? FLOW_WORDS : BLOCK_WORDS);
  if (!words) {
    stream.next();
    return null;
  }
  if (isKey(stream, state, column)) return 'propertyName';
  if (/^(?:true|false)$/i.test(words[0])) return 'bool';
  if (/^(?:null|~)$/i.test(words[0])) return 'null';
  return NUMBER.test(words[0]) ? 'number' : 'string';
}

/** Whether what was read is a key: its column then says what belongs to it. */
function isKey(stream, state, column, colon = COLON) {
  if (!stream.match(colon, false)) return false;
  if (!state.depth) state.column = column;
  return true;
}

const indentOf = (text) => text.length - text.trimStart().length;

/** Where what belongs to a line ends: {from, to}, all that is indented deeper; null: nothing belongs to it. */
export function folded(doc, number) {
  const head = doc.line(number);
  const indent = indentOf(head.text);
  if (!head.text.trim() || head.text[indent] === '#' || number === doc.lines) return null;
  const holdsItems = /:\s*(?:#.*)?$/.test(head.text); // which may stand at the column of their key
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
