// Items that are put behind one another, and rows that know their item -> one order from top to bottom.
//
// Order comes from item ids, never from the time at which something arrived. The server says where an item stands as the
// moment it does (`ItemPlaced`): right behind another, or, where that is null, at the head. One that names an item which
// is not there yet stands at the end until it comes.

/**
 * Puts one more item among them, or moves one. `sequence` is their order, `afters` what each of them named, `awaiting`
 * has those whose predecessor is not there: all three are changed.
 */
export function putBehind(sequence, afters, awaiting, item, after) {
  if (afters.has(item)) sequence.splice(sequence.lastIndexOf(item), 1);
  afters.set(item, after);
  if (after === null) sequence.unshift(item);
  else if (sequence[sequence.length - 1] === after) sequence.push(item);
  else {
    const index = afters.has(after) ? sequence.lastIndexOf(after) : -1;
    if (index >= 0) sequence.splice(index + 1, 0, item);
    else {
      sequence.push(item);
      awaiting.set(after, [...(awaiting.get(after) ?? []).filter((id) => id !== item), item]);
    }
  }
  const waiting = awaiting.get(item);
  if (!waiting) return;
  awaiting.delete(item);
  for (const id of waiting) {
    if (id === after || afters.get(id) !== item) continue; // a circle, which no honest stream has; or it has moved since
    const from = sequence.lastIndexOf(id);
    const chain = sequence.splice(from, chainAt(sequence, from, afters));
    sequence.splice(sequence.lastIndexOf(item) + 1, 0, ...chain);
  }
}

/** How many items hang together from a place on: each one follows another of them. */
function chainAt(list, from, names) {
  const chain = new Set([list[from]]);
  let end = from + 1;
  while (end < list.length && chain.has(names.get(list[end]))) {
    chain.add(list[end]);
    end += 1;
  }
  return end - from;
}

/** Keys of items and rows in the order in which they are shown: a row stands behind the item that it belongs to. */
export function ordered(sequence, rows) {
  const known = new Set(sequence);
  const under = new Map(); // item id, or null -> rows
  for (const row of rows.values()) {
    if (row.within) continue;
    const anchor = known.has(row.anchor) ? row.anchor : null;
    const list = under.get(anchor);
    if (list) list.push(row);
    else under.set(anchor, [row]);
  }
  const order = [];
  const put = (anchor) => {
    const list = under.get(anchor);
    if (!list) return;
    for (const row of list.sort((one, other) => one.seq - other.seq)) order.push(row.key);
  };
  put(null);
  for (const id of sequence) {
    order.push('i:' + id);
    put(id);
  }
  return order;
}
