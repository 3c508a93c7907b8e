// The views by name: their words, their icons, their keys. The order is that of the side bar.

export const PLACES = [
  { name: 'conversation', title: 'Conversation', icon: 'talk', key: 'c', group: 'Talk' },
  { name: 'timeline', title: 'Timeline', icon: 'timeline', key: 't', group: 'Talk' },
  { name: 'log', title: 'Event log', icon: 'list', key: 'l', group: 'Talk' },
  { name: 'graph', title: 'Graph', icon: 'graph', key: 'g', group: 'See' },
  { name: 'states', title: 'States', icon: 'state', key: 's', group: 'See' },
  { name: 'context', title: 'Context', icon: 'context', key: 'x', group: 'See' },
  { name: 'prompt', title: 'Prompt', icon: 'prompt', key: 'p', group: 'See' },
  { name: 'editor', title: 'Editor', icon: 'edit', key: 'e', group: 'Make' },
  { name: 'dialogues', title: 'Dialogues', icon: 'test', key: 'd', group: 'Make' },
];

/** Those in the bottom bar of a narrow page; the others stand behind "More". */
export const NARROW = ['conversation', 'graph', 'log', 'dialogues'];

/** A view that others lead to, and that stands in no bar. */
const ASIDE = { compare: 'Comparison' };

export const titleOf = (name) => PLACES.find((place) => place.name === name)?.title ?? ASIDE[name] ?? name;
