// A part of the page that is loaded when it is first shown.

import { html, useEffect, useState } from './vendor/core.js';

/** `load` gives a promise of the component; what else there is, it gets. */
export function Later({ load, ...rest }) {
  const [Part, setPart] = useState(null);
  useEffect(() => {
    load().then((part) => setPart(() => part), () => {});
  }, []);
  return Part && html`<${Part} ...${rest} />`;
}
