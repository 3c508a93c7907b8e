// Events of a conversation that is over -> what `Message` and `Row` of the page ask of a store. Nothing can be done to it.

import { signal } from '../vendor/core.js';
import { initial, reduceAll } from '../reduce.js';
import { copy } from '../copying.js';
import { settings } from '../settings.js';

const nobody = signal(null);

/** `select` hears the number of the event that somebody wants to see. */
export function recorded(events, names, select) {
  const state = reduceAll(initial(), events);
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
    fork() {},
  };
}
