// What a conversation meant, by the class of its trace event: calls, handoffs, states, guardrails.

import { shown } from './words.js';

/** The item that a trace event speaks of: it says so, or its cause does, where that has the role; else the last one. */
function spoken(draft, event, role) {
  for (const id of [event.item, draft.state.causes.get(event.cause)]) {
    const item = id && draft.item(id);
    if (item && (item.role === role || item.role === null)) return id;
  }
  return draft.state.placedLastOf[role] ?? null;
}

function check(draft, event, data) {
  const item = spoken(draft, event, 'assistant');
  if (!item) return;
  const before = draft.state.checks.get(item) ?? [];
  const others = before.filter((one) => one.guardrail !== data.guardrail);
  const checks = [...others, {
    guardrail: data.guardrail, status: data.status, category: data.category ?? null, reason: data.reason ?? '',
    seq: event.seq,
  }];
  draft.own('checks').set(item, checks);
  draft.fill(item, event, { checks });
}

export const TRACE = {
  UserSaid(draft, event, data) {
    const item = event.item; // where somebody typed, it is told before the item is there, which has its text
    if (!item) return;
    draft.fill(item, event, {
      text: data.text, status: data.text ? 'done' : 'unclear', said: data.said ?? null, audioMs: data.audio_ms ?? null,
    });
  },
  UserShowed(draft, event, data) {
    const item = spoken(draft, event, 'user');
    if (item) draft.fill(item, event, { image: data.image, showed: true, status: 'done' });
  },
  UserSilent(draft, event, data) {
    draft.row('r:' + event.seq, event, { kind: 'note', title: 'Silence', text: `${data.seconds} s` });
  },
  AgentSaid(draft, event, data) {
    const item = spoken(draft, event, 'assistant');
    if (!item) return;
    const before = draft.item(item);
    const fields = { phase: data.phase ?? null, audioMs: data.audio_ms ?? null, latencyMs: data.latency_ms ?? null };
    if (data.interrupted) fields.cut = true;
    if (!before || !before.text || !data.interrupted) Object.assign(fields, { text: data.text });
    fields.status = 'done';
    fields.agent = event.agent;
    draft.fill(item, event, fields);
  },
  ToolCalled(draft, event, data) {
    const id = data.call_id;
    const within = data.within ?? null;
    const anchor = within && draft.state.calls.has(within) ? draft.state.calls.get(within).anchor : draft.anchor(event);
    draft.call(id, event, {
      tool: data.tool, arguments: data.arguments, within, anchor, began: event.at, agent: event.agent, turn: event.turn,
      place: event.place ?? null,
    });
    const parent = within && draft.state.calls.get(within);
    if (parent && !parent.children.includes(id)) {
      draft.call(within, event, { children: [...parent.children, id] });
    }
    draft.row('c:' + id, event, { kind: 'call', call: id, within: parent ? within : null, anchor });
  },
  ToolReturned(draft, event, data) {
    draft.call(data.call_id, event, { outcome: data.outcome, output: data.output, ended: event.at, tool: data.tool });
    if (!draft.state.rows.has('c:' + data.call_id)) {
      draft.row('c:' + data.call_id, event, { kind: 'call', call: data.call_id, within: null });
    }
  },
  ModelAsked(draft, event, data) {
    const call = data.call_id && draft.state.calls.get(data.call_id);
    if (call) {
      draft.call(call.id, event, {
        asks: [...call.asks, { name: data.name, question: data.question, answer: null, seq: event.seq, at: event.at }],
      });
    }
  },
  ModelAnswered(draft, event, data) {
    const call = draft.state.calls.get(data.call_id);
    if (!call) return;
    const asks = call.asks.slice();
    const open = asks.findLastIndex((ask) => ask.name === data.name && ask.answer === null);
    if (open >= 0) asks[open] = { ...asks[open], answer: data.text, ended: event.at };
    draft.call(call.id, event, { asks });
  },
  ApprovalRequested(draft, event, data) {
    if (draft.state.calls.has(data.call_id)) draft.call(data.call_id, event, { decision: 'pending' });
  },
  ApprovalIncomplete(draft, event, data) {
    const card = draft.state.approvalCards.get(data.call_id);
    if (card) {
      draft.own('approvalCards').set(data.call_id, { ...card, missing: data.missing ?? [], unfit: data.unfit ?? {} });
    }
  },
  ApprovalDecided(draft, event, data) {
    if (draft.state.calls.has(data.call_id)) {
      draft.call(data.call_id, event, { decision: data.decision, given: data.fields, remembered: data.remembered });
    }
  },
  HandedOff(draft, event, data) {
    draft.own('edges').push({ seq: event.seq, at: event.at, turn: event.turn, from: event.agent, to: data.to });
    draft.state.agent = data.to;
    draft.row('r:' + event.seq, event, {
      kind: 'handoff', from: event.agent, to: data.to, arguments: data.arguments ?? null,
    });
  },
  HandoffRefused(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'refused', title: `Handoff to ${shown(data.to)} refused`, text: data.reason, invalid: data.invalid,
      arguments: data.arguments ?? null,
    });
  },
  StateEntered(draft, event, data) {
    draft.own('agentStates').set(event.agent, data.state);
    draft.own('entered').push({
      seq: event.seq, at: event.at, turn: event.turn, agent: event.agent, state: data.state,
      previous: data.previous ?? null, refused: false, reason: '',
    });
    draft.row('r:' + event.seq, event, { kind: 'state', from: data.previous ?? null, to: data.state });
  },
  StateRefused(draft, event, data) {
    draft.own('entered').push({
      seq: event.seq, at: event.at, turn: event.turn, agent: event.agent, state: data.state,
      previous: draft.state.agentStates.get(event.agent) ?? null, refused: true, reason: data.reason,
    });
    draft.row('r:' + event.seq, event, {
      kind: 'refused', title: `State ${shown(data.state)} refused`, text: data.reason, invalid: data.invalid,
    });
  },
  ContextChanged(draft, event, data) {
    const before = draft.state.context.get(data.variable);
    const previous = before ? before.value : data.previous ?? null;
    draft.own('context').set(data.variable, { value: data.value, previous, seq: event.seq, turn: event.turn });
    draft.own('changes').push({
      seq: event.seq, at: event.at, turn: event.turn, name: data.variable, value: data.value, previous,
    });
    draft.row('r:' + event.seq, event, { kind: 'context', name: data.variable, value: data.value, previous });
  },
  Interrupted(draft, event, data) {
    if (data.call_id) {
      draft.row('r:' + event.seq, event, {
        kind: 'note', title: 'The caller did not wait', text: data.after == null ? '' : `after ${data.after} s`,
      });
      return;
    }
    const item = spoken(draft, event, 'assistant');
    if (!item) return;
    const before = draft.item(item);
    const heard = (before && before.heard) ?? { ms: null, ofMs: null, text: null };
    draft.fill(item, event, { cut: true, heard: { ...heard, text: data.heard } });
  },
  GuardrailChecked: check,
  GuardrailTripped(draft, event, data) {
    check(draft, event, { ...data, status: 'fail' });
    draft.row('r:' + event.seq, event, {
      kind: 'guardrail', guardrail: data.guardrail, text: data.text, reason: data.reason,
    });
  },
  ModelError(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'error', title: 'The model failed', text: data.message, code: data.code ?? null,
    });
  },
  TranscriptionReplaced(draft, event, data) {
    draft.row('r:' + event.seq, event, {
      kind: 'note', title: `Callers are written down by ${shown(data.model)}`, text: data.reason,
    });
  },
  Reconnected(draft, event, data) {
    draft.row('r:' + event.seq, event, { kind: 'note', title: 'The line is back', text: data.reason });
  },
  SessionEnded(draft, event, data) {
    draft.state.line = 'ended';
    draft.state.reason = data.reason ?? '';
    draft.row('r:' + event.seq, event, { kind: 'note', title: 'The session ended', text: data.reason ?? '' });
  },
};
