// A line of JSON for each line of JSON: `{"run": NAME, ...}` -> what the page's own modules make of it, without a page.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const page = pathToFileURL(process.argv[2] + '/').href;
const { initial, reduce, reduceAll } = await import(page + 'reduce.js');
const { lanesOf } = await import(page + 'seeing/lanes.js');
const { steps } = await import(page + 'seeing/history.js');
const { blocks, plainText, safeUrl, spans } = await import(page + 'reducing/marks.js');

const OF_ONE_STEP = new Set(['touched', 'touchedCalls']);

function plain(value) {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]));
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  return value === undefined ? null : value;
}

function picture(state) {
  return plain(Object.fromEntries(Object.entries(state).filter(([name]) => !OF_ONE_STEP.has(name))));
}

function frozen(value) {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of value instanceof Map ? value.values() : Object.values(value)) frozen(one);
  }
  return value;
}

const RUNS = {
  /** `cuts`: where batches end; null: all at once; "each": an event at a time. */
  reduce({ events, cuts = null, again = 0 }) {
    if (cuts === 'each') return picture(events.reduce(reduce, initial()));
    let state = initial();
    let at = 0;
    for (const cut of [...(cuts ?? []), events.length]) {
      state = reduceAll(state, events.slice(Math.max(0, at - again), cut)); // a few of them once more
      at = cut;
    }
    return picture(state);
  },
  /** What stands in the lanes of the timeline, and where the slider may stand. */
  seen({ events }) {
    const state = reduceAll(initial(), events);
    return { lanes: lanesOf(state).lanes, steps: steps(state) };
  },
  /** Whether taking in more leaves what was there as it was. */
  pure({ events }) {
    let state = initial();
    const before = [];
    for (const event of events) {
      before.push([state, JSON.stringify(picture(state))]);
      state = reduce(frozen(state), frozen(event));
    }
    return before.every(([old, text]) => JSON.stringify(picture(old)) === text);
  },
  milliseconds({ events, batch }) {
    let state = initial();
    const began = performance.now();
    for (let at = 0; at < events.length; at += batch) state = reduceAll(state, events.slice(at, at + batch));
    return performance.now() - began;
  },
  blocks: ({ text }) => blocks(text).map((block) => ({ ...block, spans: block.text === undefined ? null : spans(block.text) })),
  plain: ({ text }) => plainText(text),
  url: ({ text }) => safeUrl(text),
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { value: RUNS[asked.run](asked) };
  } catch (error) {
    answer = { error: error.stack };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
