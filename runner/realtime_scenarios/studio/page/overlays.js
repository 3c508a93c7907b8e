// What lies over the page, one at a time: palette, settings, help, the other places. Escape closes it and gives the
// focus back to where it came from.

import { html, signal, useLayoutEffect, useRef } from './vendor/core.js';
import { Icon } from './icons.js';
import { Palette } from './palette.js';

export const overlay = signal(null); // palette | settings | help | more | null
let cameFrom = null;

/** What is loaded when it is wanted, or before, while nothing else is to be done. */
const CONTENTS = {
  settings: () => import('./settings_sheet.js').then((module) => module.Settings),
  help: () => import('./help.js').then((module) => module.Help),
  more: () => import('./more.js').then((module) => module.More),
};
const loaded = { palette: Palette }; // who opens the palette types at once

export async function show(name) {
  if (overlay.peek() === null) cameFrom = document.activeElement;
  if (!loaded[name]) await load(name);
  overlay.value = name;
}

async function load(name) {
  loaded[name] = await CONTENTS[name]();
}

/** Loads what is not there yet. */
export function loadOverlays() {
  for (const name of Object.keys(CONTENTS)) if (!loaded[name]) load(name).catch(() => {});
}

export function hide() {
  overlay.value = null;
  const back = cameFrom;
  cameFrom = null;
  // `inert` is taken off with the next render; before, nothing below could have the focus
  setTimeout(() => back && back.isConnected && back.focus(), 0);
}

/** A sheet with a name, which holds the focus as long as it is there. */
export function Sheet({ name, title, children, kind = '' }) {
  const ref = useRef(null);
  useLayoutEffect(() => {
    const sheet = ref.current;
    const first = sheet.querySelector('[autofocus], input, button:not(.sheet-close), a, select, textarea') ?? sheet;
    first.focus();
  }, []);
  const keys = (press) => {
    if (press.key === 'Escape') {
      press.preventDefault();
      press.stopPropagation();
      hide();
    }
    if (press.key === 'Tab') keepInside(press, ref.current);
  };
  return html`<div class="scrim" onPointerDown=${(down) => down.target === down.currentTarget && hide()}>
    <section ref=${ref} class=${`sheet ${kind}`} role="dialog" aria-modal="true" aria-label=${title} tabindex="-1" onKeyDown=${keys} data-sheet=${name}>
      ${kind === 'palette' && html`<h1 class="unseen">${title}</h1>`}
      ${kind !== 'palette' && html`<header class="sheet-head"><h1>${title}</h1>
        <button class="icon-button sheet-close" aria-label="Close" onClick=${hide}><${Icon} name="close" /></button></header>`}
      ${children}
    </section>
  </div>`;
}

function keepInside(press, sheet) {
  const stops = [...sheet.querySelectorAll('button, input, select, textarea, a[href], [tabindex="0"]')]
    .filter((stop) => !stop.disabled && stop.offsetParent !== null);
  if (!stops.length) return press.preventDefault();
  const first = stops[0];
  const last = stops[stops.length - 1];
  if (press.shiftKey && (document.activeElement === first || document.activeElement === sheet)) {
    press.preventDefault();
    last.focus();
  } else if (!press.shiftKey && document.activeElement === last) {
    press.preventDefault();
    first.focus();
  }
  return undefined;
}

const SHEETS = {
  palette: { title: 'Go to anything', kind: 'palette' },
  settings: { title: 'Settings' },
  help: { title: 'Keys and help' },
  more: { title: 'More', kind: 'bottom' },
};

export function Overlays({ store }) {
  const name = overlay.value;
  if (name === null) return null;
  const Content = loaded[name];
  return html`<${Sheet} key=${name} name=${name} ...${SHEETS[name]}><${Content} store=${store} /><//>`;
}
