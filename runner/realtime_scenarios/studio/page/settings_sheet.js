// What a person can choose for this browser.

import { html } from './vendor/core.js';
import { choose, settings } from './settings.js';

function Choice({ name, title, hint, options }) {
  const value = settings[name].value;
  return html`<fieldset class="setting"><legend>${title}</legend>
    <div class="segments">${options.map(([option, words]) => html`<label key=${option} class=${`segment ${value === option ? 'chosen' : ''}`}>
      <input type="radio" name=${name} value=${option} checked=${value === option} onChange=${() => choose(name, option)} />${words}</label>`)}</div>
    ${hint && html`<p class="hint">${hint}</p>`}</fieldset>`;
}

function Switch({ name, title, hint }) {
  return html`<label class="setting switch"><input type="checkbox" checked=${settings[name].value}
    onChange=${(change) => choose(name, change.target.checked)} /><span>${title}${hint && html`<span class="hint">${hint}</span>`}</span></label>`;
}

export function Settings({ store }) {
  return html`<div class="settings">
    <${Choice} name="theme" title="Theme" options=${[['auto', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]} />
    <${Choice} name="density" title="Controls" options=${[['compact', 'Compact'], ['roomy', 'Roomy']]} />
    <${Choice} name="text" title="Text of a spoken answer" options=${[['voice', 'Follows the voice'], ['once', 'All at once']]} />
    <${Switch} name="execution" title="Show calls, states and context between what is said" />
    <${Switch} name="keys" title="Single letters are keys" hint="g, ?, /, [ and ] outside of fields" />
    ${store.project.value && html`<p class="hint version">realtime-scenarios ${store.project.value.version}</p>`}
  </div>`;
}
