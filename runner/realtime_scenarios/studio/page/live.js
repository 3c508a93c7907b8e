// One line for the whole page that screen readers hear: at most one message a second, the last one wins. Errors at once.

const GAP = 1000; // ms
let waiting = null;
let timer = null;
let told = -GAP;

function put(id, text) {
  const place = document.getElementById(id);
  if (place) place.textContent = text;
}

/** Says something that happened. */
export function say(text) {
  waiting = text;
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    told = performance.now();
    put('status', waiting);
  }, Math.max(0, told + GAP - performance.now()));
}

/** Says that something is wrong. */
export function sayError(text) {
  put('alert', '');
  requestAnimationFrame(() => put('alert', text));
}
