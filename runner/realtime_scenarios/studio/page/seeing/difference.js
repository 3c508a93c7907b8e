// Two texts -> the lines of both, each the same, added or taken out. Pure.

const MOST_CELLS = 4_000_000; // above it the middle of the texts is shown as replaced

/** [{how: 'same' | 'added' | 'removed', text, before, after}]: the numbers of the line in each text, from 1, or null. */
export function difference(before, after) {
  const [one, other] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < one.length - start && end < other.length - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const lines = [];
  const same = (a, b) => lines.push({ how: 'same', text: one[a], before: a + 1, after: b + 1 });
  for (let at = 0; at < start; at += 1) same(at, at);
  middle(one, other, start, one.length - end, other.length - end, lines, same);
  for (let at = end; at > 0; at -= 1) same(one.length - at, other.length - at);
  return lines;
}

function middle(one, other, start, oneEnd, otherEnd, lines, same) {
  const [rows, columns] = [oneEnd - start, otherEnd - start];
  const removed = (a) => lines.push({ how: 'removed', text: one[a], before: a + 1, after: null });
  const added = (b) => lines.push({ how: 'added', text: other[b], before: null, after: b + 1 });
  if (rows * columns > MOST_CELLS) {
    for (let a = start; a < oneEnd; a += 1) removed(a);
    for (let b = start; b < otherEnd; b += 1) added(b);
    return;
  }
  const width = columns + 1;
  const common = new Uint16Array((rows + 1) * width); // the longest common lines behind each pair
  for (let a = rows - 1; a >= 0; a -= 1) {
    for (let b = columns - 1; b >= 0; b -= 1) {
      common[a * width + b] = one[start + a] === other[start + b]
        ? common[(a + 1) * width + b + 1] + 1
        : Math.max(common[(a + 1) * width + b], common[a * width + b + 1]);
    }
  }
  let [a, b] = [0, 0];
  while (a < rows || b < columns) {
    if (a < rows && b < columns && one[start + a] === other[start + b]) same(start + a++, start + b++);
    else if (a < rows && (b === columns || common[(a + 1) * width + b] >= common[a * width + b + 1])) removed(start + a++);
    else added(start + b++);
  }
}

/** How many lines were added and taken out. */
export function counts(lines) {
  return {
    added: lines.filter((line) => line.how === 'added').length,
    removed: lines.filter((line) => line.how === 'removed').length,
  };
}

/** The lines with long stretches of what is the same folded: {fold: count} stands for them. */
export function folded(lines, around = 3) {
  const near = lines.map(() => false);
  lines.forEach((line, at) => {
    if (line.how === 'same') return;
    for (let by = -around; by <= around; by += 1) if (at + by >= 0 && at + by < lines.length) near[at + by] = true;
  });
  const shown = [];
  let hidden = [];
  const flush = () => {
    if (hidden.length) shown.push(hidden.length > 2 ? { fold: hidden } : null, ...(hidden.length > 2 ? [] : hidden));
    hidden = [];
  };
  lines.forEach((line, at) => {
    if (near[at]) {
      flush();
      shown.push(line);
    } else hidden.push(line);
  });
  flush();
  return shown.filter(Boolean);
}
