// What was so at a moment of the conversation: the picture up to a number, from the histories that the state keeps. Pure.

import { changesOf } from './tables.js';

/** The part of a history (entries with `seq`, in order) up to a number; null: all of it. */
export function upTo(list, until) {
  if (until === null || !list.length || list[list.length - 1].seq <= until) return list;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].seq <= until) low = middle + 1;
    else high = middle;
  }
  return list.slice(0, low);
}

/** The part of a history from a number on; null: from the beginning. */
const fromOn = (list, since) => (since === null ? list : list.slice(upTo(list, since - 1).length));

/** Who is active, and how often each handoff was taken since: `from>to` -> count. `start` is who is met first. */
export function way(state, until, start, since = null) {
  const edges = upTo(state.edges, until);
  const within = fromOn(edges, since);
  const taken = new Map();
  for (const { from, to } of within) taken.set(`${from}>${to}`, (taken.get(`${from}>${to}`) ?? 0) + 1);
  const last = edges[edges.length - 1] ?? null;
  const agent = until === null ? state.agent ?? start : last ? last.to : edgeStart(state, start);
  return { agent, taken, last: within.length ? `${last.from}>${last.to}` : null };
}

function edgeStart(state, start) {
  return state.edges.length ? state.edges[0].from : state.agent ?? start;
}

/** The moves of one agent's state machine: where it is, which ways were taken, which moves were refused (state -> list). */
export function moves(state, until, agent, entry, since = null) {
  const taken = new Map();
  const refused = new Map();
  let here = entry;
  let last = null;
  for (const move of upTo(state.entered, until)) {
    if (move.agent !== agent) continue;
    const within = since === null || move.seq >= since;
    if (move.refused) {
      if (!within) continue;
      const at = move.previous ?? here;
      refused.set(at, [...(refused.get(at) ?? []), move]);
      continue;
    }
    const from = move.previous ?? here;
    here = move.state;
    if (from === move.state || !within) continue;
    last = `${from}>${move.state}`;
    taken.set(last, (taken.get(last) ?? 0) + 1);
  }
  return { here, taken, refused, last };
}

/** How often each tool was called: tool -> count; and by which agents: `agent tool` -> count. */
export function called(state, until, since = null) {
  const counts = new Map();
  for (const call of state.calls.values()) {
    if ((until !== null && call.seq > until) || (since !== null && call.seq < since)) continue;
    for (const key of [call.tool, `${call.agent} ${call.tool}`]) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The variables at a moment: name -> value. `declared` are those of the scenario with their defaults. */
export function values(state, until, declared = {}, given = {}) {
  const known = new Map(Object.entries(declared).map(([name, variable]) => [name, variable.default ?? null]));
  for (const [name, value] of Object.entries(given)) known.set(name, value);
  for (const change of upTo(state.changes, until)) known.set(change.name, change.value);
  return known;
}

/** What differs between two pictures of the variables: {name, before, after, how}, changed ones first. */
export function differences(before, after) {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const rows = names.map((name) => {
    const [one, other] = [before.get(name), after.get(name)];
    const how = !before.has(name) ? 'new' : !after.has(name) ? 'gone' : same(one, other) ? 'same' : 'changed';
    return { name, before: one, after: other, how };
  });
  return [...rows.filter((row) => row.how !== 'same'), ...rows.filter((row) => row.how === 'same')];
}

export function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The prompt that was read at a moment, and the last one before it of another agent; null: there is none. */
export function prompts(state, until) {
  const sent = upTo(state.prompts, until);
  const now = sent[sent.length - 1] ?? null;
  const before = now && (sent.findLast((one) => one.agent !== now.agent) ?? null);
  return { now, before };
}

/** Where the slider may stand: numbers of events at which something changed, with what one calls them; in order. */
export function steps(state) {
  const all = [
    ...state.edges.map((edge) => ({ seq: edge.seq, turn: edge.turn, what: `handoff to ${edge.to}`, kind: 'handoff' })),
    ...state.entered.map((move) => ({
      seq: move.seq, turn: move.turn, kind: move.refused ? 'refused' : 'state',
      what: move.refused ? `state ${move.state} refused` : `state ${move.state}`,
    })),
    ...state.changes.map((change) => ({ seq: change.seq, turn: change.turn, what: `${change.name} changed`, kind: 'context' })),
    ...changesOf(state.dataChanges).map((change) => ({ seq: change.seq, turn: change.turn, what: `table ${change.table} changed`, kind: 'data' })),
    ...[...state.calls.values()].map((call) => ({ seq: call.seq, turn: call.turn, what: `call of ${call.tool}`, kind: 'call' })),
    ...turnsOf(state),
  ];
  if (!all.length) return [];
  return [{ seq: 0, turn: 0, kind: 'start', what: 'the beginning' }, ...all.sort((one, other) => one.seq - other.seq)];
}

function turnsOf(state) {
  const said = [...state.items.values()].filter((item) => item.role === 'user' && item.placed);
  return said.map((item) => ({ seq: item.seq, turn: item.turn, what: 'the caller', kind: 'turn' }));
}
