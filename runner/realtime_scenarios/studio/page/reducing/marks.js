// A model's text -> blocks and spans as data: the part of Markdown that people who are spoken to meet. No HTML is ever
// made or read: `<b>` is the text `<b>`.
//
// Linear in the length of the text: where a closing mark was looked for in vain, it is not looked for again.

const DEEPEST = 32;      // lists in lists, bold in italic
const MOST = 1000;       // entries of a list
const LONGEST_LABEL = 1000;
const LONGEST_URL = 2000;

/** Blocks: {kind: text | heading | list | code | quote | rule | table, ...}; `source` is the text that it came from. */
export function blocks(text) {
  const lines = text.split('\n');
  const found = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (!line.trim()) {
      at += 1;
      continue;
    }
    const from = at;
    const fence = /^\s{0,3}(```+|~~~+)\s*([\w+-]*)/.exec(line);
    if (fence) {
      at += 1;
      while (at < lines.length && !lines[at].trim().startsWith(fence[1])) at += 1;
      at += 1;
      found.push({ kind: 'code', language: fence[2], code: lines.slice(from + 1, at - 1 < lines.length ? at - 1 : at).join('\n') });
    } else if (/^\s{0,3}#{1,6}\s+\S/.test(line)) {
      const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/.exec(line);
      at += 1;
      found.push({ kind: 'heading', level: heading[1].length, text: heading[2] });
    } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      at += 1;
      found.push({ kind: 'rule' });
    } else if (/^\s{0,3}>/.test(line)) {
      while (at < lines.length && /^\s{0,3}>/.test(lines[at])) at += 1;
      found.push({ kind: 'quote', text: lines.slice(from, at).map((one) => one.replace(/^\s{0,3}(>\s?)+/, '')).join('\n') });
    } else if (entryOf(line)) {
      while (at < lines.length && lines[at].trim() && (entryOf(lines[at]) || /^\s+\S/.test(lines[at]))) at += 1;
      found.push(listOf(lines.slice(from, at), 0));
    } else {
      while (at < lines.length && lines[at].trim() && !startsBlock(lines[at], at > from)) at += 1;
      found.push({ kind: 'text', text: lines.slice(from, at).join('\n') });
    }
    found[found.length - 1].source = lines.slice(from, at).join('\n');
  }
  return found;
}

function startsBlock(line, notFirst) {
  return notFirst && (/^\s{0,3}(```|~~~|#{1,6}\s|>)/.test(line) || entryOf(line));
}

function entryOf(line) {
  const entry = /^(\s*)(?:([-*+])|(\d{1,9})[.)])\s+(.*)$/.exec(line);
  return entry && { indent: entry[1].length, ordered: entry[3] !== undefined, start: Number(entry[3] ?? 1), text: entry[4] };
}

/** A list whose entries are {text, list: a list inside or null}. */
function listOf(lines, depth) {
  const first = entryOf(lines[0]);
  const list = { kind: 'list', ordered: first.ordered, start: first.start, entries: [] };
  let inner = [];
  const close = () => {
    const last = list.entries[list.entries.length - 1];
    if (inner.length && last) {
      if (depth < DEEPEST && entryOf(inner[0])) last.list = listOf(inner, depth + 1);
      else last.text += '\n' + inner.map((line) => line.trim()).join('\n');
    }
    inner = [];
  };
  for (const line of lines) {
    const entry = entryOf(line);
    if (entry && entry.indent <= first.indent + 1) {
      close();
      if (list.entries.length < MOST) list.entries.push({ text: entry.text, list: null });
    } else if (entry || inner.length) inner.push(line);
    else list.entries[list.entries.length - 1].text += '\n' + line.trim();
  }
  close();
  return list;
}

