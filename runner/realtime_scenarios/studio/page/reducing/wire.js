// What the Realtime protocol said, by the type of its event: the states of items and responses.
//
// Where items stand comes from the studio's `ItemPlaced`, and their growing text from its `Delta`. Here they are filled:
// a transcript never moves a row.

import { startOfSpeech } from './studio.js';

function named(event, data) {
  return event.item ?? data.item_id ?? (data.item && data.item.id) ?? null;
}

function remember(draft, event, id) {
  if (id) draft.own('causes').set(event.seq, id);
}

function textOf(item) {
  const parts = Array.isArray(item.content) ? item.content : [];
  return parts.map((part) => part.text ?? part.transcript ?? '').filter(Boolean).join('\n');
}

function imageOf(item) {
  const parts = Array.isArray(item.content) ? item.content : [];
  return parts.some((part) => part && part.type === 'input_image');
}

function known(draft, event, data) {
  const item = data.item && typeof data.item === 'object' ? data.item : {};
  const id = named(event, data);
  if (!id) return;
  remember(draft, event, id);
  const before = draft.item(id);
  const fields = {};
  if (item.role && !(before && before.role)) fields.role = item.role;
  const text = textOf(item);
  if (text && !(before && before.text)) fields.text = text;
  if (text && item.role === 'user') fields.status = 'done';
  if (imageOf(item)) fields.showed = true;
  if (event.response) fields.response = event.response;
  draft.fill(id, event, fields);
}

function inResponse(draft, event, data) {
  const id = named(event, data);
  known(draft, event, data);
  const response = event.response ?? data.response_id;
  if (!id || !response) return;
  const before = draft.state.responses.get(response) ?? { items: [], status: 'in_progress', reason: '' };
  if (before.items.includes(id)) return;
  draft.own('responses').set(response, { ...before, items: [...before.items, id] });
  draft.fill(id, event, { response });
}

function said(field) {
  return (draft, event, data) => {
    const id = named(event, data);
    if (!id || typeof data[field] !== 'string') return;
    remember(draft, event, id);
    draft.fill(id, event, { text: data[field], status: 'done' });
  };
}

function noted(draft, event, data) {
  remember(draft, event, named(event, data));
}

export const WIRE = {
  'input_audio_buffer.speech_started'(draft, event, data) {
    const id = named(event, data);
    remember(draft, event, id);
    if (id) startOfSpeech(draft, event, id);
    draft.own('speech').user = true;
  },
  'input_audio_buffer.speech_stopped'(draft, event, data) {
    noted(draft, event, data);
    draft.own('speech').user = false;
  },
  'input_audio_buffer.committed'(draft, event, data) {
    const id = named(event, data);
    remember(draft, event, id);
    if (!id) return;
    const before = draft.item(id);
    draft.fill(id, event, { role: 'user', status: before && before.text ? 'done' : 'transcribing', spoken: true });
  },
  'conversation.item.input_audio_transcription.completed': said('transcript'),
  'conversation.item.input_audio_transcription.failed'(draft, event, data) {
    const id = named(event, data);
    remember(draft, event, id);
    if (id) draft.fill(id, event, { status: 'failed', error: (data.error && data.error.message) || '' });
  },
  'conversation.item.added': known,
  'conversation.item.created': known,
  'conversation.item.done': known,
  'conversation.item.retrieved': noted,
  'response.output_item.added': inResponse,
  'response.output_item.done': inResponse,
  'response.output_text.done': said('text'),
  'response.output_audio_transcript.done': said('transcript'),
  'conversation.item.truncated'(draft, event, data) {
    const id = named(event, data);
    remember(draft, event, id);
    if (!id) return;
    const before = draft.item(id);
    const heard = (before && before.heard) ?? { ms: null, ofMs: null, text: null };
    draft.fill(id, event, { cut: true, heard: { ...heard, ms: data.audio_end_ms ?? heard.ms } });
  },
  'conversation.item.deleted'(draft, event, data) {
    const id = named(event, data);
    if (id) draft.fill(id, event, { deleted: true });
  },
  'response.created'(draft, event, data) {
    const id = event.response ?? (data.response && data.response.id);
    if (id && !draft.state.responses.has(id)) {
      draft.own('responses').set(id, { items: [], status: 'in_progress', reason: '' });
    }
  },
  'response.done'(draft, event, data) {
    const response = data.response ?? {};
    const id = event.response ?? response.id;
    if (!id) return;
    const before = draft.state.responses.get(id) ?? { items: [], status: '', reason: '' };
    const details = response.status_details ?? {};
    const reason = (details.error && details.error.message) || details.reason || '';
    const status = response.status ?? 'completed';
    draft.own('responses').set(id, { ...before, status, reason });
    const last = before.items[before.items.length - 1];
    for (const item of before.items) {
      const fields = { status: 'done' };
      if (item === last && status !== 'completed') Object.assign(fields, { ending: status, error: reason });
      draft.fill(item, event, fields);
    }
    if (!last && (status === 'failed' || status === 'incomplete')) {
      draft.row('r:' + event.seq, event, { kind: 'error', title: 'No answer came', text: reason || status });
    }
  },
  error(draft, event, data) {
    const error = data.error ?? data;
    draft.row('r:' + event.seq, event, {
      kind: 'error', title: 'The service refused something', text: error.message ?? '', code: error.code ?? null,
    });
  },
};
