// The page: its frame, its views and its keys, on one store.

import { html, render, useEffect, useState, useErrorBoundary } from './vendor/core.js';
import { pending } from './api.js';
import { Frame } from './frame.js';
import { listenForKeys } from './keys.js';
import { loadOverlays } from './overlays.js';
import { makeStore } from './store.js';

/** name -> the view's module, loaded when it is first shown: it exports `View({store})`. */
const VIEWS = {
  conversation: () => import('./conversation.js'),
  graph: () => import('./graph.js'),
  states: () => import('./states.js'),
  context: () => import('./context.js'),
  prompt: () => import('./prompt.js'),
  timeline: () => import('./timeline.js'),
  log: () => import('./log.js'),
  dialogues: () => import('./dialogues.js'),
  editor: () => import('./editor.js'),
  compare: () => import('./compare.js'),
};

const QUIET = 60; // ms without a change and a request, and the page is idle

const loaded = new Map();
let loading = 0; // views

function useView(name) {
  const [, again] = useState(0);
  const known = loaded.get(name);
  useEffect(() => {
    if (known || !VIEWS[name]) return undefined;
    let wanted = true;
    loading += 1;
    VIEWS[name]().then(
      (module) => loaded.set(name, { View: module.View }),
      (error) => loaded.set(name, { error }),
    ).then(() => {
      loading -= 1;
      if (wanted) again((count) => count + 1);
    });
    return () => {
      wanted = false;
    };
  }, [name]);
  return known;
}

function Broken({ error, again }) {
  return html`<div class="empty">
    <h2>This view cannot be shown</h2>
    <p>${String(error && error.message ? error.message : error)}</p>
    <button class="button" onClick=${again}>Try again</button>
  </div>`;
}

function Shown({ name, store }) {
  const [error, reset] = useErrorBoundary();
  const known = useView(name);
  useEffect(() => {
    document.documentElement.dataset.view = name;
  }, [name]);
  if (!VIEWS[name]) return html`<div class="empty"><h2>There is no such view</h2><p>${name}</p></div>`;
  if (error) return html`<${Broken} error=${error} again=${reset} />`;
  if (!known) return null;
  if (known.error) {
    return html`<${Broken} error=${known.error} again=${() => {
      loaded.delete(name);
      location.reload();
    }} />`;
  }
  return html`<${known.View} store=${store} />`;
}

function App({ store }) {
  const name = store.route.value.view;
  return html`<${Frame} store=${store}><${Shown} key=${name} name=${name} store=${store} /><//>`;
}

/** `data-idle` on <html>: nothing is pending and the fonts are there. Pictures and tests wait for it. */
function tellIdle() {
  const root = document.documentElement;
  let changed = performance.now();
  let looking = false;
  const look = () => setTimeout(async () => {
    await document.fonts.ready;
    requestAnimationFrame(() => {
      if (pending() || loading || performance.now() - changed < QUIET) return look();
      looking = false;
      root.dataset.idle = '';
      return undefined;
    });
  }, QUIET);
  const touched = () => {
    changed = performance.now();
    if (looking) return;
    looking = true;
    delete root.dataset.idle;
    look();
  };
  new MutationObserver(touched).observe(document.getElementById('app'), { subtree: true, childList: true, characterData: true });
  touched();
}

const store = makeStore();
listenForKeys(store);
tellIdle();
render(html`<${App} store=${store} />`, document.getElementById('app'));
store.begin().then(() => setTimeout(loadOverlays, 500));
