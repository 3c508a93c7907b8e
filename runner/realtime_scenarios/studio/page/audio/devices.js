// Microphones and loudspeakers by name, and what one is told where there is none.

/** {inputs, outputs}: [{id, label}]. Names are empty until a microphone was allowed. */
export async function devices() {
  if (!navigator.mediaDevices) return { inputs: [], outputs: [] };
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind, noun) => all.filter((device) => device.kind === kind && device.deviceId !== 'default' && device.deviceId !== 'communications')
    .map((device, at) => ({ id: device.deviceId, label: device.label || `${noun} ${at + 1}` }))
    .filter((device) => device.id);
  return { inputs: of('audioinput', 'Microphone'), outputs: of('audiooutput', 'Loudspeaker') };
}

/** What went wrong with a microphone, and the way out, by the name of the error that the browser gives. */
export function explained(error) {
  switch (error && error.name) {
    case 'NotAllowedError':
      return { error: 'the browser does not give the microphone to this page', hint: 'allow it beside the address bar, or go on in writing' };
    case 'NotFoundError':
      return { error: 'there is no microphone', hint: 'plug one in, or go on in writing' };
    case 'NotReadableError':
      return { error: 'another program has the microphone', hint: 'close it there, and try again' };
    case 'OverconstrainedError':
      return { error: 'the microphone that was chosen is not there any more', hint: 'choose another one' };
    case 'InsecureError':
      return { error: 'a browser gives its microphone only to a safe page', hint: 'open the studio at 127.0.0.1, or serve it with --tls-cert' };
    default:
      return { error: `the microphone cannot be opened: ${(error && error.message) || error}`, hint: 'try again, or go on in writing' };
  }
}

/** The stream of a microphone: the wished one, or where that is gone, the system's own. */
export async function opened(id) {
  if (!navigator.mediaDevices) throw Object.assign(new Error('not a secure context'), { name: 'InsecureError' });
  const wished = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: id ? { ...wished, deviceId: { exact: id } } : wished });
  } catch (error) {
    if (!id || error.name !== 'OverconstrainedError') throw error;
    return navigator.mediaDevices.getUserMedia({ audio: wished });
  }
}
