// Two texts -> their lines beside each other: {kind: same | old | new, left, right}, by Myers' shortest script.

const MOST = 2000; // steps of the script before it gives up and takes the middle as changed altogether

/** Rows in order; `left` and `right` are numbers of lines from 1, or null. */
export function rowsOf(before, after) {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const rows = [];
  const same = (i, j) => rows.push({ kind: 'same', text: a[i], left: i + 1, right: j + 1 });
  for (let i = 0; i < head; i += 1) same(i, i);
  for (const step of script(a.slice(head, a.length - tail), b.slice(head, b.length - tail))) {
    if (step[0] === 'same') same(step[1] + head, step[2] + head);
    else if (step[0] === 'old') rows.push({ kind: 'old', text: a[step[1] + head], left: step[1] + head + 1, right: null });
    else rows.push({ kind: 'new', text: b[step[1] + head], left: null, right: step[1] + head + 1 });
  }
  for (let i = 0; i < tail; i += 1) same(a.length - tail + i, b.length - tail + i);
  return rows;
}

function script(a, b) {
  const furthest = new Map([[1, 0]]);
  const trail = [];
  const most = Math.min(MOST, a.length + b.length);
  for (let depth = 0; depth <= most; depth += 1) {
    trail.push(new Map(furthest));
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? furthest.get(k + 1) : furthest.get(k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      furthest.set(k, x);
      if (x >= a.length && y >= b.length) return walked(trail, a, b);
    }
  }
  return [...a.map((_, index) => ['old', index]), ...b.map((_, index) => ['new', index])];
}

function walked(trail, a, b) {
  const steps = [];
  let x = a.length;
  let y = b.length;
  for (let depth = trail.length - 1; depth >= 0; depth -= 1) {
    const furthest = trail[depth];
    const k = x - y;
    const down = k === -depth || (k !== depth && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const before = down ? k + 1 : k - 1;
    const fromX = furthest.get(before) ?? 0;
    const fromY = fromX - before;
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      steps.push(['same', x, y]);
    }
    if (depth > 0) {
      if (down) {
        y -= 1;
        steps.push(['new', y]);
      } else {
        x -= 1;
        steps.push(['old', x]);
      }
    }
  }
  return steps.reverse();
}

/** The rows that changed with so many lines around them; a gap stands for those left out: {kind: 'gap', count}. */
export function shortened(rows, around = 3) {
  const near = rows.map((row, index) => rows.slice(Math.max(0, index - around), index + around + 1).some((one) => one.kind !== 'same'));
  const result = [];
  let left = 0;
  rows.forEach((row, index) => {
    if (near[index]) {
      if (left) result.push({ kind: 'gap', count: left });
      left = 0;
      result.push(row);
    } else left += 1;
  });
  if (left) result.push({ kind: 'gap', count: left });
  return result;
}
