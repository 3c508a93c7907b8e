// Two conversations side by side: turn by turn, what is alike beside each other.

import { html, useEffect, useState } from './vendor/core.js';
import { counted, shown } from './reducing/words.js';
import { Line } from './testing/result.js';
import { benchOf } from './testing/runs.js';
import { Status } from './testing/statuses.js';
import { styled } from './styles.js';

await styled('testing.css');

export function View({ store }) {
  const { left, right } = store.route.value;
  const bench = benchOf(store.scenarioId.value);
  const [both, setBoth] = useState(null);
  const [problem, setProblem] = useState(null);
  const [only, setOnly] = useState(true);
  useEffect(() => {
    if (!bench.dialogues.peek()) bench.load();
  }, [bench]);
  useEffect(() => {
    if (!left || !right) return undefined;
    let wanted = true;
    setProblem(null);
    store.api('GET', `compare?left=${encodeURIComponent(left)}&right=${encodeURIComponent(right)}`).then(
      (answer) => wanted && setBoth(answer),
      (error) => wanted && setProblem(error),
    );
    return () => (wanted = false);
  }, [left, right]);
  const sides = choices(store, bench);
  const choose = (fields) => store.go('compare', fields, true);
  const heads = html`<div class="toolbar">
    <${Side} label="Left" value=${left} sides=${sides} onChoose=${(value) => choose({ left: value })} />
    <${Side} label="Right" value=${right} sides=${sides} onChoose=${(value) => choose({ right: value })} />
    <button class="button" disabled=${!left || !right} onClick=${() => choose({ left: right, right: left })}>Swap</button>
    <span class="toolbar-space"></span>
    <label class="switch"><input type="checkbox" checked=${only} onChange=${(change) => setOnly(change.target.checked)} /><span>Turns that differ only</span></label>
  </div>`;
  if (!sides.length) return html`<div class="empty"><h2>Nothing to compare yet</h2><p>Run a dialogue twice, or talk.</p><button class="button" onClick=${() => store.go('dialogues')}>To the dialogues</button></div>`;
  if (problem) return html`<div class="view">${heads}<div class="empty"><h2>They cannot be compared</h2><p>${problem.message}</p><p>${problem.hint}</p></div></div>`;
  if (!both) return html`<div class="view">${heads}<div class="empty"><p>Choose two conversations.</p></div></div>`;
  const turns = only ? both.turns.filter((turn) => !turn.same) : both.turns;
  return html`<div class="view compare">${heads}
    <div class="compare-heads">${[both.left, both.right].map((side, index) => html`<div key=${index}>${side.status && html`<${Status} status=${side.status} />`}<h2>${shown(side.title)}</h2></div>`)}</div>
    <div class="compare-body" data-pane tabindex="0" role="group" aria-label="Both conversations">
      ${!both.different && html`<p class="compare-turn">They are alike, in ${counted(both.turns.length, 'turn')}.</p>`}
      ${turns.map((turn) => html`<section key=${turn.number}><h3 class="compare-turn">${turn.number ? `Turn ${turn.number}` : 'Before the first turn'}</h3>
        ${turn.rows.map((row, index) => html`<div class=${`compare-row ${row.same ? '' : 'different'}`} key=${index}>
          ${[row.left, row.right].map((line, side) => html`<div key=${side} class=${line ? '' : 'nothing'}>${line ? html`<ul><${Line} line=${{ ...line, seq: `${side}-${line.seq}` }} /></ul>` : html`<span class="unseen">nothing</span>`}</div>`)}
        </div>`)}</section>`)}
    </div></div>`;
}

/** What there is to compare: [value, words]. */
function choices(store, bench) {
  const talk = store.conversation.value;
  const runs = (bench.dialogues.value ?? []).flatMap((dialogue) =>
    [...dialogue.history].reverse().slice(0, 10).map((past) => [`${past.run}/${dialogue.id}`, `${dialogue.id}, run ${past.run.slice(1)}: ${past.status}`]));
  return [...(talk ? [[talk, 'This conversation']] : []), ...runs];
}

function Side({ label, value, sides, onChoose }) {
  const known = sides.some(([one]) => one === value);
  return html`<label class="compare-side"><span class="unseen">${label}</span>
    <select class="select" value=${value ?? ''} onChange=${(change) => onChoose(change.target.value)}>
      ${!known && html`<option value=${value ?? ''}>${value ?? `${label} …`}</option>`}
      ${sides.map(([one, words]) => html`<option key=${one} value=${one}>${shown(words)}</option>`)}
    </select></label>`;
}
