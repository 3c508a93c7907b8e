// What the whole page knows: the project, one conversation as `reduce` has it, the place, and the ways to act.
//
// A view reads signals: `store.state` changes at most once a frame, `store.item(id)` only with its item. It acts by
// `store.send(action, fields)`, `store.api(method, path, body)`, `store.go(view, fields)`, `store.openPlace(place)`.

import { signal, computed, batch, effect, untracked } from './vendor/core.js';
import { api, Refused } from './api.js';
import { Connection, browser, socketAddress } from './connection.js';
import { Events } from './events.js';
import { say, sayError } from './live.js';
import { ended, initial, reduceAll } from './reduce.js';
import { go as goTo, here, route } from './route.js';
import { settings } from './settings.js';
import { told } from './telling.js';

const WRITTEN = 400; // ms between two changes of the address, while the part that is shown changes: browsers take no more
const MOST_FAILURES = 50;
const CUTS_IN = new Set(['interrupt', 'ptt_down', 'say', 'image']);

/** A moment without a zone is one of this machine's; what is no moment stays as it is. */
function zoned(text) {
  const at = new Date(text.trim().replace(' ', 'T'));
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text.trim()) || Number.isNaN(at.getTime()) || !/\d:\d/.test(text)) return text;
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  const east = -at.getTimezoneOffset();
  return `${text.trim()}${east < 0 ? '-' : '+'}${two(Math.abs(east) / 60)}:${two(Math.abs(east) % 60)}`;
}

