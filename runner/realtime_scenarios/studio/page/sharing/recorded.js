// Events of a conversation that is over -> what `Message` and `Row` of the page ask of a store. Nothing can be done to it.

import { signal } from '../vendor/core.js';
import { ended, initial, reduceAll } from '../reduce.js';
import { goesOn } from '../reducing/studio.js';
import { copy } from '../copying.js';
import { settings } from '../settings.js';

const nobody = signal(null);

const changed = (map, change) => new Map([...map].map(([key, value]) => [key, change(value)]));

/** The state of a conversation that goes on elsewhere: in a file nothing does, and nobody can decide anything. */
function stilled(state) {
  const checked = (check) => (check.status === 'pending' ? { ...check, status: 'open' } : check);
  const still = (item) => (!goesOn(item) ? item.status : item.role === 'assistant' && !item.text && item.turn < state.turn ? 'done' : 'open');
  return {
    ...state,
    calls: changed(state.calls, (call) => {
      if (call.outcome !== null) return call;
      return call.decision === 'pending' ? { ...call, outcome: 'waited', decision: 'waited' } : { ...call, outcome: 'open' };
    }),
    items: changed(state.items, (item) => ({ ...item, status: still(item), checks: item.checks.map(checked) })),
  };
}

/** Whether a conversation goes on: its line had no end yet. */
export const isGoingOn = (state) => state.line === 'on' || state.line === 'connecting';

/** `select` hears the number of the event that somebody wants to see; `over`: nothing came behind these events. */
export function recorded(events, names, select, over) {
  const last = reduceAll(initial(), events);
  const state = over ? ended(last) : stilled(last);
  return {
    state: signal(state),
    settings,
    role: signal('observer'),
    restarted: nobody,
    playing: nobody,
    until: nobody,
    since: nobody,
    shows: () => true,
    selected: nobody,
    item: (id) => signal(state.items.get(id)),
    call: (id) => signal(state.calls.get(id)),
    agentName: (id) => names[id] ?? id ?? '',
    select,
    openPlace: (place) => copy(`${place[0]}:${place[1]}`),
    send: () => Promise.reject(new Error('this conversation is over')),
  };
}
