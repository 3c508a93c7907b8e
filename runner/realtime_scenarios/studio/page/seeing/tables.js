// A table before and after -> its rows that differ, cell by cell. Pure.

/** The rows of a table at a moment, of snapshots `{seq, table, rows}` in order; null: it was not seen yet. */
export function tableAt(snapshots, table, until) {
  const seen = snapshots.findLast((one) => one.table === table && (until === null || one.seq <= until));
  return seen ? seen.rows : null;
}

/** Snapshots that differ from one before: the first of a table is what it began with. */
export function changesOf(snapshots) {
  const known = new Set();
  return snapshots.filter((one) => known.has(one.table) || (known.add(one.table), false));
}

/** {columns, rows: [{key, how, cells: {column: {before, after, how}}}]}; rows belong together by the first column that tells all apart. */
export function cellsOf(before, after) {
  const all = [...(before ?? []), ...(after ?? [])];
  const columns = [...new Set(all.flatMap((row) => Object.keys(row)))];
  const unique = (rows, column) => new Set(rows.map((row) => JSON.stringify(row[column]))).size === rows.length;
  const id = columns.find((column) => unique(before ?? [], column) && unique(after ?? [], column));
  const keyOf = (row, at) => (id === undefined ? String(at) : JSON.stringify(row[id]));
  const had = new Map((before ?? []).map((row, at) => [keyOf(row, at), row]));
  const has = new Map((after ?? []).map((row, at) => [keyOf(row, at), row]));
  const rows = [];
  for (const key of new Set([...had.keys(), ...has.keys()])) {
    const [one, other] = [had.get(key) ?? null, has.get(key) ?? null];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    const how = one === null ? 'new' : other === null ? 'gone' : 'changed';
    const cells = Object.fromEntries(columns.map((column) => {
      const [was, is] = [one?.[column], other?.[column]];
      return [column, { before: was, after: is, how: how === 'changed' && JSON.stringify(was) === JSON.stringify(is) ? 'same' : how }];
    }));
    rows.push({ key, how, cells });
  }
  return { columns, rows };
}
