// The conversation as a text that can be pasted elsewhere.

import { brief, clock, duration } from './reducing/words.js';

function* lines(store) {
  const { order, items, rows, calls } = store.state.value;
  for (const key of order) {
    if (key.startsWith('i:')) {
      const item = items.get(key.slice(2));
      if (!item.text || (item.role !== 'user' && item.role !== 'assistant')) continue;
      yield { who: item.role === 'user' ? 'Caller' : store.agentName(item.agent) || 'Agent', at: item.at, text: item.text, cut: item.cut, heard: item.heard };
    } else {
      const row = rows.get(key);
      const call = row.kind === 'call' ? calls.get(row.call) : null;
      if (call) yield { what: `${call.tool}(${brief(call.arguments ?? {}, 400)})`, result: call.output, outcome: call.outcome, at: row.at };
      else if (row.kind === 'handoff') yield { what: `${store.agentName(row.from)} -> ${store.agentName(row.to)}`, at: row.at };
      else if (row.kind === 'state') yield { what: `state ${row.from ? row.from + ' -> ' : ''}${row.to}`, at: row.at };
      else if (row.kind === 'context') yield { what: `${row.name}: ${brief(row.previous)} -> ${brief(row.value)}`, at: row.at };
      else if (row.title) yield { what: `${row.title}${row.text ? ': ' + row.text : ''}`, at: row.at };
    }
  }
}

function cutWords(line) {
  if (!line.cut) return '';
  return line.heard?.ms != null ? ` (cut off, heard ${duration(line.heard.ms)})` : ' (cut off)';
}

export function asMarkdown(store) {
  return [...lines(store)].map((line) => (line.who
    ? `**${line.who}** ${clock(line.at)}${cutWords(line)}\n\n${line.text}\n`
    : `> ${line.what}${line.outcome ? ` → ${line.outcome}${line.result ? ': ' + brief(line.result, 200) : ''}` : ''}\n`)).join('\n');
}

export function asPlain(store) {
  return [...lines(store)].map((line) => (line.who ? `${line.who}${cutWords(line)}: ${line.text}` : `  [${line.what}${line.outcome ? ` ${line.outcome}` : ''}]`)).join('\n') + '\n';
}

export function asJson(store) {
  return JSON.stringify([...lines(store)], null, 2);
}
