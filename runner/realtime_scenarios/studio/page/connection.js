// A websocket that comes back: numbered batches in, commands out, nothing twice and nothing left out.
//
// A batch says the epoch of its server and the number of its first event. What was seen is dropped, a gap closes the
// socket and resumes from the last number. Commands wait while the socket is away, and are sent again with the same id:
// the server acts on an id once.

const DELAYS = [250, 500, 1000, 2000, 4000, 8000]; // ms
const LOST_AFTER = 30_000; // ms that a command waits for its answer, the socket being there

export class Connection {
  /**
   * `address(after, epoch)` gives the socket's URL. `on` has the ears: events(list), snapshot(list), binary(buffer),
   * hello(data), status({phase, retryAt}), restarted(), gone(), other(frame). `world` has what a test replaces: open(url), now(),
   * later(fn, ms), never(handle), random(), listen(fn) for the network coming back, epoch() -> Promise of the server's.
   */
  constructor(address, on, world) {
    this.address = address;
    this.on = on;
    this.world = world;
    this.after = 0;
    this.epoch = '';
    this.phase = 'closed';
    this.attempt = 0;
    this.waiting = new Map(); // cmd -> {frame, resolve, reject, sent}
    this.serial = 0;
    this.wanted = false;
    this.unlisten = null;
  }

  open() {
    this.wanted = true;
    this.unlisten ??= this.world.listen(() => this.hurry());
    this.connect();
  }

  /** `why` is what commands are told that wait for their answer. */
  close(why = 'the page let go of the conversation') {
    this.wanted = false;
    if (this.unlisten) this.unlisten();
    this.unlisten = null;
    this.world.never(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
    for (const command of this.waiting.values()) command.reject(new Error(why));
    this.waiting.clear();
    this.tell('closed');
  }

  /** Tries at once what was going to be tried later. */
  hurry() {
    if (this.wanted && this.phase === 'waiting') {
      this.world.never(this.timer);
      this.connect();
    }
  }

  /** Sends a command and gives a promise of its answer; a refusal is an error with the reason. */
  send(action, fields = {}) {
    this.serial += 1;
    const cmd = `${this.world.name}-${this.serial}`;
    const frame = JSON.stringify({ ...fields, cmd, do: action });
    return new Promise((resolve, reject) => {
      this.waiting.set(cmd, { frame, resolve, reject });
      this.post(frame);
      this.world.later(() => this.settle(cmd, 'the server did not answer'), LOST_AFTER);
    });
  }

  /** Sends a frame of sound, or nothing where the socket is away. Gives the bytes that wait to be sent. */
  sound(buffer) {
    if (this.phase !== 'open') return 0;
    this.socket.send(buffer);
    return this.socket.bufferedAmount;
  }

  connect() {
    this.tell('opening');
    const socket = this.world.open(this.address(this.after, this.epoch));
    this.socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = (message) => {
      if (this.socket !== socket) return;
      if (typeof message.data === 'string') this.take(JSON.parse(message.data));
      else this.on.binary(message.data);
    };
    socket.onclose = (gone) => {
      if (this.socket === socket) this.lost(opened, gone);
    };
  }

  take(frame) {
    if (frame.hello) this.greeted(frame.hello);
    else if (frame.gone) this.over(frame.gone.epoch);
    else if (frame.snapshot !== undefined) {
      const events = Array.isArray(frame.snapshot) ? frame.snapshot : frame.snapshot.events;
      this.after = frame.upto;
      if (frame.epoch) this.epoch = frame.epoch;
      this.on.snapshot(events, frame.upto);
    } else if (frame.events) this.batch(frame);
    else if (frame.ack !== undefined) this.settle(frame.ack, null, frame);
    else if (frame.refused !== undefined) this.settle(frame.refused, frame.why || 'the server refused it', frame);
    else this.on.other(frame);
  }

  greeted(hello) {
    const restarted = this.epoch !== '' && hello.epoch !== this.epoch;
    this.epoch = hello.epoch;
    this.attempt = 0;
    this.tell('open');
    if (restarted) this.on.restarted();
    this.on.hello(hello);
    for (const command of this.waiting.values()) this.post(command.frame);
  }

  batch(frame) {
    const events = frame.events;
    if (!events.length) return;
    const last = events[events.length - 1].seq;
    if (last <= this.after) return;
    if (events[0].seq > this.after + 1) {
      this.socket.close(); // something is missing: what comes next would be wrong
      return;
    }
    const fresh = events[0].seq === this.after + 1 ? events : events.filter((event) => event.seq > this.after);
    this.after = last;
    this.on.events(fresh);
  }

  settle(cmd, problem, answer) {
    const command = this.waiting.get(cmd);
    if (!command) return;
    this.waiting.delete(cmd);
    if (problem) command.reject(Object.assign(new Error(problem), { hint: answer?.hint ?? '' }));
    else command.resolve(answer);
  }

  post(frame) {
    if (this.phase === 'open') this.socket.send(frame);
  }

  async lost(opened, gone) {
    this.socket = null;
    if (!this.wanted) return;
    const base = DELAYS[Math.min(this.attempt, DELAYS.length - 1)];
    const delay = base * (0.8 + 0.4 * this.world.random());
    this.attempt += 1;
    this.tell('waiting', this.world.now() + delay);
    this.timer = this.world.later(() => this.connect(), delay);
    if (opened && !(gone && gone.code >= 4000)) return;
    const epoch = await this.world.epoch(); // null: there is no server to ask
    if (epoch !== null && this.epoch !== '' && epoch !== this.epoch && this.wanted && this.phase !== 'open') {
      this.over(epoch);
    }
  }

  /** The server does not have it any more: because it is another one, or because nobody listened for too long. */
  over(epoch) {
    const known = this.epoch;
    this.close('the conversation is over: it was not done');
    if (known !== '' && epoch !== known) this.on.restarted();
    else this.on.gone();
  }

  tell(phase, retryAt = null) {
    this.phase = phase;
    this.on.status({ phase, retryAt, attempt: this.attempt });
  }
}

/** The world of a browser. `path` is where the server is asked for its epoch. */
export function browser(askEpoch) {
  return {
    name: Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    open: (url) => new WebSocket(url),
    now: () => performance.now(),
    later: (fn, ms) => setTimeout(fn, ms),
    never: (handle) => clearTimeout(handle),
    random: () => Math.random(),
    epoch: askEpoch,
    listen(fn) {
      const visible = () => document.visibilityState === 'visible' && fn();
      window.addEventListener('online', fn);
      document.addEventListener('visibilitychange', visible);
      return () => {
        window.removeEventListener('online', fn);
        document.removeEventListener('visibilitychange', visible);
      };
    },
  };
}

/** The URL of one of our own sockets. */
export function socketAddress(path, after, epoch) {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}${path}?after=${after}&epoch=${encodeURIComponent(epoch)}`;
}
