// Lines and columns as the server counts them (from 1, a character each) <-> offsets as JavaScript does (UTF-16 units).

/** The units before a column of a line's text. */
export function unitsBefore(text, column) {
  let units = 0;
  for (let count = 1; count < column && units < text.length; count += 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

/** The column behind so many units of a line's text. */
export function columnAt(text, units) {
  let column = 1;
  for (let at = 0; at < units; column += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return column;
}

/** The offset of a place in a text of lines; the end of the text where there is no such line. */
export function offsetOf(lines, line, column) {
  let offset = 0;
  const last = Math.min(line, lines.length);
  for (let index = 0; index < last - 1; index += 1) offset += lines[index].length + 1;
  return offset + unitsBefore(lines[last - 1] ?? '', column);
}

/** The place of an offset: {line, column}. */
export function placeOf(text, offset) {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: columnAt(before.slice(start), before.length - start) };
}
