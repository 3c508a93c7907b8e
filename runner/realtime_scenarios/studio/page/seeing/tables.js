// Changes of a table's rows -> rows of cells, each with what it was and what it is. Pure.

/** {columns, rows: [{key, seq, how, cells: {column: {before, after, how}}}]} of changes `{seq, rows: [{before, after}]}`. */
export function cellsOf(changes) {
  const columns = [];
  const rows = [];
  for (const change of changes) {
    (change.rows ?? []).forEach((row, at) => {
      const [before, after] = [row.before ?? null, row.after ?? null];
      if (before === null && after === null) return;
      const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
      for (const name of names) if (!columns.includes(name)) columns.push(name);
      const how = before === null ? 'new' : after === null ? 'gone' : 'changed';
      const cells = Object.fromEntries(names.map((name) => {
        const [one, other] = [before?.[name], after?.[name]];
        const same = how === 'changed' && JSON.stringify(one) === JSON.stringify(other);
        return [name, { before: one, after: other, how: same ? 'same' : how }];
      }));
      rows.push({ key: `${change.seq}.${at}`, seq: change.seq, how, cells });
    });
  }
  return { columns, rows };
}
