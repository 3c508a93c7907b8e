// What the server tells of a scenario, asked for once and again whenever its files have changed.

import { useEffect, useState } from '../vendor/core.js';

/**
 * {answer, problem, stale}: the last good answer is kept where a new one cannot be had (the YAML is broken just now).
 * `version`: asked again where it changes, the old answer being shown until the new one is there.
 */
export function useAnswer(store, path, version = 0) {
  const [told, setTold] = useState({ path: null, answer: null, problem: null });
  const project = store.project.value;
  useEffect(() => {
    if (!path) return undefined;
    let wanted = true;
    store.api('GET', path).then(
      (answer) => wanted && setTold({ path, answer, problem: null }),
      (problem) => wanted && setTold((before) => ({ path, answer: before.path === path ? before.answer : null, problem })),
    );
    return () => {
      wanted = false;
    };
  }, [path, project, version]);
  if (told.path !== path) return { answer: null, problem: null, stale: false };
  return { answer: told.answer, problem: told.problem, stale: Boolean(told.answer && told.problem) };
}

/** The same for a question that needs a body; `body` null: nothing is asked yet. */
export function useTold(store, path, body) {
  const [told, setTold] = useState({ key: null, answer: null });
  const key = body === null ? null : path + JSON.stringify(body);
  const project = store.project.value;
  useEffect(() => {
    if (key === null) return undefined;
    let wanted = true;
    store.api('POST', path, body).then(
      (answer) => wanted && setTold({ key, answer }),
      () => wanted && setTold({ key, answer: null }),
    );
    return () => {
      wanted = false;
    };
  }, [key, project]);
  return told.key === key ? told.answer : null;
}

export const query = (fields) => new URLSearchParams(
  Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== ''),
).toString();
