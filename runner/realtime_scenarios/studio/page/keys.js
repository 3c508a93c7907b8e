// The keys of the whole page. What a view does with keys of its own stands in that view.

import { hide, overlay, show } from './overlays.js';
import { PLACES } from './places.js';
import { settings } from './settings.js';

const WAIT = 1200; // ms between `g` and the letter behind it

export function isField(target) {
  return target instanceof HTMLElement
    && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** Moves the focus to the next pane that is shown, as a whole. */
function nextPane(step) {
  const panes = [...document.querySelectorAll('[data-pane]')].filter((pane) => pane.offsetParent !== null);
  const here = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(here + step + panes.length) % panes.length];
  if (next) next.focus();
}

export function listenForKeys(store) {
  let went = -Infinity; // when `g` was pressed

  const toApproval = () => {
    if (!store.state.value.approvals.length) return;
    if (store.route.value.view !== 'conversation') store.go('conversation');
    setTimeout(() => document.querySelector('[data-approval]')?.focus(), 60);
  };

  const withModifier = (press) => {
    const control = press.ctrlKey || press.metaKey;
    if (control && !press.shiftKey && !press.altKey && press.key.toLowerCase() === 'k') {
      if (overlay.peek() === 'palette') hide();
      else show('palette');
    } else if (control && press.key === '.') store.send('interrupt').catch(() => {});
    else if (control && press.shiftKey && press.code === 'KeyM') store.toggleMicrophone?.();
    else if (press.altKey && press.code === 'KeyA') toApproval();
    else if (press.key === 'F6') nextPane(press.shiftKey ? -1 : 1);
    else return false;
    return true;
  };

  const toPlace = (press) => {
    if (performance.now() - went >= WAIT) return false;
    went = -Infinity;
    const place = PLACES.find((one) => one.key === press.key);
    if (!place) return false;
    store.go(place.name);
    setTimeout(() => document.getElementById('main')?.focus(), 0);
    return true;
  };

  const letter = (press) => {
    switch (press.key) {
      case 'g': went = performance.now(); return true;
      case '?': show('help'); return true;
      case '/': {
        const field = document.querySelector('[data-filter]') ?? document.querySelector('[data-composer]');
        if (field) field.focus();
        return Boolean(field);
      }
      case '[': case ']':
        document.dispatchEvent(new CustomEvent('studio:turn', { detail: press.key === ']' ? 1 : -1 }));
        return true;
      default: return false;
    }
  };

  // behind a `g` a letter is no key of the view that has the focus
  window.addEventListener('keydown', (press) => {
    // what is typed into a palette that is still being loaded is meant for it
    if (press.ctrlKey || press.metaKey || press.altKey || isField(press.target) || overlay.peek() || !toPlace(press)) return;
    press.preventDefault();
    press.stopPropagation();
  }, { capture: true });

  window.addEventListener('keydown', (press) => {
    if (press.isComposing || press.defaultPrevented) return;
    if (withModifier(press)) return press.preventDefault();
    if (overlay.peek() || press.ctrlKey || press.metaKey || press.altKey || isField(press.target)) return;
    if (press.key === 'Escape') {
      if (store.since.value !== null) store.showAll();
      else if (store.selected.value !== null) store.select(null);
      return;
    }
    if (settings.keys.value && letter(press)) press.preventDefault();
  });
}
