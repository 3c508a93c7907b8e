// A part of the page that is loaded when it is first shown.

import { html, useEffect, useState } from './vendor/core.js';

const AGAIN = 2000; // ms

/** `load` gives a promise of the component, and is asked again where it cannot be had; what else there is, it gets. */
export function Later({ load, ...rest }) {
  const [Part, setPart] = useState(null);
  useEffect(() => {
    let timer;
    const ask = () => load().then((part) => setPart(() => part), () => (timer = setTimeout(ask, AGAIN)));
    ask();
    return () => clearTimeout(timer);
  }, []);
  return Part && html`<${Part} ...${rest} />`;
}
