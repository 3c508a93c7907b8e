// The rows of a transcript in pieces of some twenty. What grows costs its own piece: the others are not looked at again,
// and a browser watches a piece, not each row, for coming into sight.

import { html } from './vendor/core.js';

const ROWS = 24;

export class Pieces {
  constructor() {
    this.numbers = new Map(); // key of a row -> number of its piece, in which it stays: in another one it would be made anew
    this.made = new Map();    // number -> {rows, vnode}: a vnode that is the same is not looked at again
    this.next = 0;
  }

  /** The pieces of these rows, vnodes with a key and `height`, which is what a row takes until it was seen. */
  of(rows) {
    const pieces = this.divided(rows);
    for (const number of this.made.keys()) if (!pieces.has(number)) this.made.delete(number);
    return [...pieces].map(([number, own]) => {
      const before = this.made.get(number);
      if (before && before.rows.length === own.length && own.every((row, index) => row === before.rows[index])) return before.vnode;
      const height = own.reduce((sum, row) => sum + row.height, 0);
      const vnode = html`<div class="piece" key=${number} style=${{ containIntrinsicSize: `auto ${height}px` }}>${own.map((row) => row.vnode)}</div>`;
      this.made.set(number, { rows: own, vnode });
      return vnode;
    });
  }

  /** Number -> rows, in their order. A row that is new joins the piece before it, unless that is full and at its end. */
  divided(rows) {
    const left = new Map();
    for (const { key } of rows) {
      const number = this.numbers.get(key);
      if (number !== undefined) left.set(number, (left.get(number) ?? 0) + 1);
    }
    const pieces = new Map();
    let last = null; // number of the piece that is being filled
    for (const row of rows) {
      let number = this.numbers.get(row.key);
      if (number !== undefined) left.set(number, left.get(number) - 1);
      const isTorn = number !== last && pieces.has(number);
      if (number === undefined || isTorn) {
        const joins = last !== null && (pieces.get(last).length < ROWS || left.get(last) > 0);
        number = joins ? last : this.next++;
        this.numbers.set(row.key, number);
      }
      if (!pieces.has(number)) pieces.set(number, []);
      pieces.get(number).push(row);
      last = number;
    }
    return pieces;
  }
}