const SPECIAL = /[\\`*_~![<]|https?:\/\//g;
const MARKS = [['**', 'bold'], ['__', 'bold'], ['~~', 'struck'], ['*', 'italic'], ['_', 'italic']];

/** Spans: {kind: text, text} | {kind: code, text} | {kind: bold | italic | struck | link, spans, url}. */
export function spans(text, depth = 0) {
  const found = [];
  const none = new Set(); // marks without a closing one from here on
  let plain = 0;          // where the text begins that is not in `found` yet
  let at = 0;
  const put = (span, from, to) => {
    if (from > plain) found.push({ kind: 'text', text: text.slice(plain, from) });
    found.push(span);
    plain = at = to;
  };
  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const special = SPECIAL.exec(text);
    if (!special) break;
    at = special.index;
    const span = depth < DEEPEST ? spanAt(text, at, none, depth) : null;
    if (span) put(span.span, at, span.end);
    else at += special[0].length;
  }
  if (plain < text.length) found.push({ kind: 'text', text: text.slice(plain) });
  return found;
}

function spanAt(text, at, none, depth) {
  const letter = text[at];
  if (letter === '\\') {
    return /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '') ? { span: { kind: 'text', text: text[at + 1] }, end: at + 2 } : null;
  }
  if (letter === '`') return codeAt(text, at, none);
  if (letter === 'h') return bareLinkAt(text, at, at);
  if (letter === '<') return bareLinkAt(text, at + 1, at);
  if (letter === '!') return text[at + 1] === '[' ? linkAt(text, at + 1, none, depth, true) : null;
  if (letter === '[') return linkAt(text, at, none, depth, false);
  for (const [mark, kind] of MARKS) {
    if (text.startsWith(mark, at)) return markedAt(text, at, mark, kind, none, depth);
  }
  return null;
}

function codeAt(text, at, none) {
  let ticks = 1;
  while (text[at + ticks] === '`') ticks += 1;
  const mark = '`'.repeat(ticks);
  const end = none.has(mark) ? -1 : text.indexOf(mark, at + ticks);
  if (end < 0) {
    none.add(mark);
    return { span: { kind: 'text', text: mark }, end: at + ticks }; // the whole run, or each of its ends would look
  }
  return { span: { kind: 'code', text: text.slice(at + ticks, end) }, end: end + ticks };
}

function markedAt(text, at, mark, kind, none, depth) {
  const from = at + mark.length;
  if (none.has(mark) || !text[from] || /\s/.test(text[from])) return null;
  if (mark[0] === '_' && /[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return null; // snake_case is a name
  let end = text.indexOf(mark, from + 1);
  while (end >= 0 && (/\s/.test(text[end - 1]) || (mark.length === 1 && text[end + 1] === mark))) {
    end = text.indexOf(mark, end + (text[end + 1] === mark ? 2 : 1));
  }
  if (end < 0) {
    none.add(mark);
    return null;
  }
  if (mark[0] === '_' && /[\p{L}\p{N}]/u.test(text[end + mark.length] ?? '')) return null;
  return { span: { kind, spans: spans(text.slice(from, end), depth + 1) }, end: end + mark.length };
}

function linkAt(text, at, none, depth, image) {
  if (none.has('](')) return null;
  const middle = text.indexOf('](', at);
  if (middle < 0) {
    none.add('](');
    return null;
  }
  if (middle - at > LONGEST_LABEL) return null;
  const label = text.slice(at + 1, middle);
  const end = text.slice(middle + 2, middle + 2 + LONGEST_URL).indexOf(')');
  if (end < 0 || label.includes('[')) return null;
  const target = text.slice(middle + 2, middle + 2 + end).trim().split(/\s/)[0];
  const after = middle + 3 + end;
  if (image) return { span: { kind: 'text', text: `[image: ${label}] ${target}` }, end: after };
  const url = safeUrl(target);
  if (url === null) return { span: { kind: 'text', text: text.slice(at, after) }, end: after };
  return { span: { kind: 'link', url, spans: spans(label, depth + 1) }, end: after };
}

function bareLinkAt(text, from, at) {
  if (!/^https?:\/\//.test(text.slice(from, from + 8))) return null;
  const [whole] = /^[^\s<>"'`]+/.exec(text.slice(from, from + LONGEST_URL));
  const address = whole.replace(/[.,;:!?)\]*_~]+$/, '');
  const url = safeUrl(address);
  if (url === null) return null;
  const closed = from > at && text[from + address.length] === '>';
  if (from > at && !closed) return null;
  return { span: { kind: 'link', url, bare: true, spans: [{ kind: 'text', text: address }] }, end: from + address.length + (closed ? 1 : 0) };
}

/** The address if it may be followed: http and https only, null for every other. */
export function safeUrl(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}

/** The text without its marks, as it is heard. */
export function plainText(text) {
  const ofSpans = (list) => list.map((span) => (span.spans ? ofSpans(span.spans) : span.text)).join('');
  const ofBlock = (block) => {
    switch (block.kind) {
      case 'code': return block.code;
      case 'rule': return '';
      case 'list': return ofList(block);
      case 'quote': return plainText(block.text);
      default: return ofSpans(spans(block.text));
    }
  };
  const ofList = (list) => list.entries.map((entry) => ofSpans(spans(entry.text)) + (entry.list ? '\n' + ofList(entry.list) : '')).join('\n');
  return blocks(text).map(ofBlock).join('\n');
}
