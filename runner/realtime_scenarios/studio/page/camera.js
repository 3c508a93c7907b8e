// The camera over the text box: what it sees, and a button that takes it.

import { html, useEffect, useRef, useState } from './vendor/core.js';

const WHY = {
  NotAllowedError: 'The browser does not allow the camera: permit it beside the address.',
  NotFoundError: 'There is no camera here: choose a picture instead.',
  NotReadableError: 'Another program uses the camera: close it there.',
};

export function Camera({ take, close }) {
  const video = useRef(null);
  const [problem, setProblem] = useState('');
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let stream = null;
    let wanted = true;
    const open = async () => {
      if (!navigator.mediaDevices) return setProblem('The camera needs https, or an address of this machine.');
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280 } });
        if (!wanted) return stop(stream);
        video.current.srcObject = stream;
        await video.current.play();
        setReady(true);
      } catch (error) {
        setProblem(WHY[error.name] ?? error.message);
      }
      return undefined;
    };
    open();
    return () => {
      wanted = false;
      if (stream) stop(stream);
    };
  }, []);
  const capture = () => {
    const seen = video.current;
    const canvas = document.createElement('canvas');
    canvas.width = seen.videoWidth;
    canvas.height = seen.videoHeight;
    canvas.getContext('2d').drawImage(seen, 0, 0);
    canvas.toBlob((blob) => {
      take(new File([blob], 'camera'));
      close();
    });
  };
  return html`<div class="camera">
    ${problem ? html`<p class="hint">${problem}</p>` : html`<video ref=${video} muted playsinline aria-label="What the camera sees"></video>`}
    <div class="camera-acts"><button class="button small primary" disabled=${!ready} onClick=${capture}>Take it</button>
      <button class="button small" onClick=${close}>Close</button></div></div>`;
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
