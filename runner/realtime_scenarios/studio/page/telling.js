// Events -> what a person who cannot see the page is told. Never a token of an answer, never audio.

import { shown } from './reducing/words.js';

/** Sentences about the events that matter; of a long batch, only the last of them will be heard. */
export function told(events, state, names) {
  const texts = [];
  const name = (agent) => shown(names[agent] ?? agent ?? 'The agent');
  for (const event of events) {
    const data = event.data ?? {};
    if (event.layer === 'trace') {
      if (event.type === 'AgentSaid') texts.push(`${name(event.agent)} ${data.interrupted ? 'was cut off' : 'answered'}`);
      else if (event.type === 'HandedOff') texts.push(`Handed off to ${name(data.to)}`);
      else if (event.type === 'GuardrailTripped') texts.push(`Guardrail ${shown(data.guardrail)} stopped an answer`);
      else if (event.type === 'ToolReturned' && data.outcome !== 'answered') {
        texts.push(`${shown(data.tool)}: ${data.outcome.replace('_', ' ')}`);
      }
    } else if (event.layer === 'studio') {
      if (event.type === 'ApprovalOpen') texts.push(`${shown(data.tool)} waits for you`);
      else if (event.type === 'Connected') texts.push('Connected');
      else if (event.type === 'Disconnected') texts.push('Disconnected');
    }
  }
  return texts;
}
