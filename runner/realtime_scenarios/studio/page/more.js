// The places that a narrow page has no room for below.

import { html } from './vendor/core.js';
import { Icon } from './icons.js';
import { hide, show } from './overlays.js';
import { NARROW, PLACES } from './places.js';

export function More({ store }) {
  const others = PLACES.filter((place) => !NARROW.includes(place.name));
  const row = (icon, title, act) => html`<li key=${title}><button class="menu-row" onClick=${act}><${Icon} name=${icon} />${title}</button></li>`;
  return html`<ul class="menu">
    ${others.map((place) => row(place.icon, place.title, () => {
      hide();
      store.go(place.name);
    }))}
    ${row('sliders', 'Settings', () => show('settings'))}
    ${row('help', 'Keys and help', () => show('help'))}
  </ul>`;
}
