// The dialogues of a scenario and the run that is going on, as the server tells of them.

import { signal } from '../vendor/core.js';
import { api } from '../api.js';

const benches = new Map(); // scenario -> Bench

/** What is known of a scenario's dialogues; kept while other views are shown. */
export function benchOf(scenario) {
  if (!benches.has(scenario)) benches.set(scenario, new Bench(scenario));
  return benches.get(scenario);
}

class Bench {
  constructor(scenario) {
    this.scenario = scenario;
    this.dialogues = signal(null);   // null: not there yet
    this.playable = signal(true);
    this.run = signal(null);         // {run, state, total, done, counts, following, summary, problem}
    this.asked = signal(false);      // a run was asked for, and has not begun
    this.problem = signal(null);     // why they cannot be listed
    this.watching = signal(false);   // what was changed is run again
    this.results = new Map();        // `run/dialogue` -> its result
    this.savedMeanwhile = false;     // a file was saved while a run was going on
    this.loads = new Set();          // lists that are asked for: what is heard of runs before each is there
    this.asks = 0;                   // numbers of lists: the last that was asked for, and the last that was taken
    this.taken = 0;
  }

  /** Whether another run has to wait. */
  get going() {
    return this.asked.value || this.run.value?.state === 'running';
  }

  /** Asks for the list. What is heard of runs meanwhile may be newer than the answer, and holds. */
  async load() {
    const heard = [];
    const mine = this.asks += 1;
    this.loads.add(heard);
    try {
      const answer = await api('GET', `dialogues?scenario=${encodeURIComponent(this.scenario)}`);
      const known = this.run.peek();
      const isOver = !answer.running && known?.state === 'running'; // which was told while nobody listened here
      const other = isOver ? known.run : answer.running !== known?.run && answer.running;
      const run = other ? await api('GET', `runs/${other}`) : null;
      if (mine < this.taken) return;
      this.taken = mine;
      this.playable.value = answer.playable;
      this.dialogues.value = answer.dialogues;
      this.problem.value = null;
      for (const data of heard) this.change(after(data));
      if (run && !heard.some((data) => data.run === run.run)) this.run.value = run;
    } catch (error) {
      if (mine > this.taken) this.problem.value = { error: error.message, hint: error.hint };
    } finally {
      this.loads.delete(heard);
    }
  }

  /** Begins a run: {ids}, {failed: true}, {changed: true} or everything. */
  async begin(wanted = {}) {
    if (this.asked.peek()) return;
    this.asked.value = true;
    try {
      const begun = await api('POST', 'runs', { scenario: this.scenario, ...wanted });
      if (this.run.peek()?.run !== begun.run) this.run.value = begun; // told of before it was answered, it may be over
    } finally {
      this.asked.value = false;
    }
  }

  /** Runs what was changed, now or as soon as another run may begin. */
  follow() {
    this.savedMeanwhile = this.asked.peek() || this.run.peek()?.state === 'running';
    if (!this.savedMeanwhile) this.begin({ changed: true }).catch(() => {});
  }

  stop() {
    const run = this.run.peek();
    return run && api('DELETE', `runs/${run.run}`);
  }

  /** What a dialogue came to; kept, since a run does not change any more. */
  async result(run, dialogue) {
    const key = `${run}/${dialogue}`;
    if (!this.results.has(key)) {
      this.results.set(key, await api('GET', `runs/${run}/${encodeURIComponent(dialogue)}`));
      if (this.results.size > 100) this.results.delete(this.results.keys().next().value);
    }
    return this.results.get(key);
  }

  /** An event of the project's stream. */
  heard(event, store) {
    const data = event.data ?? {};
    if (event.type === 'files' && data.scenario === this.scenario) {
      this.load().then(() => {
        if (this.watching.peek()) this.follow();
      });
    }
    if (event.type !== 'run') return;
    for (const heard of this.loads) heard.push(data);
    if (data.what === 'run-began') {
      this.run.value = { ...data, following: data.dialogues[0] };
    } else if (data.what === 'dialogue-over') {
      this.run.value = data;
    } else if (data.what === 'run-over') {
      this.run.value = data;
      if (this.watching.peek() && this.savedMeanwhile && data.state === 'ended') this.follow();
      store.say(data.problem ? data.problem.message : `${data.state === 'stopped' ? 'Stopped' : 'Run over'}: ${data.summary}`);
    }
    this.change(after(data));
  }

  change(make) {
    if (this.dialogues.peek()) this.dialogues.value = this.dialogues.peek().map(make);
  }
}

/** What a dialogue of the list is after an event of a run, also where the list knows of that already. */
function after(data) {
  if (data.what === 'run-began') {
    const own = new Set(data.dialogues);
    return (dialogue) => (own.has(dialogue.id) && dialogue.status !== 'running' ? { ...dialogue, status: 'running', before: dialogue.status } : dialogue);
  }
  if (data.what === 'dialogue-over') {
    const { run, status, seconds, differs } = data;
    return (dialogue) => (dialogue.id !== data.dialogue ? dialogue : {
      ...dialogue, status, run, seconds, differs, stale: false,
      history: [...dialogue.history.filter((one) => one.run !== run), { run, status, seconds }].slice(-50),
    });
  }
  return (dialogue) => (data.what === 'run-over' && dialogue.status === 'running' ? { ...dialogue, status: dialogue.before ?? 'never' } : dialogue);
}
