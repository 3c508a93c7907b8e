// The calls that wait for a person: the oldest one as a card over the text box, the others behind it. It takes no focus
// by itself, and nothing is approved by a key that was meant for the text box.

import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/core.js';
import { Icon } from './icons.js';
import { brief, shown, straight } from './reducing/words.js';

const VISIBLE = 400;    // ms before it can be approved
const STAYS = 5000;     // ms that a card which was closed elsewhere is still shown
const ANNOUNCED = [30, 10]; // seconds left

export function Approvals({ store }) {
  const { approvals, approvalCards } = store.state.value;
  const [closed, setClosed] = useState(null);
  const [chosen, setChosen] = useState(null);
  const first = useRef(null);
  const current = chosen && approvals.includes(chosen) ? chosen : approvals[0] ?? null;

  useEffect(() => {
    const before = first.current;
    first.current = current;
    if (before === null || approvals.includes(before)) return undefined;
    const card = store.state.value.approvalCards.get(before);
    if (!card || card.decision === 'approved' || card.decision === 'rejected') return undefined;
    setClosed(card);
    const timer = setTimeout(() => setClosed(null), STAYS);
    return () => clearTimeout(timer);
  }, [current, approvals]);

  if (current === null) return closed && html`<${Closed} card=${closed} />`;
  const observer = store.role.value === 'observer' || store.restarted.value;
  return html`<div class="approvals">
    <${Card} key=${current} store=${store} card=${approvalCards.get(current)} observer=${Boolean(observer)}
      place=${approvals.indexOf(current) + 1} of=${approvals.length} />
    ${approvals.length > 1 && html`<div class="approval-queue" role="group" aria-label="Others that wait">
      ${approvals.filter((call) => call !== current).map((call) => html`<button class="tag tool" key=${call} onClick=${() => setChosen(call)}>
        <${Icon} name="hand" />${shown(approvalCards.get(call).tool)}</button>`)}</div>`}
  </div>`;
}

function Closed({ card }) {
  return html`<div class="approval closed" role="group" aria-label="Not waiting any more"><p><${Icon} name="clock" />
    <b>${shown(card.tool)}</b> ${card.decision === 'timed_out' ? 'timed out' : 'does not wait any more'}</p></div>`;
}

