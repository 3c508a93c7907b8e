// A conversation -> what stands in each lane of the timeline: {at, until, ...} in milliseconds since it began. Pure.

const TYPED = 45;   // ms a character that was typed, so that a text has a length, too
const SPOKEN = 65;  // ms a character that was said, where nobody knows how long it took
const LEAST = 60;   // ms that a thing is long at least, so that it can be seen

export const LANES = [
  ['caller', 'Caller'], ['agent', 'Agent'], ['calls', 'Calls'], ['approvals', 'Approvals'], ['moves', 'Handoffs, states'], ['checks', 'Guardrails'],
];

/**
 * {lane: [{lane, at, until, words, seq, kind, heard?, item?}]}, and how long all of it is. `named` says who an agent is, and
 * `began` (item -> ms) when the sound of an item did.
 */
export function lanesOf(state, named = (id) => id, began = new Map()) {
  const lanes = { caller: [], agent: [], calls: [], approvals: [], moves: [], checks: [] };
  const put = (lane, at, end, fields) => lanes[lane].push({ lane, at, until: Math.max(end, at + LEAST), ...fields });
  for (const item of state.items.values()) {
    if (!item.placed) continue; // it has not come, or was dropped
    const { id, seq, text } = item;
    const at = began.get(id) ?? item.at;
    if (item.role === 'user') put('caller', at, at + (item.audioMs ?? text.length * TYPED), { item: id, seq, words: text || item.status, kind: item.spoken ? 'spoken' : 'typed' });
    if (item.role === 'assistant') {
      const whole = item.audioMs ?? item.heard?.ofMs ?? text.length * SPOKEN;
      const heard = item.cut ? item.heard?.ms ?? (whole * (item.heard?.text?.length ?? 0)) / Math.max(1, text.length) : whole;
      put('agent', at, at + whole, { item: id, seq, words: `${named(item.agent)}: ${text}`, kind: item.cut ? 'cut' : 'said', heard: at + Math.min(heard, whole) });
    }
  }
  for (const call of state.calls.values()) {
    put('calls', call.began, call.ended ?? state.at, { seq: call.seq, words: call.tool, kind: call.outcome ?? 'open' });
  }
  for (const card of state.approvalCards.values()) {
    put('approvals', card.at, card.closed ?? state.at, { seq: card.seq, words: `${card.tool}: ${card.decision ?? 'waits'}`, kind: card.decision ?? 'waits' });
  }
  for (const edge of state.edges) put('moves', edge.at, edge.at, { seq: edge.seq, words: `${named(edge.from)} → ${named(edge.to)}`, kind: 'handoff' });
  for (const move of state.entered) {
    put('moves', move.at, move.at, { seq: move.seq, words: move.refused ? `${move.state} refused: ${move.reason}` : move.state, kind: move.refused ? 'refused' : 'state' });
  }
  for (const row of state.rows.values()) {
    if (row.kind === 'guardrail') put('checks', row.at, row.at, { seq: row.seq, words: `${row.guardrail}: ${row.reason ?? ''}`, kind: 'tripped' });
  }
  const all = Object.values(lanes).flat();
  for (const list of Object.values(lanes)) list.sort((one, other) => one.at - other.at);
  return { lanes, length: Math.max(1000, state.at, ...all.map((thing) => thing.until)) };
}

/** Stretches in which nobody spoke while a call was at work, of so many milliseconds or more. */
export function silences(lanes, least = 1500) {
  const spoken = [...lanes.caller, ...lanes.agent].sort((one, other) => one.at - other.at);
  return lanes.calls.filter((call) => call.until - call.at >= least).flatMap((call) => {
    const gaps = [];
    let from = call.at;
    for (const thing of spoken) {
      const end = thing.heard ?? thing.until;
      if (end <= from || thing.at >= call.until) continue;
      if (thing.at - from >= least) gaps.push({ at: from, until: thing.at });
      from = Math.max(from, end);
    }
    if (call.until - from >= least) gaps.push({ at: from, until: call.until });
    return gaps;
  });
}

/** What is nearest to a time in a lane. */
export function nearest(list, at) {
  let best = null;
  let least = Infinity;
  for (const thing of list) {
    const distance = at < thing.at ? thing.at - at : at > thing.until ? at - thing.until : 0;
    if (distance < least) [best, least] = [thing, distance];
  }
  return best;
}

/** A step between marks on the axis so that they stand at least `room` pixels apart; `scale` is pixels a millisecond. */
export function axisStep(scale, room = 72) {
  return [100, 250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000].find((step) => step * scale >= room) ?? 1_800_000;
}
