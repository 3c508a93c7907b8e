// A conversation's numbered events -> all that the page shows of it.
//
// Pure: no DOM, no clock, no network. `reduce(state, event)` gives a new state and leaves the old one as it was; the
// containers in it are copied once a batch, and only those that the batch touches. What did not change keeps its
// identity, so that a view may compare by `===`. Runs under node as it runs in the page.
//
// Times are milliseconds since the conversation began, as the events carry them.

import { ordered, putBehind } from './reducing/placing.js';
import { STUDIO, nothingGoesOn } from './reducing/studio.js';
import { TRACE } from './reducing/trace.js';
import { WIRE } from './reducing/wire.js';

const LAYERS = { wire: WIRE, trace: TRACE, studio: STUDIO };

/** The state before the first event. */
export function initial() {
  return {
    seq: 0,               // of the last event that was taken in
    at: 0,
    turn: 0,
    line: 'off',          // off | connecting | on | ended
    reason: '',           // why it ended; empty where nobody said
    hint: '',             // the way out, where it ended in trouble
    agent: null,          // the id of the agent that is active
    agentStates: new Map(), // agent -> the state of its state machine
    items: new Map(),     // id -> item of the model's memory, in no order
    sequence: [],         // ids of the items in their order
    afters: new Map(),    // id of an item -> the one that it was put behind, null: at the head
    awaiting: new Map(),  // id of an item that is not there -> ids that are to stand behind it
    rows: new Map(),      // key -> what is shown between the items: calls, handoffs, states ...
    order: [],            // keys of items ("i:ID") and rows, as they are shown from top to bottom
    calls: new Map(),     // call id -> call
    approvals: [],        // ids of calls that wait for a person, the oldest first
    approvalCards: new Map(), // call id -> what its card shows; closed ones carry `decision`
    checks: new Map(),    // item id -> guardrails that looked at it
    context: new Map(),   // variable -> {value, previous, seq, turn}
    changes: [],          // every change of the context: {seq, turn, at, name, value, previous}
    tables: new Map(),    // table -> {seq, rows}
    dataChanges: [],      // every change of a table: {seq, turn, at, table, rows}
    edges: [],            // handoffs in order: {seq, turn, from, to}
    entered: [],          // states in order: {seq, turn, agent, state, previous, refused, reason}
    prompts: [],          // what a model read from then on: {seq, turn, agent, instructions, tools}
    speech: { user: false, agent: false },
    recording: false,
    voice: null,          // how it is spoken: {turns, codec, carrier}; null: it is typed
    responses: new Map(), // response id -> {items, status, reason}
    causes: new Map(),    // seq of a wire event -> its item
    sounds: new Map(),    // index in binary frames -> item
    placedLast: null,     // the item that was placed last
    placedLastOf: {},     // role -> the item of that role that was placed last
    touched: new Set(),   // ids of items that the last batch changed
    touchedCalls: new Set(), // and of calls
  };
}

/** The state after one more event. */
export function reduce(state, event) {
  return reduceAll(state, [event]);
}

/** The state after more events, in their order. An event that was taken in already changes nothing. */
export function reduceAll(state, events) {
  const draft = new Draft(state);
  for (const event of events) draft.take(event);
  return draft.finished();
}

/** The state once nothing comes any more, as nobody could say so: the server has the conversation no longer. */
export function ended(state) {
  const draft = new Draft(state);
  draft.state.line = 'ended';
  draft.state.speech = { user: false, agent: false };
  nothingGoesOn(draft, { at: state.at });
  return draft.finished();
}

/** A state in the making: what a handler changes, it asks for by `own`. */
class Draft {
  constructor(state) {
    this.state = { ...state, touched: new Set(), touchedCalls: new Set() };
    this.owned = new Set();
    this.moved = false;   // whether the order has to be made anew
  }

  take(event) {
    const state = this.state;
    if (event.seq <= state.seq) return;
    state.seq = event.seq;
    if (event.at > state.at) state.at = event.at;
    if (event.turn > state.turn) state.turn = event.turn;
    const handler = LAYERS[event.layer] && own(LAYERS[event.layer], event.type);
    if (handler) handler(this, event, event.data ?? {});
  }

  /** A container of the state that may be changed: a copy, made once a batch. */
  own(name) {
    if (!this.owned.has(name)) {
      this.owned.add(name);
      const value = this.state[name];
      if (value instanceof Map) this.state[name] = new Map(value);
      else if (Array.isArray(value)) this.state[name] = value.slice();
      else this.state[name] = { ...value };
    }
    return this.state[name];
  }

  item(id) {
    return this.state.items.get(id);
  }

  /** Puts an item behind another one; null: at the head. */
  place(id, after) {
    putBehind(this.own('sequence'), this.own('afters'), this.own('awaiting'), id, after);
    this.moved = true;
  }

  /** Takes an item out of the order; what belonged to it belongs to the one before it. */
  displace(id) {
    const sequence = this.own('sequence');
    const index = sequence.indexOf(id);
    if (index < 0) return;
    sequence.splice(index, 1);
    this.own('afters').delete(id);
    const before = sequence[index - 1] ?? null;
    for (const row of this.state.rows.values()) if (row.anchor === id) this.own('rows').set(row.key, { ...row, anchor: before });
    const ofRole = (role) => sequence.findLast((one) => this.item(one).role === role) ?? null;
    for (const [role, last] of Object.entries(this.state.placedLastOf)) if (last === id) this.own('placedLastOf')[role] = ofRole(role);
    if (this.state.placedLast === id) this.state.placedLast = before;
    this.moved = true;
  }

  /** Changes an item, which need not be placed yet: what comes before its place is kept with it. */
  fill(id, event, fields) {
    const before = this.state.items.get(id) ?? {
      id, role: null, placed: false, seq: event.seq, at: event.at, turn: event.turn, agent: event.agent,
      text: '', status: '', heard: null, cut: false, deleted: false, response: null, error: '', image: null, phase: null, checks: [],
    };
    this.own('items').set(id, { ...before, ...fields });
    this.state.touched.add(id);
  }

  /** Shows something between the items; `fields.anchor` is the item that it belongs to. */
  row(key, event, fields) {
    const rows = this.own('rows');
    const before = rows.get(key);
    if (!before) this.moved = true;
    rows.set(key, {
      key, seq: event.seq, at: event.at, turn: event.turn, agent: event.agent, place: event.place ?? null,
      anchor: before ? before.anchor : this.anchor(event), ...before, ...fields,
    });
  }

  /** The item that an event belongs to: it says so, or its response, its call or its cause does; else the last one. */
  anchor(event) {
    const { responses, calls, causes, items, placedLast } = this.state;
    if (event.item && items.has(event.item)) return event.item;
    const cause = event.cause == null ? undefined : causes.get(event.cause);
    if (cause) return cause;
    const response = event.response && responses.get(event.response);
    if (response && response.items.length) return response.items[response.items.length - 1];
    const call = event.call && calls.get(event.call);
    if (call && call.anchor) return call.anchor;
    return placedLast;
  }

  call(id, event, fields) {
    const before = this.state.calls.get(id) ?? {
      id, tool: '', arguments: undefined, outcome: null, output: '', began: event.at, ended: null, within: null,
      anchor: null, agent: event.agent, turn: event.turn, asks: [], children: [], decision: null, seq: event.seq,
      place: event.place ?? null,
    };
    this.own('calls').set(id, { ...before, ...fields });
    this.state.touchedCalls.add(id);
  }

  finished() {
    const state = this.state;
    if (this.moved) state.order = ordered(state.sequence, state.rows);
    return state;
  }
}

function own(table, name) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