/** Seconds that are left, null: it waits for as long as it takes. Said at 30 and at 10. */
function useLeft(store, card) {
  const [left, setLeft] = useState(card.seconds);
  useEffect(() => {
    if (!card.seconds) return undefined;
    const waited = Math.max(0, store.state.peek().at - card.at); // it may have been open before the page was
    const end = performance.now() + card.seconds * 1000 - waited;
    let told = Infinity;
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      setLeft(seconds);
      const mark = ANNOUNCED.find((one) => seconds <= one && told > one);
      if (mark) store.say(`${seconds} seconds left to decide on ${shown(card.tool)}`);
      told = seconds;
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [card.call]);
  return left;
}

function Card({ store, card, observer, place, of }) {
  const form = useRef(null);
  const [full, setFull] = useState(!card.fields.some((field) => field.required));
  const [ready, setReady] = useState(false);
  const [rejecting, setRejecting] = useState(false);
  const [busy, setBusy] = useState(false);
  const held = useRef(false); // whether the focus was here when it was decided: fields that are sent lose it
  const left = useLeft(store, card);

  useEffect(() => {
    const timer = setTimeout(() => setReady(true), VISIBLE);
    return () => clearTimeout(timer);
  }, []);
  useLayoutEffect(() => () => {
    if (held.current || form.current?.contains(document.activeElement)) document.querySelector('[data-composer]')?.focus();
  }, []);

  const values = () => Object.fromEntries([...form.current.querySelectorAll('[data-field]')].map((input) => [input.dataset.field, input.value]));
  const look = () => setFull(card.fields.every((field) => !field.required || values()[field.name]?.trim()));
  useEffect(() => { // it was asked again: something was missing
    setBusy(false);
    look();
    if (held.current) requestAnimationFrame(() => (form.current?.querySelector('[aria-invalid]') ?? form.current)?.focus());
    held.current = false;
  }, [card.seq]);
  const sending = () => {
    held.current = form.current.contains(document.activeElement);
    setBusy(true);
  };
  const notSent = () => {
    held.current = false;
    if (!form.current) return; // it does not wait any more
    setBusy(false);
    look();
  };
  const approve = async (remember) => {
    if (!full || !ready || busy || observer) return;
    sending();
    const fields = values();
    for (const input of form.current.querySelectorAll('input[type=password]')) input.value = '';
    await store.send('approve', { call: card.call, fields, remember }).catch(notSent);
  };
  const reject = async () => {
    if (observer) return;
    if (!rejecting) return setRejecting(true);
    sending();
    const reason = form.current.querySelector('[data-reason]').value.trim();
    await store.send('reject', { call: card.call, reason: reason || null }).catch(notSent);
  };
  useLayoutEffect(() => { // before another key: a space on the button would send the reason unwritten
    if (rejecting) form.current.querySelector('[data-reason]').focus();
  }, [rejecting]);
  const keys = (press) => {
    if (press.isComposing) return;
    if (press.key === 'Enter' && (press.ctrlKey || press.metaKey)) approve(false);
    else if (press.altKey && press.code === 'KeyR') reject();
    else if (press.key === 'Escape' && rejecting) setRejecting(false);
    else if (press.key === 'Escape') document.querySelector('[data-composer]')?.focus();
    else if (press.key === 'Enter' && press.target.matches('[data-reason]')) reject();
    else return;
    press.preventDefault();
  };

  const title = `approval-${card.call}`;
  return html`<section class="approval" ref=${form} role="group" aria-labelledby=${title} tabindex="-1" data-approval onKeyDown=${keys}>
    <header class="approval-head"><${Icon} name="hand" />
      <h2 id=${title}><b>${shown(card.tool)}</b> waits for you${of > 1 ? html` <span class="numbers">(${place} of ${of})</span>` : ''}</h2>
      ${left !== null && html`<span class="approval-left numbers">${left} s left</span>`}
      <kbd class="wide-only">Alt+A</kbd></header>
    ${left !== null && html`<div class="approval-bar" aria-hidden="true"><span style=${{ width: `${(100 * left) / card.seconds}%` }}></span></div>`}
    <form class="approval-body" autocomplete="off" onSubmit=${(submit) => submit.preventDefault()}>
      ${card.question && html`<p class="approval-question">${straight(card.question)}</p>`}
      <p class="hint">${shown(store.agentName(card.agent))} wants to call it.${card.place && html` <button class="link" onClick=${() => store.openPlace(card.place)}>Why it asks: ${shown(card.place[0])}:${card.place[1]}</button>`}</p>
      <${Arguments} value=${card.arguments} />
      ${card.fields.map((field) => html`<${Field} key=${field.name} card=${card} field=${field} look=${look} disabled=${observer || busy} />`)}
      ${rejecting && html`<label class="approval-field"><span class="label">Reason, which the model is told</span>
        <input class="field" data-reason type="text" autocomplete="off" placeholder="May be left empty" /></label>`}
    </form>
    <footer class="approval-acts">
      <button class="button primary" disabled=${!full || !ready || busy || observer} onClick=${() => approve(false)}>Approve</button>
      <button class="button" disabled=${!full || !ready || busy || observer} onClick=${() => approve(true)}>Approve for this conversation</button>
      <button class="button danger" disabled=${busy || observer} onClick=${reject}>${rejecting ? 'Reject now' : 'Reject'}</button>
    </footer>
  </section>`;
}

function Arguments({ value }) {
  const entries = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : value == null || value === '' ? [] : [['', value]];
  if (!entries.length) return html`<p class="hint">Without arguments.</p>`;
  return html`<div class="approval-arguments"><table class="table"><tbody>${entries.map(([name, one]) => html`<tr key=${name}>
    <th scope="row">${shown(name) || 'text'}</th><td>${typeof one === 'string' ? straight(one) : brief(one, 2000)}</td></tr>`)}</tbody></table></div>`;
}

function Field({ card, field, look, disabled }) {
  const id = `field-${card.call}-${field.name}`;
  const unfit = card.unfit && card.unfit[field.name];
  const missing = (card.missing ?? []).includes(field.name);
  const problem = unfit || (missing ? 'This is needed' : '');
  return html`<div class="approval-field">
    <label class="label" for=${id}>${shown(field.label || field.name)}${field.required ? '' : ' (may be left empty)'}${field.secret ? html` <${Lock} />` : ''}</label>
    <input class="field" id=${id} data-field=${field.name} type=${field.secret ? 'password' : 'text'} autocomplete="off" spellcheck=${false}
      required=${field.required} disabled=${disabled} aria-invalid=${problem ? 'true' : undefined} aria-describedby=${problem ? id + '-why' : undefined} onInput=${look} />
    ${problem && html`<p class="field-problem" id=${id + '-why'}>${problem}</p>`}</div>`;
}

function Lock() {
  return html`<span class="secret"><${Icon} name="key" size=${12} />never shown or kept</span>`;
}

