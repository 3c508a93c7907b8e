// The files that are open: their text as it is typed, what the server finds in it, and saving it over what was opened.
//
// Buffers outlive the view: who looks at the graph for a moment finds what they typed. What is not saved is kept in the
// tab's own storage as well, so that a reload does not lose it.

import { computed, signal } from '../vendor/core.js';
import { api } from '../api.js';

const PAUSE = 250; // ms after the last key before the server is asked, and after the first one before it is kept

const idly = window.requestIdleCallback?.bind(window) ?? ((act) => setTimeout(act, 0));

const buffers = new Map(); // `scenario/name` -> Buffer

/** The buffer of a file, made when it is first asked for. */
export function bufferOf(scenario, name) {
  const key = `${scenario}/${name}`;
  if (!buffers.has(key)) buffers.set(key, new Buffer(scenario, name));
  return buffers.get(key);
}

/** Whether anything is not saved. */
export function anyDirty() {
  return [...buffers.values()].some((buffer) => buffer.dirty.peek());
}

window.addEventListener('beforeunload', (leaving) => {
  if (anyDirty()) leaving.preventDefault();
});
window.addEventListener('pagehide', () => {
  for (const buffer of buffers.values()) if (buffer.keeping) buffer.keep(); // the drafts of others are kept already
});

const query = (scenario) => `?scenario=${encodeURIComponent(scenario)}`;
const address = (scenario, name) => `files/${name.split('/').map(encodeURIComponent).join('/')}${query(scenario)}`;

/** The names of what can be opened: {folder, file, files}. */
export const listed = (scenario) => api('GET', `files${query(scenario)}`);

export class Buffer {
  constructor(scenario, name) {
    this.scenario = scenario;
    this.name = name;
    this.saved = '';
    this.etag = null;
    this.text = signal(null);      // null: it is not there yet
    this.isThere = computed(() => this.text.value !== null);
    this.dirty = signal(false);
    this.findings = signal(null);  // of the whole scenario as if this text were saved; null: nobody has looked yet
    this.looking = signal(false);
    this.saving = signal(false);
    this.problem = signal(null);   // {error, hint}: why it cannot be opened
    this.conflict = signal(null);  // {theirs, etag}: it was changed beneath
    this.version = 0;
    this.timer = null;
    this.keeping = null;
    this.news = 0;                 // counts what is newer than what was asked of the disk before
    this.opening = null;
    this.editor = null;            // what CodeMirror knows of it: selection and history
  }

  get storageKey() {
    return `studio.draft.${this.scenario}/${this.name}`;
  }

  /** The view shows it: it is read, with the draft of an earlier visit; later it catches up with what was saved meanwhile. */
  shown() {
    if (this.opening) {
      this.followed();
      this.look(0); // for another file may have changed as well
    } else this.opening = this.read();
  }

  async read() {
    try {
      const file = await api('GET', address(this.scenario, this.name));
      const draft = this.draft(); // before the file is taken, which forgets it
      this.problem.value = null;
      this.take(file);
      if (draft && draft.text !== file.text) {
        if (draft.etag === file.etag) this.type(draft.text);
        else {
          this.etag = draft.etag;
          this.type(draft.text);
          this.conflict.value = { theirs: file.text, etag: file.etag };
        }
      } else this.look(0);
    } catch (error) {
      this.opening = null;
      this.problem.value = { error: error.message, hint: error.hint };
    }
  }

  /** What is on disk, in place of whatever was here. */
  take(file) {
    this.saved = file.text;
    this.etag = file.etag;
    this.editor = null;
    this.text.value = file.text;
    this.dirty.value = false;
    this.conflict.value = null;
    this.keep();
  }

  /** The text as it is now. */
  type(text) {
    if (text === this.text.peek()) return;
    this.text.value = text;
    this.dirty.value = text !== this.saved;
    this.keeping ??= setTimeout(() => idly(() => this.keep()), PAUSE); // a long text costs more to keep than to type
    this.look(PAUSE);
  }

  /** Has the server look at the text; answers about an older one are dropped. */
  look(pause) {
    this.version += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      const mine = this.version;
      this.looking.value = true;
      try {
        const answer = await api('POST', 'lint', {
          scenario: this.scenario, file: this.name, text: this.text.peek(), version: mine,
        });
        if (answer.findings && answer.version === this.version) this.findings.value = answer.findings;
      } catch { /* asked again with the next key; that the server is gone is told elsewhere */ }
      if (mine === this.version) this.looking.value = false;
    }, pause);
  }

  /** Saves it over what was opened, or over what `over` names. Gives whether it is saved. */
  async save(over = this.etag) {
    if (this.saving.peek()) return false;
    const text = this.text.peek();
    this.saving.value = true;
    this.news += 1;
    try {
      const file = await api('PUT', address(this.scenario, this.name), { text }, { 'If-Match': over });
      this.saved = text;
      this.etag = file.etag;
      this.conflict.value = null;
      this.dirty.value = this.text.peek() !== text;
      this.keep();
      return true;
    } catch (error) {
      if (error.status === 412) {
        this.conflict.value = { theirs: error.body.theirs, etag: error.body.etag };
        return false;
      }
      throw error;
    } finally {
      this.saving.value = false;
    }
  }

  /** The file has changed on disk: an unchanged buffer follows, another one is told of when it is saved. */
  async followed() {
    if (this.text.peek() === null) {
      this.opening ??= this.read(); // it could not be opened before
      return;
    }
    if (this.saving.peek()) return;
    const mine = this.news += 1;
    let file;
    try {
      file = await api('GET', address(this.scenario, this.name));
      if (mine !== this.news) return;
    } catch (error) {
      if (error.status === 404 && mine === this.news) this.problem.value = { error: error.message, hint: error.hint };
      return;
    }
    this.problem.value = null;
    if (file.etag === this.etag) return;
    if (!this.dirty.peek()) {
      this.take(file);
      this.look(0);
    } else if (!this.conflict.peek()) this.changedBeneath?.();
  }

  draft() {
    try {
      return JSON.parse(sessionStorage.getItem(this.storageKey));
    } catch {
      return null;
    }
  }

  /** A reload finds what is not saved. */
  keep() {
    clearTimeout(this.keeping);
    this.keeping = null;
    try {
      if (this.dirty.peek()) sessionStorage.setItem(this.storageKey, JSON.stringify({ etag: this.etag, text: this.text.peek() }));
      else sessionStorage.removeItem(this.storageKey);
    } catch { /* storage is full or forbidden: a reload asks before it loses anything */ }
  }
}

/** Follows files that were saved elsewhere: `names` in the folder of a scenario. */
export function follow(scenario, names) {
  for (const buffer of buffers.values()) {
    if (buffer.scenario !== scenario) continue;
    if (names.includes(buffer.name)) buffer.followed();
    else if (buffer.text.peek() !== null) buffer.look(0);
  }
}
