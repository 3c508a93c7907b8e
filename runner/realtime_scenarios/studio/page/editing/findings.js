// What is wrong with the file that is open and with the others of its scenario, as a list: each leads to its line.

import { html } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { counted } from '../reducing/words.js';

/** `3 errors, 1 warning`. */
export function summary(findings) {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const warnings = findings.length - errors;
  return [errors && counted(errors, 'error'), warnings && counted(warnings, 'warning')].filter(Boolean).join(', ');
}

export function Findings({ findings, name, looking, onOpen, current }) {
  const here = findings.filter((finding) => finding.path === name);
  const elsewhere = findings.filter((finding) => finding.path !== name);
  return html`<section class="findings" data-pane tabindex="-1" aria-label="Findings">
    <h2 class="findings-head">
      ${findings.length ? html`<span>${summary(findings)}</span>` : html`<span class="findings-none"><${Icon} name="pass" />${looking ? 'Looking …' : 'No findings'}</span>`}
      ${findings.length > 0 && html`<span class="hint wide-only">F8 next, Shift+F8 previous</span>`}
    </h2>
    <ul class="findings-list" role="list">
      ${here.map((finding, index) => html`<${Finding} key=${`h${index}`} finding=${finding} name=${name} onOpen=${onOpen} here=${finding === current} />`)}
      ${elsewhere.map((finding, index) => html`<${Finding} key=${`e${index}`} finding=${finding} name=${name} onOpen=${onOpen} />`)}
    </ul>
  </section>`;
}

function Finding({ finding, name, onOpen, here }) {
  const bad = finding.severity === 'error';
  const where = finding.path === name ? `line ${finding.line}` : `${finding.path ?? finding.file}:${finding.line}`;
  return html`<li><button class=${`finding ${here ? 'here' : ''}`} onClick=${() => onOpen(finding)} disabled=${finding.path === null}>
    <span class=${`tag ${bad ? 'bad' : 'warn'}`}><${Icon} name=${bad ? 'fail' : 'warn'} />${bad ? 'Error' : 'Warning'}</span>
    <span class="finding-where numbers">${where}</span>
    <span class="finding-text">${finding.message}${finding.hint && html` <span class="finding-hint">${finding.hint}</span>`}</span>
    <span class="finding-code" title=${finding.name}>${finding.code}</span>
  </button></li>`;
}
