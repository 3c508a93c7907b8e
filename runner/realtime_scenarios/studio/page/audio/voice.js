// The page as a telephone: microphone and loudspeaker of the conversation that is connected, whatever view is shown.
//
// Three things are independent of one another: whether the microphone is muted, whether one has to hold a button to talk,
// and whether the loudspeaker is muted. A muted microphone sends silence where the server listens for the end of a turn.

import { effect, signal } from '../vendor/core.js';
import { settings } from '../settings.js';
import { devices, explained } from './devices.js';
import { AGENT, MICROPHONE, read, written } from './frames.js';
import { Microphone } from './microphone.js';
import { Peaks } from './peaks.js';
import { Player } from './player.js';
import { BEFORE, PushToTalk } from './pushtotalk.js';
import { Call } from './webrtc.js';

const LAGGING = 256 * 1024; // bytes in the socket above which pieces are dropped
const PIECE = 20;           // ms
const RATE = 24000;
const CODEC = { pcm16: 'pcm16', g711_ulaw: 'ulaw', g711_alaw: 'alaw' };
const made = new WeakMap();

/** The voice of a page's store: there is one. */
export function voiceOf(store) {
  if (!made.has(store)) made.set(store, new Voice(store));
  return made.get(store);
}

class Voice {
  constructor(store) {
    this.store = store;
    this.phase = signal('off');         // off | opening | on
    this.problem = signal(null);        // {error, hint}
    this.note = signal('');             // what changed by itself
    this.suspended = signal(false);     // the browser wants a click before it makes a sound
    this.muted = signal(false);         // the microphone
    this.silent = signal(false);        // the loudspeaker
    this.talk = signal('idle');         // idle | pressed | talking | ending
    this.micLevel = signal(0);          // 0 to 1
    this.agentLevel = signal(0);
    this.listed = signal({ inputs: [], outputs: [] });
    this.dropped = signal(0);           // pieces that the socket could not take
    this.lanes = { user: null, agent: new Map(), version: signal(0) };
    this.counted = { sent: 0, came: 0, played: 0, loudest: 0 }; // pieces that went; samples; the loudest that was heard
    this.ring = [];
    this.offset = Infinity;             // performance.now() at the conversation's own 0
    this.push = new PushToTalk({
      down: () => this.down(), up: () => this.up(), tooShort: () => this.tooShort(), changed: (phase) => this.talking(phase),
    }, (fn, ms) => setTimeout(fn, ms), (timer) => clearTimeout(timer));
    store.ears.binary.add((buffer) => this.heard(buffer));
    store.ears.events.add((events) => this.told(events));
    store.toggleMicrophone = () => this.mute(!this.muted.peek());
    store.hush = () => this.player?.flush([...this.lanes.agent.keys()]);
    effect(() => this.follow(store.live.value, store.state.value.voice));
    this.listen();
    navigator.mediaDevices?.addEventListener('devicechange', () => {
      clearTimeout(this.relist);
      this.relist = setTimeout(() => this.list(), 500);
    });
  }

  get now() {
    return this.offset === Infinity ? 0 : performance.now() - this.offset;
  }

  /** How the conversation that is connected is spoken: {turns, codec, carrier}, or null. */
  get spoken() {
    return this.store.state.peek().voice;
  }

  // --- begin and end ---------------------------------------------------------------------------------------------------

  /** Opens the devices, in the click that asks for it, and begins a spoken conversation. */
  async begin() {
    this.store.start.value = {
      ...this.store.start.peek(), voice: true, turns: settings.talk.peek() === 'push' ? 'pushed' : 'detected', codec: settings.codec.peek(),
    };
    if (settings.carrier.peek() === 'webrtc') return this.call();
    if (!(await this.open())) return false;
    if (await this.store.connect()) return true;
    this.close();
    return false;
  }

  /** A call from browser to engine; the conversation is held beside it. */
  async call() {
    this.phase.value = 'opening';
    this.problem.value = null;
    const call = new Call({
      level: (mic, agent) => this.levels(mic, agent), lost: (error) => this.fail(explained(error)), ended: () => this.close(),
    });
    this.current = call;
    try {
      const id = await call.begin(this.store, settings.input.peek());
      call.set({ muted: this.muted.peek(), silent: this.silent.peek(), volume: settings.volume.peek() / 100 });
      this.phase.value = 'on';
      this.list();
      if (await this.store.connect({ call: id, turns: 'detected', codec: 'pcm16' })) return true;
    } catch (error) {
      this.fail(error.hint === undefined ? explained(error) : { error: error.message, hint: error.hint });
    }
    this.close();
    return false;
  }

