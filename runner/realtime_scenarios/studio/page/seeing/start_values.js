// With which values a conversation begins: a form over the variables that the scenario declares, and the moment it is at.

import { html, useState } from '../vendor/core.js';
import { shown } from '../reducing/words.js';

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

export function StartValues({ store, declared }) {
  const names = Object.keys(declared);
  const { context, now } = store.start.value;
  const set = (fields) => {
    store.start.value = { ...store.start.value, ...fields };
  };
  const change = (name, value) => {
    const next = { ...context };
    if (value === undefined || JSON.stringify(value) === JSON.stringify(declared[name].default ?? null)) delete next[name];
    else next[name] = value;
    set({ context: next });
  };
  const changed = Object.keys(context).length;
  return html`<section class="block"><div class="block-head"><h2>It begins with</h2><span class="hint">taken when you connect</span>
      ${(changed > 0 || now) && html`<button class="link" onClick=${() => set({ context: {}, now: null })}>As the file has it</button>`}</div>
    <div class="start-form">
      ${names.map((name) => html`<${Variable} key=${`${name} ${changed ? '' : 'as is'}`} name=${name} variable=${declared[name]} value=${context[name]} change=${(value) => change(name, value)} />`)}
      <div><label class="label" for="start-now">The moment</label>
        <input id="start-now" class="field" type="datetime-local" value=${now ?? ''} onInput=${(input) => set({ now: input.target.value || null })} />
        <span class="hint">empty: as the scenario has it</span></div>
    </div></section>`;
}

function Variable({ name, variable, value, change }) {
  const [problem, setProblem] = useState('');
  const id = `start-${name}`;
  const present = value === undefined ? variable.default ?? null : value;
  const types = [].concat(variable.type ?? 'string');
  const label = html`<label class="label" for=${id}>${shown(name)}</label>`;
  const hint = variable.description && html`<span class="hint">${variable.description}</span>`;
  const choices = variable.enum ?? (types.includes('boolean') ? [true, false] : null);
  if (choices) {
    const all = types.includes('null') && !choices.includes(null) ? [null, ...choices] : choices;
    return html`<div>${label}<select id=${id} class="select" value=${JSON.stringify(present)} onChange=${(input) => change(JSON.parse(input.target.value))}>
      ${all.map((one) => html`<option key=${JSON.stringify(one)} value=${JSON.stringify(one)}>${one === null ? 'nothing' : String(one)}</option>`)}</select>${hint}</div>`;
  }
  const text = present === null || present === undefined ? '' : typeof present === 'string' ? present : JSON.stringify(present);
  return html`<div>${label}<input id=${id} class="field" type=${variable.secret ? 'password' : 'text'} autocomplete="off" value=${text}
    placeholder=${types.includes('null') ? 'nothing' : undefined} aria-invalid=${problem ? 'true' : undefined} aria-describedby=${problem ? `${id}-problem` : undefined}
    onInput=${(input) => {
      const read = typed(input.target.value, variable);
      setProblem(read.problem ?? '');
      if (!read.problem) change(read.value);
    }} />${problem ? html`<span class="bad-note" id=${`${id}-problem`}>${problem}</span>` : hint}</div>`;
}
