// What just happened as a dialogue: a preview of the file, what is expected, values for its secrets; then it is played.

import { html, useEffect, useRef, useState } from '../vendor/core.js';
import { api } from '../api.js';
import { Icon } from '../icons.js';
import { brief, shown } from '../reducing/words.js';

const PAUSE = 300; // ms

export function MakeDialogue({ store, conversation, onClose, onMade }) {
  const [draft, setDraft] = useState(null);
  const [problem, setProblem] = useState(null);
  const [choices, setChoices] = useState({});
  const [trust, setTrust] = useState(null);
  const [busy, setBusy] = useState(false);
  const secrets = useRef({});  // what was typed for secrets: never in the state of the page, never in its address
  const [typed, setTyped] = useState(0);
  const version = useRef(0);
  const longest = useRef(0);   // turns of the conversation, of which the draft may have fewer
  const path = `conversations/${encodeURIComponent(conversation)}/dialogue`;
  const asked = () => ({ ...choices, secrets: filled(secrets.current) });

  useEffect(() => {
    const mine = (version.current += 1);
    const timer = setTimeout(async () => {
      try {
        const answer = await api('POST', path, asked());
        if (mine === version.current) {
          setDraft(answer);
          setProblem(null);
        }
      } catch (error) {
        if (mine === version.current) setProblem(error);
      }
    }, draft ? PAUSE : 0);
    return () => clearTimeout(timer);
  }, [choices, typed]);

  const choose = (fields) => setChoices((before) => ({ ...before, ...fields }));
  const write = async (trusted = false) => {
    setBusy(true);
    try {
      const made = await api('POST', path, { ...asked(), write: true, trust: trusted });
      secrets.current = {};
      onMade(made);
    } catch (error) {
      if (error.body?.trust) setTrust(error.body.trust);
      else setProblem(error);
    }
    setBusy(false);
  };

  if (!draft) {
    return html`<div class="make"><header class="make-head"><h2>Make this a dialogue</h2><${Close} onClose=${onClose} /></header>
      ${problem && html`<${Problem} problem=${problem} />`}</div>`;
  }
  const chosen = new Set(choices.expectations ?? draft.proposals.filter((each) => each.chosen).map((each) => each.key));
  const toggle = (key) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    choose({ expectations: [...next] });
  };
  const all = Math.max(longest.current, draft.turns.length);
  longest.current = all;
  const until = choices.until ?? all;
  const missing = draft.secrets.some((secret) => !secret.fits && !secrets.current[secret.key]);
  const field = problem?.body?.field;
  return html`<div class="make">
    <header class="make-head"><h2>Make this a dialogue</h2><${Close} onClose=${onClose} /></header>
    <div class="make-body">
      <div class="make-form">
        <div class="make-pair">
          <label><span class="label">Id</span><input class="field" value=${choices.id ?? draft.id} aria-invalid=${field === 'id'}
            onInput=${(input) => choose({ id: input.target.value })} spellcheck=${false} /></label>
          <label><span class="label">File</span><input class="field" list="make-files" value=${choices.file ?? draft.file} aria-invalid=${field === 'file'}
            onInput=${(input) => choose({ file: input.target.value })} spellcheck=${false} />
            <datalist id="make-files">${draft.files.map((file) => html`<option key=${file} value=${file} />`)}</datalist></label>
        </div>
        <label><span class="label">What it shows, in a sentence</span><input class="field" value=${choices.title ?? ''}
          onInput=${(input) => choose({ title: input.target.value })} /></label>
        ${draft.secrets.length > 0 && html`<fieldset class="make-secrets"><legend class="label">Secrets</legend>
          <p class="hint">None of them is in the file. Write values that are good for a test; they are written down.</p>
          ${draft.secrets.map((secret) => html`<label key=${secret.key}><span class="label">${secret.tool ? `${shown(secret.field)} of ${shown(secret.tool)}` : shown(secret.field)}${secret.fits ? '' : ' (needed)'}</span>
            <input class="field" type="text" autocomplete="off" spellcheck=${false} placeholder=${secret.stand_in} aria-invalid=${field === secret.key}
              onInput=${(input) => {
                secrets.current[secret.key] = input.target.value;
                setTyped((count) => count + 1);
              }} /></label>`)}</fieldset>`}
        <fieldset class="make-turns"><legend class="label">What is expected</legend>
          ${draft.turns.map((turn) => html`<section class=${`make-turn`} key=${turn.number}>
            <div class="make-turn-head"><p class="make-user">${brief(shown(turn.user), 160)}</p>
              ${all > 1 && (turn.number === until && until < all
                ? html`<button class="link" onClick=${() => choose({ until: null })}>All turns</button>`
                : turn.number < until && html`<button class="link" onClick=${() => choose({ until: turn.number })}>Only up to here</button>`)}</div>
            <ul class="make-moves">${turn.moves.map((move, index) => html`<li key=${index}>${brief(shown(move), 160)}</li>`)}</ul>
            ${draft.proposals.filter((each) => each.turn === turn.number).map((each) => html`<${Proposal} key=${each.key} proposal=${each} on=${chosen.has(each.key)} onToggle=${toggle} />`)}
          </section>`)}
          ${draft.proposals.some((each) => each.turn === null) && html`<section class="make-turn"><p class="make-user">In the whole dialogue</p>
            ${draft.proposals.filter((each) => each.turn === null).map((each) => html`<${Proposal} key=${each.key} proposal=${each} on=${chosen.has(each.key)} onToggle=${toggle} />`)}</section>`}
        </fieldset>
      </div>
      <div class="make-preview"><p class="label">${draft.new_file ? `${draft.file}, a new file` : `${draft.file}, behind what is there`}</p>
        <pre tabindex="0" aria-label="The file as it would be">${draft.new_file ? draft.text : draft.dialogue}</pre></div>
    </div>
    <footer class="make-foot">
      ${problem ? html`<${Problem} problem=${problem} />` : draft.findings.length > 0
        ? html`<${Problem} problem=${{ message: draft.findings[0].message, hint: draft.findings[0].hint }} />` : html`<span class="hint">It is played as soon as it is written.</span>`}
      ${trust ? html`<span class="make-trust">It runs ${trust.join(', ')}, which is not of this project.
        <button class="button small" onClick=${() => write(true)}>Let it run</button></span>`
      : html`<button class="button primary" disabled=${busy || missing || Boolean(problem)} onClick=${() => write()}>Write and play it</button>`}
    </footer>
  </div>`;
}

const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value));

function Proposal({ proposal, on, onToggle }) {
  return html`<label class="make-proposal"><input type="checkbox" checked=${on} onChange=${() => onToggle(proposal.key)} /><code>${proposal.text}</code></label>`;
}

function Close({ onClose }) {
  return html`<button class="icon-button" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button>`;
}

function Problem({ problem }) {
  return html`<p class="make-problem" role="alert"><${Icon} name="warn" /><span><b>${problem.message}</b> ${problem.hint}</span></p>`;
}