  async open() {
    if (this.phase.peek() !== 'off') return true;
    this.phase.value = 'opening';
    this.problem.value = null;
    const codec = this.spoken ? this.spoken.codec : settings.codec.peek();
    try {
      this.context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
      this.context.onstatechange = () => {
        this.suspended.value = Boolean(this.context) && this.context.state !== 'running';
      };
      this.context.resume();
      const load = (name) => this.context.audioWorklet.addModule(new URL(name, import.meta.url));
      await Promise.all([load('./capture.js'), load('./playback.js')]);
      this.player = new Player(this.context, { report: (told) => this.report(told), flushed: (told) => this.report(told) });
      this.player.set({ volume: settings.volume.peek() / 100, muted: this.silent.peek() });
      if (settings.output.peek()) this.player.through(settings.output.peek());
      this.microphone = new Microphone(this.context, {
        frame: (piece) => this.piece(piece), lost: (error) => this.fail(explained(error)),
        changed: (label) => this.tell(`Microphone changed to ${label}`),
      });
      this.codec = CODEC[codec] ?? 'pcm16';
      await this.microphone.open(settings.input.peek(), this.codec === 'pcm16' ? RATE : 8000);
    } catch (error) {
      this.fail(explained(error));
      this.close();
      return false;
    }
    this.microphone.enable(!this.muted.peek());
    this.phase.value = 'on';
    this.list();
    return true;
  }

  close() {
    this.push.stop();
    this.current?.close();
    this.microphone?.close();
    this.player?.close();
    this.context?.close();
    this.context = this.microphone = this.player = this.current = null;
    this.ring = [];
    this.store.start.value = { ...this.store.start.peek(), voice: false };
    this.phase.value = 'off';
    this.suspended.value = false;
    this.micLevel.value = this.agentLevel.value = 0;
    this.store.playing.value = null;
  }

  /** Goes with the line: a spoken conversation that is live has its devices, and one that is over gives them back. */
  follow(live, spoken) {
    if (live && spoken && this.phase.peek() === 'off' && spoken.carrier !== 'webrtc' && this.store.role.peek() !== 'observer') this.open();
    else if (!live && this.was && this.phase.peek() === 'on') this.close();
    if (!live) this.push.stop();
    this.was = live;
  }

  async list() {
    this.listed.value = await devices();
  }

  fail(problem) {
    this.problem.value = problem;
    this.store.sayError(`${problem.error}: ${problem.hint}`);
  }

  tell(words) {
    this.note.value = words;
    this.store.say(words);
  }

  // --- what is spoken --------------------------------------------------------------------------------------------------

  piece({ first, samples, rms, peak }) {
    this.level('micLevel', peak);
    if (settings.speakers.peek()) this.player.set({ ducked: rms > 0.04 && !this.muted.peek() });
    if (!this.store.live.peek() || !this.spoken) return;
    const open = this.open_now();
    const shown = open ? samples : new Float32Array(samples.length);
    this.draw(shown);
    if (this.spoken.turns === 'pushed') {
      this.ring.push({ first, samples });
      if (this.ring.length > BEFORE / PIECE) this.ring.shift();
      if (!open) return;
    }
    this.send(first, shown);
  }

  /** Whether what is said now goes out. */
  open_now() {
    if (this.muted.peek()) return false;
    const talking = ['talking', 'ending'].includes(this.talk.peek());
    return this.spoken.turns === 'pushed' || settings.talk.peek() === 'push' ? talking : true;
  }

  send(first, samples) {
    if (this.waiting > LAGGING) {
      this.dropped.value += 1;
      this.waiting = this.store.sound(new ArrayBuffer(0));
      return;
    }
    const rate = this.codec === 'pcm16' ? RATE : 8000;
    this.waiting = this.store.sound(written({ kind: MICROPHONE, codec: this.codec, rate, first, samples }));
    this.counted.sent += 1;
    if (this.counted.sent % 5 === 0) this.lanes.version.value += 1;
  }

  draw(samples) {
    this.lanes.user ??= new Peaks(this.now, this.codec === 'pcm16' ? RATE : 8000);
    this.lanes.user.silentUntil(this.now - 3 * PIECE);
    this.lanes.user.add(samples);
  }

  down() {
    if (this.spoken?.turns !== 'pushed') {
      this.store.send('interrupt').catch(() => {});
      return;
    }
    this.store.send('ptt_down').catch(() => this.push.stop());
    if (!this.muted.peek()) for (const { first, samples } of this.ring.splice(0)) this.send(first, samples);
  }

  up() {
    if (this.spoken?.turns === 'pushed') this.store.send('ptt_up').catch(() => {});
  }

  tooShort() {
    this.player?.set({ ducked: false });
    this.tell('Hold to talk');
  }

  talking(phase) {
    this.talk.value = phase;
    this.player?.set({ ducked: phase === 'pressed' || phase === 'talking' });
  }

  // --- what is heard ---------------------------------------------------------------------------------------------------

