// The address bar's fragment <-> where the page is: `#/log?c=c1&event=812`. A link restores what a person looked at.

import { signal } from './vendor/core.js';

let known;

function read() {
  known = location.hash;
  const [path, query] = known.replace(/^#\/?/, '').split('?');
  return { view: path || 'conversation', ...Object.fromEntries(new URLSearchParams(query)) };
}

export const route = signal(read());

/** Where the page is by now. */
export function here() {
  if (location.hash !== known) route.value = read();
  return route.value;
}

window.addEventListener('hashchange', here);

/** Goes to a view. What stays the same need not be said; null takes something out. `replace`: not a step of "back". */
export function go(view, fields = {}, replace = false) {
  const next = { ...(view === route.value.view ? route.value : kept(route.value)), ...fields, view };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(next)) {
    if (name !== 'view' && value !== null && value !== undefined && value !== '') query.set(name, value);
  }
  const text = query.toString();
  const hash = `#/${view}${text ? '?' + text : ''}`;
  if (hash === location.hash) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', hash);
  route.value = read();
}

/** What another view keeps of the place: the conversation, the scenario and what is selected. */
function kept({ c, s, event }) {
  return { c, s, event };
}
