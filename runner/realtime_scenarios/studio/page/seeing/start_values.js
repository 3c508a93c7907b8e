// With which values a conversation begins: a form over the variables that the scenario declares, the rows of its tables,
// and the moment it is at. What does not fit is told at its field, by the server, which knows what is declared.

import { html, useRef, useState } from '../vendor/core.js';
import { shown } from '../reducing/words.js';
import { query, useAnswer, useTold } from './asking.js';
import { Field } from './parts.js';
import { StartTables } from './start_tables.js';

/** What a person wrote, as a value of the variable's type: {value} or {problem}. */
export function typed(text, variable) {
  const types = [].concat(variable.type ?? 'string');
  if (text === '') return { value: types.includes('null') ? null : types.includes('string') ? '' : undefined };
  if (types.includes('string') && !types.some((type) => ['object', 'array'].includes(type))) return { value: text };
  try {
    const value = JSON.parse(text);
    const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
    if (types.includes(kind) || (kind === 'integer' && types.includes('number'))) return { value };
  } catch { /* it is said below */ }
  return { problem: `It is ${types.filter((type) => type !== 'null').join(' or ')}, as JSON writes it` };
}

/** What the server has against the values that were chosen: {field: message}. */
function useProblems(store) {
  const { context, data } = store.start.value;
  const scenario = store.scenario.value;
  const last = useRef({});
  const anything = Object.keys(context).length + Object.keys(data).length > 0;
  const told = useTold(store, 'start', anything ? { scenario: scenario.id, context, data } : null);
  if (!anything) last.current = {};
  else if (told) last.current = Object.fromEntries(told.problems.map((problem) => [problem.field, problem.message]));
  return last.current;
}

export function StartValues({ store, declared }) {
  const scenario = store.scenario.value;
  const { context, data, now } = store.start.value;
  const problems = useProblems(store);
  const { answer, problem } = useAnswer(store, `start?${query({ scenario: scenario.id })}`);
  const [begun, beginAnew] = useState(0); // with another number the form is another one: no draft is left in it
  const set = (fields) => {
    store.start.value = { ...store.start.value, ...fields };
  };
  const changed = Object.keys(context).length + Object.keys(data).length;
  const wrong = Object.keys(problems).length;
  return html`<section class="block" aria-label="It begins with"><div class="block-head"><h2>It begins with</h2><span class="hint">taken when you connect</span>
      ${(changed > 0 || now) && html`<button class="link" onClick=${() => {
        set({ context: {}, data: {}, now: null });
        beginAnew(begun + 1);
      }}>As the file has it</button>`}</div>
    ${wrong > 0 && html`<p class="bad-note" role="status">${wrong === 1 ? 'One value does' : `${wrong} values do`} not fit, so that it cannot begin.</p>`}
    <div class="start-form" key=${`${scenario.id} ${begun}`}>
      <${StartVariables} store=${store} declared=${declared} problems=${problems} />
      <div><label class="label" for="start-now">The moment</label>
        <input id="start-now" class="field" type="datetime-local" value=${now ?? ''} onInput=${(input) => set({ now: input.target.value || null })} />
        <span class="hint">empty: as the scenario has it</span></div>
    </div>
    ${problem && !answer && html`<p class="bad-note" role="status">The tables cannot be told: ${shown(problem.message)}</p>`}
    ${answer?.tables.length > 0 && html`<${StartTables} store=${store} tables=${answer.tables} problems=${problems} />`}
  </section>`;
}

/** A field for each variable that is declared. */
function StartVariables({ store, declared, problems }) {
  const { context } = store.start.value;
  const change = (name, value) => {
    const next = { ...store.start.value.context };
    if (value === undefined || JSON.stringify(value) === JSON.stringify(declared[name].default ?? null)) delete next[name];
    else next[name] = value;
    store.start.value = { ...store.start.value, context: next };
  };
  return Object.keys(declared).map((name) => html`<${Variable} key=${name} name=${name} variable=${declared[name]}
    value=${context[name]} told=${problems[`context/${name}`]} change=${(value) => change(name, value)} />`);
}

function Variable({ name, variable, value, told, change }) {
  const [unread, setUnread] = useState('');
  const problem = unread || told;
  const id = `start-${name}`;
  const present = value === undefined ? variable.default ?? null : value;
  const types = [].concat(variable.type ?? 'string');
  const label = html`<label class="label" for=${id}>${shown(name)}</label>`;
  const hint = problem ? html`<span class="bad-note" id=${`${id}-problem`}>${shown(problem)}</span>`
    : variable.description && html`<span class="hint">${variable.description}</span>`;
  const wrong = { 'aria-invalid': problem ? 'true' : undefined, 'aria-describedby': problem ? `${id}-problem` : undefined };
  const choices = variable.enum ?? (types.includes('boolean') ? [true, false] : null);
  if (choices) {
    const all = types.includes('null') && !choices.includes(null) ? [null, ...choices] : choices;
    return html`<div>${label}<select id=${id} class="select" value=${JSON.stringify(present)} ...${wrong} onChange=${(input) => change(JSON.parse(input.target.value))}>
      ${all.map((one) => html`<option key=${JSON.stringify(one)} value=${JSON.stringify(one)}>${one === null ? 'nothing' : String(one)}</option>`)}</select>${hint}</div>`;
  }
  const text = present === null || present === undefined ? '' : typeof present === 'string' ? present : JSON.stringify(present);
  return html`<div>${label}<${Field} id=${id} type=${variable.secret ? 'password' : 'text'} value=${text} keeps=${Boolean(unread)}
    placeholder=${types.includes('null') ? 'nothing' : undefined} ...${wrong}
    typed=${(written) => {
      const read = typed(written, variable);
      setUnread(read.problem ?? '');
      if (!read.problem) change(read.value);
    }} />${hint}</div>`;
}
