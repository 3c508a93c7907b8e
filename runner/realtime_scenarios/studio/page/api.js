// Requests to our own server: JSON in and out, and an error that says the way out.

export class Refused extends Error {
  constructor(status, message, hint, body = {}) {
    super(message);
    this.status = status;
    this.hint = hint || '';
    this.body = body; // all that the server said
  }
}

let awaited = 0;

/** How many requests wait for their answer. */
export const pending = () => awaited;

/** The answer of the server as JSON, or text. Raises `Refused`; its status is 0 where there is no server. */
export async function api(method, path, body, headers = {}) {
  awaited += 1;
  try {
    return await asked(method, path, body, headers);
  } finally {
    awaited -= 1;
  }
}

async function asked(method, path, body, headers) {
  const options = { method, headers: { ...headers }, credentials: 'same-origin' };
  if (method !== 'GET') options.headers['X-Studio'] = '1';
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch('/studio/api/' + path, options);
  } catch {
    throw new Refused(0, 'the studio’s server does not answer', 'start it again: scenario serve FILE');
  }
  const json = (answer.headers.get('Content-Type') || '').includes('json');
  const content = answer.status === 204 ? null : json ? await answer.json() : await answer.text();
  if (!answer.ok) {
    const said = json && content ? content : {};
    throw new Refused(answer.status, said.error || `the server answered ${answer.status}`, said.hint, said);
  }
  return content;
}
