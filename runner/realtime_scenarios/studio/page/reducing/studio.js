// What the studio's own server says: where items stand, growing text, what was heard, who waits for a person.

import { shown } from './words.js';

/** A user's row from the moment that they began to speak. */
export function startOfSpeech(draft, event, id) {
  const before = draft.item(id);
  if (before && before.status) return;
  draft.fill(id, event, { role: 'user', status: 'listening', spoken: true });
}

/** What happened elsewhere and stays as it is, in words. */
function notUndone(cannot) {
  const texts = (cannot ?? []).map((one) => (typeof one === 'string' ? one : Object.values(one).join(' ')));
  return texts.length ? `cannot be undone: ${texts.map(shown).join(', ')}` : '';
}

/** Whether something of an item is still to come: that it is written down, an answer, or the rest of one. */
export const goesOn = ({ placed, role, status, text }) => placed
  && (['listening', 'transcribing', 'streaming'].includes(status) || (role === 'assistant' && !text && !status));

/** Without a line nothing waits for a person any more, no call is answered that was not yet, and no answer goes on. */
export function nothingGoesOn(draft, event) {
  const { approvals, approvalCards, calls, items } = draft.state;
  draft.state.approvals = [];
  for (const id of approvals) {
    draft.own('approvalCards').set(id, { ...approvalCards.get(id), decision: 'closed', closed: event.at });
  }
  for (const call of calls.values()) {
    if (call.outcome === null) {
      draft.call(call.id, event, { outcome: 'lost', decision: call.decision === 'pending' ? 'closed' : call.decision });
    }
  }
  for (const item of items.values()) {
    const pending = item.checks.some((check) => check.status === 'pending');
    if (!goesOn(item) && !pending) continue;
    const checks = item.checks.map((check) => (check.status === 'pending' ? { ...check, status: 'lost' } : check));
    draft.fill(item.id, event, { status: goesOn(item) ? (item.cut ? 'done' : 'lost') : item.status, checks });
    if (pending) draft.own('checks').set(item.id, checks);
  }
}

export const STUDIO = {
  Connecting(draft) {
    draft.state.line = 'connecting';
    draft.state.reason = '';
    draft.state.hint = '';
  },
  Connected(draft, event, data) {
    draft.state.line = 'on';
    draft.state.reason = '';
    draft.state.voice = data.voice ?? null;
    draft.state.hint = '';
    if (event.agent) draft.state.agent = event.agent;
  },
  Disconnected(draft, event, data) {
    draft.state.line = 'ended';
    draft.state.reason = data.reason ?? '';
    draft.state.speech = { user: false, agent: false };
    draft.state.hint = data.hint ?? '';
    nothingGoesOn(draft, event);
    draft.row('r:' + event.seq, event, {
      kind: data.hint ? 'error' : 'note', title: 'Disconnected', text: data.reason ?? '', hint: data.hint ?? '',
    });
  },
  Undone(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'note', title: `Went back to the end of turn ${data.turn}`, text: notUndone(data.cannot), anchor: draft.state.placedLast,
    });
  },
  Forked(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'note', title: `Another way from the end of turn ${data.turn}`, text: notUndone(data.cannot),
    });
  },
  AgentChosen(draft, event, data) {
    draft.state.agent = data.agent;
    draft.row('r:' + event.seq, event, { kind: 'note', title: `You chose ${shown(data.agent)}`, text: '' });
  },
  ItemPlaced(draft, event, data) {
    const id = data.item;
    const before = draft.item(id);
    const first = !before || !before.placed;
    draft.place(id, data.after === 'root' ? null : data.after ?? null);
    draft.state.placedLast = id;
    if (data.role) draft.own('placedLastOf')[data.role] = id;
    const fields = { role: data.role ?? (before && before.role) ?? null, placed: true };
    if (first) Object.assign(fields, { seq: event.seq, at: event.at, turn: event.turn, agent: event.agent });
    if (first && event.response) fields.response = event.response;
    if (data.pictures) fields.showed = true;
    if (data.out_of_order) fields.outOfOrder = true;
    if (data.listening && !(before && before.status)) fields.status = 'listening';
    if (data.voice && !(before && before.text)) fields.status = 'transcribing';
    draft.fill(id, event, fields);
  },
  ItemDropped(draft, event, data) {
    draft.displace(data.item ?? event.item);
    draft.fill(data.item ?? event.item, event, { placed: false });
  },
  ItemRemoved(draft, event) {
    if (event.item) draft.fill(event.item, event, { deleted: true });
  },
  NotTranscribed(draft, event, data) {
    if (event.item) draft.fill(event.item, event, { status: 'failed', error: data.why ?? '' });
  },
  Delta(draft, event, data) {
    const before = draft.item(data.item);
    if (data.replaces) draft.fill(data.item, event, { text: data.text });
    else if (before && before.status === 'done') return;
    else {
      const status = before && before.role === 'user' ? before.status : 'streaming';
      draft.fill(data.item, event, { text: (before ? before.text : '') + data.text, status });
    }
  },
  Problem(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'error', title: 'That did not work', text: data.message ?? '', hint: data.hint ?? '',
    });
  },
  Heard(draft, event, data) {
    const before = draft.item(data.item);
    const heard = { ms: data.ms ?? null, ofMs: data.of_ms ?? null, text: data.text ?? null };
    draft.fill(data.item, event, { heard, cut: before ? before.cut : false });
  },
  Sound(draft, event, data) {
    draft.own('sounds').set(data.index, data.item);
  },
  PromptSent(draft, event, data) {
    draft.own('prompts').push({
      seq: event.seq, at: event.at, turn: event.turn, agent: data.agent ?? event.agent,
      instructions: data.instructions ?? '', tools: data.tools ?? [],
    });
  },
  DataChanged(draft, event, data) {
    draft.own('tables').set(data.table, { seq: event.seq, rows: data.rows });
    draft.own('dataChanges').push({
      seq: event.seq, at: event.at, turn: event.turn, table: data.table, rows: data.rows,
    });
    draft.row('r:' + event.seq, event, { kind: 'data', table: data.table, changed: data.rows });
  },
  ApprovalOpen(draft, event, data) {
    if (!draft.state.approvals.includes(data.call)) draft.own('approvals').push(data.call);
    const before = draft.state.approvalCards.get(data.call);
    draft.own('approvalCards').set(data.call, {
      call: data.call, tool: data.tool ?? '', agent: data.agent ?? event.agent, arguments: data.arguments,
      fields: data.fields ?? [], question: data.question ?? null, seconds: data.seconds ?? null,
      missing: data.missing ?? [], unfit: data.unfit ?? {}, place: data.place ?? event.place ?? null,
      at: before ? before.at : event.at, seq: event.seq, decision: null,
    });
    if (draft.state.calls.has(data.call)) draft.call(data.call, event, { decision: 'pending' });
  },
  ApprovalClosed(draft, event, data) {
    const card = draft.state.approvalCards.get(data.call);
    draft.state.approvals = draft.state.approvals.filter((call) => call !== data.call);
    draft.owned.add('approvals');
    if (card) draft.own('approvalCards').set(data.call, { ...card, decision: data.decision ?? 'closed', closed: event.at });
    if (draft.state.calls.has(data.call)) draft.call(data.call, event, { decision: data.decision ?? 'closed' });
  },
  Speech(draft, event, data) {
    draft.own('speech')[data.who] = Boolean(data.speaking);
  },
  RecordingBegan(draft) {
    draft.state.recording = true;
  },
  RecordingEnded(draft) {
    draft.state.recording = false;
  },
};