export function makeStore() {
  const project = signal(null);          // what GET project answers; null until it came
  const problem = signal(null);          // {error, hint} where the project cannot be had
  const conversation = signal(null);     // the id, null: none yet
  const link = signal({ phase: 'closed', retryAt: null, attempt: 0 }); // the websocket
  const role = signal('owner');          // owner | observer
  const restarted = signal(null);        // {at, why: restarted | gone} once the server has the conversation no more
  const state = signal(initial());
  const connecting = signal(false);      // whether a conversation is being asked for
  const pending = signal([]);            // texts that were sent and are not in the transcript yet: {text}
  const failures = signal([]);           // what went wrong with the page's own requests, each once: {id, error, hint, times}
  const forgotten = signal(0);           // failures before those
  const recorded = signal(null);         // the title of a recording that is looked at, null: there is none
  const until = signal(null);            // seq up to which every pane shows; null: all. In the address, too
  const since = signal(null);            // seq from which on it shows; null: from the beginning. In the address, too
  const playing = signal(null);          // what the loudspeaker plays: {item, ms, ofMs}, or null
  const start = signal({ provider: null, model: null, agent: null, state: null, context: {}, data: {}, now: null, voice: false });
  const events = new Events();
  const itemSignals = new Map();
  const callSignals = new Map();
  const ears = { binary: new Set(), project: new Set(), events: new Set() };
  let queue = [];
  let frame = 0;
  let connection = null;
  let projectConnection = null;
  let underway = null; // what `connect` will come to
  let loads = 0;

  const scenarioId = computed(() => {
    const known = project.value ? project.value.scenarios : [];
    const wanted = route.value.s;
    return known.some((one) => one.id === wanted) ? wanted : known.length ? known[0].id : null;
  });
  const scenario = computed(() => project.value?.scenarios.find((one) => one.id === scenarioId.value) ?? null);
  const numberIn = (name) => (/^\d+$/.test(route.value[name]) ? Number(route.value[name]) : null);
  const selected = computed(() => numberIn('event'));
  const live = computed(() => state.value.line === 'on' && link.value.phase === 'open');

  // Events are taken in once a frame; beside it a timer, for a page that is not seen has no frames.
  function arrived(list) {
    queue.push(...list);
    if (frame) return;
    const flushed = () => {
      cancelAnimationFrame(frame);
      clearTimeout(late);
      frame = 0;
      flush();
    };
    const late = setTimeout(flushed, 100);
    frame = requestAnimationFrame(flushed);
  }

  function flush() {
    const list = queue;
    queue = [];
    if (!list.length) return;
    const before = state.peek();
    const next = reduceAll(before, list);
    batch(() => {
      show(next);
      events.append(list);
      settlePending(list);
    });
    for (const text of told(list, next, names())) say(text);
    for (const ear of ears.events) ear(list);
  }

  function show(next) {
    state.value = next;
    for (const id of next.touched) {
      const known = itemSignals.get(id);
      if (known) known.value = next.items.get(id);
    }
    for (const id of next.touchedCalls) {
      const known = callSignals.get(id);
      if (known) known.value = next.calls.get(id);
    }
  }

  /** The server has the conversation no more: nothing in it goes on, and what was said stays. */
  function over(why) {
    flush();
    batch(() => {
      restarted.value = { at: new Date(), why };
      show(ended(state.peek()));
    });
  }

  /** What was typed comes as items in the same order; its text may have been masked on the way. */
  function settlePending(list) {
    if (!pending.peek().length) return;
    if (list.some((event) => event.layer === 'studio' && event.type === 'Disconnected')) return giveUpPending();
    const typed = list.filter((event) => event.type === 'ItemPlaced' && event.data.role === 'user' && !event.data.voice && !event.data.listening);
    if (typed.length) pending.value = pending.peek().slice(typed.length);
  }

  /** What was typed and never came is not said: the line is gone. */
  function giveUpPending() {
    const lost = pending.peek().filter((one) => one.taken);
    pending.value = [];
    for (const { text } of lost) store.fail({ message: `Not said, the line was lost: ${text}`, hint: 'connect, and say it again' });
  }

  /** Nothing that happened is known. */
  function blank() {
    queue = [];
    events.clear();
    state.value = initial();
    pending.value = [];
    restarted.value = null;
  }

  function forget() {
    itemSignals.clear();
    callSignals.clear();
    batch(() => {
      blank();
      until.value = since.value = null;
      recorded.value = null;
    });
  }

  /** Goes to a view, null: this one, where the same part is shown. */
  function go(view, fields, replace) {
    goTo(view ?? here().view, { since: since.peek(), until: until.peek(), ...fields }, replace);
  }

  /** All that there is, once more: what was looked at stays, unless that was undone. */
  function replaced(list) {
    const { seq } = state.peek();
    batch(() => {
      if (seq && list.some((event) => event.type === 'Undone' && event.seq > seq)) store.showAll();
      blank();
      queue = list;
      flush();
    });
  }

  function names() {
    const agents = scenario.peek()?.agents ?? [];
    return Object.fromEntries(agents.map((agent) => [agent.id, agent.name || agent.id]));
  }

  async function askEpoch() {
    try {
      return (await api('GET', 'project')).epoch;
    } catch (error) {
      return error.status === 401 || error.status === 403 ? 'another' : null; // its token is of another start
    }
  }

  /** Listens to a conversation that the server has. */
  function attach(id) {
    if (connection) connection.close();
    if (conversation.peek() !== id) forget();
    conversation.value = id;
    connection = new Connection(
      (after, epoch) => socketAddress(`/studio/ws/c/${encodeURIComponent(id)}`, after, epoch),
      {
        events: arrived,
        snapshot: replaced,
        binary(buffer) {
          for (const ear of ears.binary) ear(buffer);
        },
        hello(hello) {
          role.value = hello.role ?? 'owner';
        },
        status(status) {
          const lost = link.peek().phase === 'open' && status.phase === 'waiting';
          const back = status.phase === 'open' && status.attempt === 0 && link.peek().attempt > 0;
          link.value = status;
          if (lost) say('Connection lost, trying again');
          if (back) say('Reconnected');
        },
        restarted() {
          over('restarted');
          pending.value = [];
          sayError('The server was restarted: this conversation is over, its transcript is kept.');
        },
        gone() {
          if (events.list.length) {
            sayError('The server has ended this conversation.');
            over('gone');
          } else {
            store.leave();
            go(null, { c: null, event: null }, true);
          }
        },
        other() {},
      },
      browser(askEpoch),
    );
    connection.open();
  }

  /** Has the line connected, and waits for it: a command is answered when it has begun. Gives whether the line is there. */
  async function broughtUp(before = state.peek().seq) {
    if (state.peek().line !== 'connecting' && !(await store.send('connect').then(() => true, () => false))) return false;
    return new Promise((resolve) => {
      const stop = effect(() => {
        const { line, seq } = state.value; // up to the number `before` it tells of the line before
        const is = line === 'on' ? true : restarted.value || (seq > before && line !== 'connecting') ? false : null;
        if (is === null) return;
        resolve(is);
        queueMicrotask(() => stop());
      });
    });
  }

  const store = {
    project, problem, conversation, recorded, link, role, restarted, state, connecting, pending, failures, forgotten, until, since, playing, start, events,
    scenarioId, scenario, selected, live, route, settings, go, say, sayError, Refused, ears,

    /** The signal of one item of the transcript. */
    item(id) {
      let known = itemSignals.get(id);
      if (!known) itemSignals.set(id, (known = signal(state.peek().items.get(id))));
      return known;
    },

    /** The signal of one call. */
    call(id) {
      let known = callSignals.get(id);
      if (!known) callSignals.set(id, (known = signal(state.peek().calls.get(id))));
      return known;
    },

    agentName(id) {
      return names()[id] ?? id ?? '';
    },

    api,

    /** Asks for the project anew. An answer that comes after a newer one undoes nothing. */
    async load() {
      const mine = loads += 1;
      let told = project.peek();
      let failed = null;
      try {
        told = await api('GET', 'project');
      } catch (error) {
        failed = { error: error.message, hint: error.hint };
      }
      if (mine !== loads) return;
      project.value = told;
      problem.value = failed;
    },

    /** Sends a command of the conversation. What is refused is shown, and raised. Who cuts in hears nothing more at once. */
    async send(action, fields) {
      if (CUTS_IN.has(action)) store.hush?.();
      try {
        if (!connection) throw new Error('there is no conversation yet');
        return await connection.send(action, fields);
      } catch (error) {
        store.fail(error);
        throw error;
      }
    },

    /** Sends a binary frame; gives the bytes that wait in the socket. */
    sound(buffer) {
      return connection ? connection.sound(buffer) : 0;
    },

    /** A new conversation, connected; whoever asks while one is being connected gets that one. Gives whether there is one. */
    connect(fields = {}) {
      if (connection && state.peek().line === 'on' && !restarted.peek()) return Promise.resolve(true);
      underway ??= store.newlyConnected(fields).finally(() => {
        underway = null;
      });
      return underway;
    },

    async newlyConnected(fields) {
      // one that was disconnected goes on where it was; one in which nothing was said may begin otherwise
      const goesOn = state.peek().line === 'off' || state.peek().items.size > 0;
      if (connection && conversation.peek() && !restarted.peek() && goesOn) {
        return broughtUp();
      }
      const chosen = start.peek();
      const wanted = { scenario: scenarioId.peek(), voice: chosen.voice, ...fields };
      for (const name of ['provider', 'model', 'agent', 'state', 'now', 'turns', 'codec']) if (chosen[name]) wanted[name] ??= chosen[name];
      if (wanted.now) wanted.now = zoned(wanted.now);
      for (const name of ['context', 'data']) if (Object.keys(chosen[name]).length) wanted[name] ??= chosen[name];
      let made;
      connecting.value = true;
      try {
        made = await api('POST', 'conversations', wanted);
      } catch (error) {
        store.fail(error);
        return false;
      } finally {
        connecting.value = false;
      }
      attach(made.id);
      go(null, { c: made.id, event: null }, true);
      return broughtUp();
    },

    /** Leaves this conversation, if there is one, and begins another. */
    async renew() {
      if (state.peek().line === 'on' && connection) await store.disconnect();
      store.leave();
      go('conversation', { c: null, event: null });
      return store.connect();
    },

    async disconnect() {
      await store.send('disconnect').catch(() => {});
    },

    /** Says something: the text is in the transcript at once, marked as being sent. */
    async sayText(text, fields = {}) {
      const mine = { text };
      pending.value = [...pending.peek(), mine];
      try {
        await store.send('say', { text, ...fields });
        mine.taken = true;
        return true;
      } catch {
        pending.value = pending.peek().filter((one) => one !== mine);
        return false;
      }
    },

    /** Lets go of the conversation; the server ends it a little later. */
    leave() {
      if (connection) connection.close();
      connection = null;
      conversation.value = null;
      role.value = 'owner';
      forget();
    },

    /** Shows a conversation that was recorded in every pane, at the event `at`, null: at its end. */
    openRecorded(title, list, at = null) {
      store.leave();
      recorded.value = title;
      arrived(list);
      flush();
      show(ended(state.peek())); // nothing comes behind it
      go('conversation', { c: null, event: at });
    },

    /** Goes on with another conversation that the server has. */
    attach,

    retry() {
      if (connection) connection.hurry();
    },

    /** Shows what went wrong, and says it. */
    fail(error) {
      const [text, hint] = [error.message || String(error), error.hint || ''];
      const same = failures.peek().find((one) => one.error === text && one.hint === hint);
      const failure = { id: same?.id ?? Math.random(), error: text, hint, times: (same?.times ?? 0) + 1 };
      const all = [...failures.peek().filter((one) => one !== same), failure];
      failures.value = all.slice(-MOST_FAILURES);
      forgotten.value += all.length - failures.peek().length;
      sayError(text);
    },

    /** Takes a failure away; null: all of them. */
    dismiss(id = null) {
      failures.value = failures.peek().filter((one) => id !== null && one.id !== id);
      if (!failures.peek().length) forgotten.value = 0;
    },

    /** Whether panes show what has this number. */
    shows: (seq) => (until.value === null || seq <= until.value) && (since.value === null || seq >= since.value),

    /** Shows what is up to a number, null: all. A range that does not reach there is left. */
    showUntil(seq) {
      batch(() => {
        if (seq !== null && since.peek() !== null && seq < since.peek()) since.value = null;
        until.value = seq;
      });
    },

    /** Shows all of the conversation again. */
    showAll() {
      batch(() => (until.value = since.value = null));
    },

    /** Selects an event in every pane; null: none. */
    select(seq, view = route.peek().view) {
      go(view, { event: seq }, view === route.peek().view);
    },

    /** Opens the editor at a place of the YAML: [file, line, column]. */
    openPlace(place) {
      if (place) go('editor', { file: place[0], line: place[1], column: place[2] ?? null });
    },

    /** Listens to the project's own events; gives what ends it. */
    onProject(ear) {
      ears.project.add(ear);
      return () => ears.project.delete(ear);
    },

    /** Begins: the project, its socket, and the conversation that the address names. */
    async begin() {
      await store.load();
      const heard = (list) => {
        for (const ear of ears.project) for (const event of list) ear(event);
      };
      const news = (list) => {
        if (list.some((event) => event.type === 'files' || event.type === 'findings')) store.load();
        heard(list);
      };
      projectConnection = new Connection(
        (after, epoch) => socketAddress('/studio/ws/p', after, epoch),
        { events: news, snapshot: heard, other: (event) => news([event]), binary() {}, hello() {}, status() {}, restarted() {}, gone() {} },
        browser(async () => null),
      );
      projectConnection.open();
      // also where a link leads to another one, or to another part of it; one that names no part says nothing of it
      const inAddress = () => [numberIn('since'), numberIn('until')];
      let known = '';
      effect(() => {
        const { c } = route.value;
        const part = inAddress();
        untracked(() => {
          const other = c && c !== conversation.peek();
          if (other) attach(c);
          if (other || (`${part}` !== ',' && `${part}` !== known)) batch(() => ([since.value, until.value] = part));
          known = `${part}`;
        });
      });
      let timer;
      let written = -WRITTEN;
      effect(() => {
        const part = [since.value, until.value];
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (`${part}` === `${inAddress()}`) return;
          written = performance.now();
          go(null, {}, true);
        }, written + WRITTEN - performance.now());
      });
    },
  };
  return store;
}
