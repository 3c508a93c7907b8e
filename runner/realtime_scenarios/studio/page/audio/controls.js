// What a person speaks and hears with, in the composer beside the text: voice, microphone, talk, loudspeaker, recording.

import { html, useEffect, useRef, useState } from '../vendor/core.js';
import { Icon } from '../icons.js';
import { Choice } from '../seeing/parts.js';
import { choose, settings } from '../settings.js';
import { voiceOf } from './voice.js';

const coarse = window.matchMedia('(pointer: coarse)');

export function Controls({ store }) {
  const voice = voiceOf(store);
  const phase = voice.phase.value;
  const on = phase === 'on';
  const typed = store.live.value && !store.state.value.voice;
  const [open, setOpen] = useState(false);
  const watching = store.role.value === 'observer';
  voice.lanes.version.value; // what was counted is told with each report
  const { sent, came, played, loudest } = voice.counted;
  return html`<div class="voice" role="group" aria-label="Voice" data-sent=${sent} data-came=${came} data-played=${played} data-loudest=${loudest}>
    ${!on && html`<button class="icon-button voice-begin" aria-label="Speak" disabled=${typed || watching || phase === 'opening' || !store.scenario.value?.can_talk}
      title=${typed ? 'This conversation is typed: disconnect, then speak' : 'Speak instead of writing'}
      onClick=${() => voice.begin()}><${Icon} name="wave" /></button>`}
    ${on && html`<${Microphone} voice=${voice} />`}
    ${on && settings.talk.value === 'push' && html`<${Talk} voice=${voice} live=${store.live.value} />`}
    ${on && html`<${Loudspeaker} voice=${voice} />`}
    ${on && store.state.value.voice && html`<${Record} store=${store} />`}
    <${Settings} store=${store} voice=${voice} open=${open} setOpen=${setOpen} />
    ${voice.suspended.value && html`<button class="button small" onClick=${() => voice.resume()}>Turn sound on</button>`}
    ${voice.problem.value && html`<p class="voice-problem"><b>${voice.problem.value.error}</b> ${voice.problem.value.hint}
      <button class="icon-button small" aria-label="Dismiss" onClick=${() => (voice.problem.value = null)}><${Icon} name="close" /></button></p>`}
  </div>`;
}

function Meter({ level }) {
  const bars = Math.min(4, Math.ceil(Math.sqrt(Math.max(0, level - 0.005)) * 5));
  return html`<span class="meter" aria-hidden="true">${[1, 2, 3, 4].map((bar) => html`<i key=${bar} class=${bar <= bars ? 'lit' : ''}></i>`)}</span>`;
}

function Microphone({ voice }) {
  const muted = voice.muted.value;
  return html`<button class="icon-button with-meter" aria-label=${muted ? 'Microphone is muted' : 'Mute the microphone'} aria-pressed=${muted ? 'true' : 'false'}
    title=${muted ? 'Microphone on (Ctrl+Shift+M)' : 'Mute the microphone (Ctrl+Shift+M)'} onClick=${() => voice.mute(!muted)}>
    <${Icon} name=${muted ? 'mic-off' : 'mic'} /><${Meter} level=${muted ? 0 : voice.micLevel.value} /></button>`;
}

function Loudspeaker({ voice }) {
  const silent = voice.silent.value;
  return html`<button class="icon-button with-meter" aria-label=${silent ? 'Loudspeaker is muted' : 'Mute the loudspeaker'} aria-pressed=${silent ? 'true' : 'false'}
    title=${silent ? 'Loudspeaker on (what is said counts as heard all the same)' : 'Mute the loudspeaker'} onClick=${() => voice.silence(!silent)}>
    <${Icon} name=${silent ? 'speaker-off' : 'speaker'} /><${Meter} level=${voice.agentLevel.value} /></button>`;
}

const WORDS = { idle: 'Hold to talk', pressed: 'Listening', talking: 'Listening', ending: 'Sending' };

/** Held with a pointer, or Space anywhere; with a finger, or by Enter, a tap begins and the next one ends. */
function Talk({ voice, live }) {
  const phase = voice.talk.value;
  const taps = coarse.matches;
  const held = useRef(false);
  const end = () => {
    if (!held.current) return;
    held.current = false;
    voice.push.release();
  };
  const words = taps && phase === 'idle' ? 'Tap or hold to talk' : WORDS[phase];
  return html`<button class=${`button small talk ${phase}`} data-talk disabled=${!live} aria-pressed=${phase === 'talking' ? 'true' : 'false'} title="Hold this, or Space"
    onPointerDown=${(press) => {
      if (press.button !== 0) return;
      press.currentTarget.setPointerCapture(press.pointerId);
      if (voice.talk.peek() === 'talking') {
        voice.push.release(); // the second tap
        return;
      }
      held.current = true;
      if (taps) held.at = performance.now();
      voice.push.press();
    }}
    onPointerUp=${() => {
      if (taps && held.current && voice.talk.peek() === 'pressed') {
        held.current = false;
        voice.push.stop();
        voice.push.toggle();
      } else end();
    }}
    onPointerCancel=${end} onLostPointerCapture=${end} onContextMenu=${(menu) => menu.preventDefault()}
    onKeyDown=${(press) => {
      if (press.key === 'Enter' && !press.repeat) {
        press.preventDefault();
        voice.push.toggle();
      } else if (press.code === 'Space') {
        press.preventDefault();
        if (!press.repeat) voice.push.press();
      }
    }}><${Icon} name="hand" />${words}</button>`;
}

