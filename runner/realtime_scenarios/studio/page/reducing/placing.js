// Items that know which one they follow, and rows that know their item -> one order from top to bottom.
//
// Order comes from item ids, never from the time at which something arrived. An item goes right behind the one that it
// names; of several that name the same, the one placed last stands nearest (that is how the protocol inserts). `after`
// null: at the head. One that names an item which is not there yet stands at the end until it comes. A circle, which
// no honest stream has, is broken at its first item.

/** Keys of items and rows in the order in which they are shown. */
export function ordered(items, rows) {
  const children = new Map();   // item id, or null for the head -> items behind it
  const orphans = [];
  for (const item of items.values()) {
    if (item.placed === null) continue;
    const parent = item.after ?? null;
    if (parent !== null && !placed(items, parent)) orphans.push(item);
    else push(children, parent, item);
  }
  for (const behind of children.values()) behind.sort((one, other) => other.placed - one.placed);

  const under = new Map();      // item id, or null -> rows that belong to it
  for (const row of rows.values()) push(under, placed(items, row.anchor) ? row.anchor : null, row);
  for (const belonging of under.values()) belonging.sort((one, other) => one.seq - other.seq);

  const order = [];
  const done = new Set();
  for (const row of under.get(null) ?? []) if (!row.within) order.push(row.key);
  walk(children.get(null) ?? []);
  walk(orphans.sort((one, other) => one.placed - other.placed));
  walk([...items.values()].filter((item) => item.placed !== null).sort((one, other) => one.placed - other.placed));
  return order;

  function walk(roots) {
    const stack = roots.slice().reverse();
    while (stack.length) {
      const item = stack.pop();
      if (done.has(item.id)) continue;
      done.add(item.id);
      order.push('i:' + item.id);
      for (const row of under.get(item.id) ?? []) if (!row.within) order.push(row.key);
      const behind = children.get(item.id);
      if (behind) for (let index = behind.length - 1; index >= 0; index -= 1) stack.push(behind[index]);
    }
  }
}

function placed(items, id) {
  const item = id == null ? undefined : items.get(id);
  return item !== undefined && item.placed !== null;
}

function push(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
