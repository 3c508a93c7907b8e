// Where one writes: text and pictures to the agent, and beside it what one speaks and hears with.

import { html, useEffect, useLayoutEffect, useRef, useState } from './vendor/core.js';
import { lineOf } from './bar.js';
import { Icon } from './icons.js';
import { Later } from './later.js';
import { asPicture } from './pictures.js';
import { isNeverWhole } from './seeing/never_whole.js';

const MOST_SENT = 50;

const unsent = { text: '', picture: null }; // what was written and not sent: it is there in whichever view one was meanwhile

export function Composer({ store }) {
  const field = useRef(null);
  const file = useRef(null);
  const sent = useRef([]);
  const recalled = useRef(0);
  const [picture, showPicture] = useState(unsent.picture); // {data_url, name}
  const [ask, setAsk] = useState(true);
  const [camera, setCamera] = useState(false);
  const [busy, setBusy] = useState(false);
  const [empty, setEmpty] = useState(!unsent.text.trim());
  const line = lineOf(store);
  const off = !store.scenario.value?.can_talk || store.role.value === 'observer' || Boolean(store.restarted.value);

  const setPicture = (one) => {
    unsent.picture = one;
    showPicture(one);
  };
  const written = (text) => {
    unsent.text = text;
    setEmpty(!text.trim());
  };
  const write = (text) => {
    if (field.current) field.current.value = text; // the view may have been left
    written(text);
  };

  const take = async (blob) => {
    try {
      setPicture(await asPicture(blob));
    } catch (error) {
      store.fail(error);
    }
  };

  const send = async () => {
    const text = field.current.value.trim();
    if (off || busy || (!text && !picture)) return;
    setBusy(true);
    const there = line === 'on' || (await store.connect());
    setBusy(false);
    if (!there) return;
    write('');
    if (text) sent.current = [...sent.current.filter((one) => one !== text), text].slice(-MOST_SENT);
    recalled.current = 0;
    let went;
    if (picture) {
      setPicture(null);
      went = await store.send('image', { data_url: picture.data_url, text: text || null, ask }).then(() => true, () => false);
      if (!went) setPicture(picture);
    } else went = await store.sayText(text);
    if (!went && !unsent.text) write(text);
  };

  const recall = (step) => {
    const next = recalled.current + step;
    if (next < 0 || next > sent.current.length) return false;
    recalled.current = next;
    write(next ? sent.current[sent.current.length - next] : '');
    return true;
  };

  const keys = (press) => {
    // a key that ends the choice of a character is no key of ours: 229 says so where `isComposing` does not
    if (press.isComposing || press.keyCode === 229) return;
    if (press.key === 'Enter' && !press.shiftKey && !press.ctrlKey && !press.altKey) send();
    else if (press.key === 'ArrowUp' && (field.current.value === '' || recalled.current > 0)) {
      if (!recall(1)) return;
    } else if (press.key === 'ArrowDown' && recalled.current > 0) recall(-1);
    else return;
    press.preventDefault();
  };

  const pasted = (items, event) => {
    const item = [...items].find((one) => one.type.startsWith('image/'));
    if (!item) return;
    event.preventDefault();
    take(item.getAsFile ? item.getAsFile() : item);
  };

  useLayoutEffect(() => write(unsent.text), []);
  useEffect(() => {
    // an example that was clicked, or a view that wants something said
    store.compose = (text) => {
      write(text);
      field.current.focus();
    };
    return () => delete store.compose;
  }, []);

  const words = store.restarted.value ? 'This conversation is over' : store.role.value === 'observer' ? 'You watch: another tab talks'
    : isNeverWhole(store) ? 'The scenario has mistakes'
    : line === 'on' ? 'Write to the agent' : 'Write, and Enter connects';
  return html`<div class="composer" onDragOver=${(drag) => drag.preventDefault()} onDrop=${(drop) => pasted(drop.dataTransfer.files, drop)}>
    ${picture && html`<div class="composer-picture">
      <img src=${picture.data_url} alt=${`Picture to show: ${picture.name}`} />
      <span class="composer-picture-name">${picture.name}</span>
      <label class="switch"><input type="checkbox" checked=${ask} onChange=${(change) => setAsk(change.target.checked)} /><span>and ask for an answer</span></label>
      <button class="icon-button small" aria-label="Remove the picture" onClick=${() => setPicture(null)}><${Icon} name="close" /></button></div>`}
    ${camera && html`<${Later} load=${() => import('./camera.js').then((module) => module.Camera)} take=${take} close=${() => setCamera(false)} />`}
    <div class="composer-row">
      <textarea ref=${field} class="composer-text" data-composer rows="1" aria-label="What you say" placeholder=${words} disabled=${off}
        onKeyDown=${keys} onInput=${(input) => {
          recalled.current = 0;
          written(input.target.value);
        }} onPaste=${(paste) => pasted(paste.clipboardData.items, paste)}></textarea>
      <input ref=${file} type="file" accept="image/*" hidden onChange=${(change) => {
        if (change.target.files[0]) take(change.target.files[0]);
        change.target.value = '';
      }} />
      <div class="composer-tools">
        <button class="icon-button" aria-label="Show a picture" title="Show a picture" disabled=${off} onClick=${() => file.current.click()}><${Icon} name="image" /></button>
        <button class="icon-button" aria-label="Camera" title="Camera" aria-pressed=${camera} disabled=${off} onClick=${() => setCamera(!camera)}><${Icon} name="camera" /></button>
        <${Later} load=${() => import('./audio/controls.js').then((module) => module.Controls)} store=${store} />
        <span class="toolbar-space"></span>
        <button class="button primary send" aria-label=${line === 'on' ? 'Send' : 'Connect and send'} disabled=${off || busy || (empty && !picture)} onClick=${send}><${Icon} name="send" /><span>${line === 'on' ? 'Send' : 'Connect and send'}</span></button>
      </div>
    </div>
  </div>`;
}
