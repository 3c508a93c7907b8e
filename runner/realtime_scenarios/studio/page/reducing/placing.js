// Items that are put behind one another, and rows that know their item -> one order from top to bottom.
//
// Order comes from item ids, never from the time at which something arrived. The server says where an item stands as the
// moment it does (`ItemPlaced`): right behind another, or, where that is null, at the head. One that names an item which
// is not there yet stands at the end until it comes.

/** The items with one more among them, or one moved; `awaiting` has those whose predecessor is not there. */
export function withPlaced(sequence, awaiting, item, after) {
  const list = sequence.filter((id) => id !== item);
  const waits = new Map(awaiting);
  if (after === null) list.unshift(item);
  else {
    const index = list.lastIndexOf(after);
    if (index >= 0) list.splice(index + 1, 0, item);
    else {
      list.push(item);
      waits.set(after, [...(waits.get(after) ?? []), item]);
    }
  }
  const waiting = waits.get(item);
  waits.delete(item);
  for (const id of waiting ?? []) {
    if (id === after || id === item) continue; // a circle, which no honest stream has
    list.splice(list.lastIndexOf(id), 1);
    list.splice(list.lastIndexOf(item) + 1, 0, id);
  }
  return { sequence: list, awaiting: waits };
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