  heard(buffer) {
    const frame = read(buffer);
    if (!frame || frame.kind !== AGENT || !this.player) return;
    this.counted.came += frame.samples.length;
    let lane = this.lanes.agent.get(frame.item);
    if (!lane) {
      lane = { index: frame.item, start: null, peaks: new Peaks(0, frame.rate), rate: frame.rate, played: 0, cut: false };
      this.lanes.agent.set(frame.item, lane);
    }
    lane.peaks.add(frame.samples);
    this.player.take(frame);
  }

  report({ item, played, length, level, idle }) {
    if (idle || item === null) this.agentLevel.value = 0;
    else if (level !== undefined) {
      this.level('agentLevel', level);
      this.counted.loudest = Math.max(this.counted.loudest, level);
    }
    if (item === null) {
      this.store.playing.value = null;
      return;
    }
    const lane = this.lanes.agent.get(item);
    const id = this.store.state.peek().sounds.get(item);
    if (!lane || !id || played <= lane.played) return;
    lane.start ??= this.now - (played * 1000) / lane.rate;
    this.counted.played += played - lane.played;
    lane.played = played;
    this.lanes.version.value += 1;
    if (length !== undefined) {
      const whole = Math.max(length, 1);
      this.store.playing.value = { item: id, ms: (played * 1000) / lane.rate, ofMs: (whole * 1000) / lane.rate };
    }
    if (this.store.live.peek() && this.store.role.peek() !== 'observer') this.store.send('played', { item: id, samples: played }).catch(() => {});
  }

  told(events) {
    for (const event of events) {
      this.offset = Math.min(this.offset, performance.now() - event.at);
      if (event.layer !== 'studio') continue;
      if (event.type === 'Flush') this.flush(event.data.items ?? []);
      else if (event.type === 'Connecting') this.lanes = { user: null, agent: new Map(), version: this.lanes.version };
    }
  }

  flush(items) {
    const { sounds } = this.store.state.peek();
    const wanted = new Set(items);
    const cut = [...sounds].filter(([, id]) => wanted.has(id)).map(([index]) => index);
    for (const index of cut) if (this.lanes.agent.has(index)) this.lanes.agent.get(index).cut = true;
    this.player?.flush(cut);
  }

  // --- controls --------------------------------------------------------------------------------------------------------

  mute(on) {
    this.muted.value = on;
    this.microphone?.enable(!on);
    this.current?.set({ muted: on });
    this.store.say(on ? 'Microphone muted' : 'Microphone on');
  }

  silence(on) {
    this.silent.value = on;
    this.player?.set({ muted: on });
    this.current?.set({ silent: on });
    this.store.say(on ? 'Loudspeaker muted, still counted' : 'Loudspeaker on');
  }

  turn(volume) {
    this.player?.set({ volume: volume / 100 });
    this.current?.set({ volume: volume / 100 });
  }

  async from(device) {
    try {
      if (this.microphone) await this.microphone.open(device, this.microphone.rate);
      await this.current?.from(device);
    } catch (error) {
      this.fail(explained(error));
    }
  }

  through(device) {
    this.player?.through(device);
    this.current?.through(device);
  }

  resume() {
    this.context?.resume();
  }

  levels(mic, agent) {
    this.level('micLevel', mic);
    this.level('agentLevel', agent);
    this.counted.loudest = Math.max(this.counted.loudest, agent);
    this.lanes.version.value += 1;
  }

  /** A meter falls slowly, and is told at most some twelve times a second. */
  level(name, value) {
    const now = performance.now();
    const kept = (this[`${name}At`] ??= { at: 0, value: 0 });
    kept.value = Math.max(value, kept.value * 0.85);
    if (now - kept.at < 80) return;
    kept.at = now;
    this[name].value = kept.value;
  }

  /** Whatever takes a person away ends their turn. A key is let go anywhere, whatever has the focus. */
  listen() {
    const leave = () => this.push.leave();
    window.addEventListener('blur', leave);
    document.addEventListener('visibilitychange', () => document.hidden && leave());
    window.addEventListener('keydown', (press) => {
      if (press.key === 'Escape' && this.talk.peek() === 'talking') leave();
      if (press.code !== 'Space' || press.repeat || press.ctrlKey || press.metaKey || press.altKey || press.shiftKey) return;
      if (!this.pushes() || isTyping(press.target)) return;
      press.preventDefault();
      this.push.press();
    }, true);
    window.addEventListener('keyup', (release) => {
      if (release.code !== 'Space' || !['pressed', 'talking', 'ending'].includes(this.talk.peek())) return;
      if (!isTyping(release.target)) release.preventDefault();
      this.push.release();
    }, true);
  }

  pushes() {
    return this.phase.peek() === 'on' && this.store.live.peek() && (this.spoken?.turns === 'pushed' || settings.talk.peek() === 'push');
  }
}

/** Space does something else where one writes, and on a control. */
function isTyping(target) {
  return target instanceof HTMLElement
    && !('talk' in target.dataset) && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT', 'BUTTON', 'SUMMARY', 'A'].includes(target.tagName));
}