function Record({ store }) {
  const on = store.state.value.recording;
  const [was, setWas] = useState(false);
  useEffect(() => {
    if (on) setWas(true);
  }, [on]);
  const id = store.conversation.value;
  return html`<button class=${`icon-button record ${on ? 'on' : ''}`} aria-label=${on ? 'Stop recording' : 'Record both sides'} aria-pressed=${on ? 'true' : 'false'}
      title=${on ? 'Recording: stop' : 'Record both sides, the caller left and the agent right'} onClick=${() => store.send('record', { on: !on }).catch(() => {})}><${Icon} name="record" /></button>
    ${on && html`<span class="tag bad">Recording</span>`}
    ${was && !on && html`<a class="icon-button" aria-label="Take the recording" title="Take the recording" href=${`/studio/api/conversations/${encodeURIComponent(id)}/recording.wav`} download><${Icon} name="download" /></a>`}`;
}

function Settings({ store, voice, open, setOpen }) {
  const place = useRef(null);
  const live = store.live.value;
  useEffect(() => {
    if (!open) return undefined;
    voice.list();
    const outside = (press) => place.current && !place.current.contains(press.target) && setOpen(false);
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = (press) => {
    if (press.key !== 'Escape' || !open) return;
    press.stopPropagation();
    setOpen(false);
    place.current.querySelector('button').focus();
  };
  const { inputs, outputs } = voice.listed.value;
  const later = live ? html`<span class="hint">taken with the next connection</span>` : null;
  const spoken = store.state.value.voice;
  return html`<div class="voice-settings" ref=${place} onKeyDown=${close}>
    <button class="icon-button" aria-label="Voice settings" title="Voice settings" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}><${Icon} name="sliders" /></button>
    ${open && html`<div class="voice-sheet" role="group" aria-label="Voice settings">
      <div><span class="label">The microphone is</span><${Choice} name="voice-talk" label="The microphone is" value=${settings.talk.value}
        options=${[['open', 'Open'], ['push', 'Push to talk']]} onChange=${(value) => choose('talk', value)} />
        ${live && spoken && (spoken.turns === 'pushed') !== (settings.talk.value === 'push') && html`<span class="hint">${spoken.turns === 'pushed' ? 'turns are still taken by the button until you connect again' : 'the server still finds the ends of turns until you connect again'}</span>`}</div>
      <${Device} id="voice-input" label="Microphone" name="input" list=${inputs} change=${(id) => voice.from(id)} />
      <${Device} id="voice-output" label="Loudspeaker" name="output" list=${outputs} change=${(id) => voice.through(id)} />
      <div><label class="label" for="voice-volume">Volume</label><input id="voice-volume" type="range" min="0" max="100" step="5" value=${settings.volume.value}
        aria-valuetext=${`${settings.volume.value} per cent`} onInput=${(input) => {
          choose('volume', Number(input.target.value));
          voice.turn(Number(input.target.value));
        }} /></div>
      <label class="switch"><input type="checkbox" checked=${settings.speakers.value} onChange=${(change) => choose('speakers', change.target.checked)} />
        <span>I use speakers<span class="hint">the agent gets quieter while you speak</span></span></label>
      <div><label class="label" for="voice-codec">Sounds like</label><select id="voice-codec" class="select" value=${settings.codec.value} onChange=${(change) => choose('codec', change.target.value)}>
        <option value="pcm16">24 kHz</option><option value="g711_ulaw">A telephone, G.711 mu-law</option><option value="g711_alaw">A telephone, G.711 A-law</option></select>${later}</div>
      <div><label class="label" for="voice-carrier">Carried by</label><select id="voice-carrier" class="select" value=${settings.carrier.value} onChange=${(change) => choose('carrier', change.target.value)}>
        <option value="socket">Websocket</option><option value="webrtc">WebRTC, to the engine here</option></select>${later}</div>
      ${voice.note.value && html`<p class="hint">${voice.note.value}</p>`}
      ${voice.dropped.value > 0 && html`<p class="hint">Sound is lagging: ${voice.dropped.value} pieces were left out</p>`}
    </div>`}
  </div>`;
}

function Device({ id, label, name, list, change }) {
  return html`<div><label class="label" for=${id}>${label}</label>
    <select id=${id} class="select" value=${list.some((device) => device.id === settings[name].value) ? settings[name].value : ''} onChange=${(changed) => {
      choose(name, changed.target.value);
      change(changed.target.value);
    }}><option value="">The system’s own</option>${list.map((device) => html`<option key=${device.id} value=${device.id}>${device.label}</option>`)}</select></div>`;
}
