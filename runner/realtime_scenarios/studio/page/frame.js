// The frame around a view: bar above, places at the side or below, the inspector, and what lies over all of it.

import { html, useEffect } from './vendor/core.js';
import { ConnectButton, LinkChip, ScenarioPicker, AgentPicker } from './bar.js';
import { Icon } from './icons.js';
import { Later } from './later.js';
import { overlay, Overlays, show } from './overlays.js';
import { NARROW, PLACES, titleOf } from './places.js';

export function Frame({ store, children }) {
  const name = store.route.value.view;
  useEffect(() => {
    const scenario = store.scenario.value;
    document.title = scenario ? `${titleOf(name)} · ${scenario.name || scenario.id}` : 'Studio';
  }, [name, store.scenario.value]);
  return html`<div class=${`frame ${store.selected.value !== null ? 'with-inspector' : ''}`} inert=${overlay.value ? true : undefined}>
    <a class="skip" href="#main" onClick=${toMain}>To the ${titleOf(name).toLowerCase()}</a>
    <${Bar} store=${store} />
    <${Places} store=${store} current=${name} />
    <main id="main" class="main" tabindex="-1" data-pane aria-label=${titleOf(name)}>
      <h1 class="unseen">${titleOf(name)}</h1>
      <${Later} load=${() => import('./banners.js').then((module) => module.Banners)} store=${store} />
      ${store.problem.value && !store.project.value ? html`<${NoProject} store=${store} />` : children}
    </main>
    ${store.selected.value !== null && html`<${Later} load=${() => import('./inspector.js').then((module) => module.Inspector)} store=${store} />`}
    <${Tabs} store=${store} current=${name} />
  </div>
  <${Overlays} store=${store} />`;
}

function toMain(click) {
  click.preventDefault();
  document.getElementById('main').focus();
}

function Bar({ store }) {
  return html`<header class="bar" data-pane tabindex="-1" aria-label="Scenario and connection">
    <img class="bar-mark" src=${new URL('./mark.svg', import.meta.url).pathname} alt="Studio" width="24" height="24" />
    <${ScenarioPicker} store=${store} />
    <span class="bar-space"></span>
    <${LinkChip} store=${store} />
    <${AgentPicker} store=${store} />
    <${ConnectButton} store=${store} />
    <div class="bar-tools">
      <button class="icon-button" aria-label="Go to anything" title="Go to anything (Ctrl+K)"
        onClick=${() => show('palette')}><${Icon} name="search" /></button>
      <button class="icon-button wide-only" aria-label="Settings" title="Settings"
        onClick=${() => show('settings')}><${Icon} name="sliders" /></button>
      <button class="icon-button wide-only" aria-label="Keys and help" title="Keys and help (?)"
        onClick=${() => show('help')}><${Icon} name="help" /></button>
    </div>
  </header>`;
}

function badge(store, name) {
  if (name === 'conversation') {
    const waiting = store.state.value.approvals.length;
    return waiting ? html`<span class="badge waits" title="Waiting for you">${waiting}<span class="unseen"> waiting for you</span></span>` : null;
  }
  if (name === 'editor') {
    const findings = (store.scenario.value?.findings ?? []).filter((finding) => finding.severity === 'error').length;
    return findings ? html`<span class="badge bad">${findings}<span class="unseen"> errors</span></span>` : null;
  }
  return null;
}

function Place({ store, place, current, brief }) {
  const here = place.name === current;
  return html`<a class=${`place ${here ? 'here' : ''}`} href=${`#/${place.name}`} aria-current=${here ? 'page' : undefined}
    onClick=${(click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey) return;
      click.preventDefault();
      store.go(place.name);
    }}><${Icon} name=${place.icon} /><span class="place-name">${brief ?? place.title}</span>${badge(store, place.name)}</a>`;
}

function Places({ store, current }) {
  const groups = [...new Set(PLACES.map((place) => place.group))];
  return html`<nav class="places" data-pane tabindex="-1" aria-label="Views">
    ${groups.map((group) => html`<div class="places-group" role="group" aria-label=${group} key=${group}>
      <p class="places-head" aria-hidden="true">${group}</p>
      ${PLACES.filter((place) => place.group === group).map((place) =>
        html`<${Place} key=${place.name} store=${store} place=${place} current=${current} />`)}
    </div>`)}
  </nav>`;
}

const BRIEF = { conversation: 'Talk', log: 'Log', dialogues: 'Tests' };

function Tabs({ store, current }) {
  const more = !NARROW.includes(current);
  return html`<nav class="tabs" aria-label="Views">
    ${NARROW.map((name) => html`<${Place} key=${name} store=${store} brief=${BRIEF[name]} current=${current}
      place=${PLACES.find((place) => place.name === name)} />`)}
    <button class=${`place ${more ? 'here' : ''}`} aria-haspopup="dialog" onClick=${() => show('more')}>
      <${Icon} name="more" /><span class="place-name">${more ? titleOf(current) : 'More'}</span></button>
  </nav>`;
}

function NoProject({ store }) {
  const { error, hint } = store.problem.value;
  return html`<div class="empty"><h2>Nothing to show</h2><p>${error}</p>${hint && html`<p class="hint">${hint}</p>`}
    <button class="button" onClick=${() => store.load()}>Try again</button></div>`;
}
