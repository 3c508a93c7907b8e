// A call over WebRTC from this page to the engine on the same port; the studio holds its conversation beside the call.
//
// The microphone's track goes out and the agent's comes in, which the browser plays, levels and echo cancelling included.
// What is said in words travels on the conversation's websocket, as it does for every other conversation.

import { opened } from './devices.js';

const EVERY = 100; // ms between two looks at the levels

export class Call {
  /** `on` has level(mic, agent), lost(error) and ended(). */
  constructor(on) {
    this.on = on;
    this.muted = false;
  }

  /** The id of the call, once it is up. Raises what the microphone or the engine refuses. */
  async begin(store, device) {
    this.stream = await opened(device);
    const connection = new RTCPeerConnection();
    this.connection = connection;
    this.sender = connection.addTrack(this.stream.getAudioTracks()[0], this.stream);
    this.player = new Audio();
    this.player.autoplay = true;
    connection.ontrack = ({ streams }) => {
      this.player.srcObject = streams[0];
      this.player.play().catch(() => {});
    };
    const up = new Promise((resolve, reject) => {
      connection.onconnectionstatechange = () => {
        const state = connection.connectionState;
        if (state === 'connected') resolve();
        else if (state === 'failed' || state === 'closed') {
          reject(said('the call did not come about', 'take the websocket instead'));
          if (this.connection) this.on.ended();
        }
      };
    });
    connection.createDataChannel('oai-events');
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await fetch(`/v1/realtime/calls?scenario=${encodeURIComponent(store.scenarioId.peek())}`, {
      method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: connection.localDescription.sdp,
    }).catch(() => {
      throw said('the engine does not answer', 'is the server still there?');
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw said(told.error?.message ?? `the engine answered ${answer.status}`, 'take the websocket instead');
    }
    await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    await up;
    this.timer = setInterval(() => this.look(), EVERY);
    return answer.headers.get('Location').split('/').pop();
  }

  async look() {
    if (!this.connection) return;
    let [mic, agent] = [0, 0];
    for (const report of (await this.connection.getStats()).values()) {
      if (report.type === 'media-source' && report.kind === 'audio') mic = report.audioLevel ?? 0;
      if (report.type === 'inbound-rtp' && report.kind === 'audio') {
        agent = report.audioLevel ?? 0;
        this.energy = report.totalAudioEnergy;
      }
    }
    this.on.level(this.muted ? 0 : mic, agent);
  }

  set({ muted = this.muted, silent = this.player.muted, volume = this.player.volume }) {
    this.muted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
    this.player.muted = silent;
    this.player.volume = Math.min(1, volume);
  }

  async from(device) {
    const stream = await opened(device);
    const [track] = stream.getAudioTracks();
    track.enabled = !this.muted;
    await this.sender.replaceTrack(track);
    for (const old of this.stream.getTracks()) old.stop();
    this.stream = stream;
  }

  through(device) {
    this.player.setSinkId?.(device).catch(() => {});
  }

  close() {
    clearInterval(this.timer);
    const { connection } = this;
    this.connection = null;
    connection?.close();
    if (this.stream) for (const track of this.stream.getTracks()) track.stop();
    if (this.player) this.player.srcObject = null;
  }
}

const said = (message, hint) => Object.assign(new Error(message), { hint });
