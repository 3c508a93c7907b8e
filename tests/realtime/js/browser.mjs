// Holds a conversation with @openai/agents-realtime over WebRTC, in a browser whose microphone plays a file; and a short
// one with the client of `openai`, in text alone.
// `begin` connects, `speak` opens the microphone, `seen` is what has come of it so far.
import { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { OpenAIRealtimeWebRTC as Connection } from "openai/realtime/webrtc.mjs";

const seen = { errors: [], tools: [], handoffs: [], events: [], said: [], heard: [], callId: null };
let session, transport, connection, context, wire, microphone;

window.seen = () => seen;

window.begin = async ({ url, key, audio }) => {
  const lookUp = tool({
    name: "look_up",
    description: "Looks things up.",
    strict: false,
    parameters: { type: "object", properties: { what: { type: "string" } }, required: ["what"], additionalProperties: true },
    execute: async ({ what }) => `${what} up to 22 inches`,
  });
  const second = new RealtimeAgent({ name: "second", handoffDescription: "The other desk.", instructions: "Help." });
  const first = new RealtimeAgent({ name: "first", instructions: "Use look_up.", tools: [lookUp], handoffs: [second] });
  context = new AudioContext();
  wire = context.createMediaStreamDestination();
  transport = new OpenAIRealtimeWebRTC({
    baseUrl: url,
    mediaStream: wire.stream,
    changePeerConnection: (made) => (connection = made),
  });
  session = new RealtimeSession(first, { transport, model: "m", config: { audio }, tracingDisabled: true });
  session.on("error", (problem) => seen.errors.push(JSON.stringify(problem)));
  session.on("agent_tool_end", (_context, _agent, _tool, result) => seen.tools.push(result));
  session.on("agent_handoff", (_context, _from, to) => seen.handoffs.push(to.name));
  session.on("transport_event", (event) => seen.events.push(event));
  session.on("history_updated", (history) => {
    const told = (item) => item.content.map((part) => part.text ?? part.transcript ?? "").join("");
    const messages = history.filter((item) => item.type === "message");
    seen.said = messages.filter((item) => item.role === "assistant").map(told);
    seen.heard = messages.filter((item) => item.role === "user").map(told);
  });
  await session.connect({ apiKey: key });
  seen.callId = transport.callId;
};

// The file is played from its beginning each time that the microphone is opened.
window.speak = async () => {
  microphone?.getTracks().forEach((track) => track.stop());
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  microphone = await navigator.mediaDevices.getUserMedia({ audio: plain });
  context.createMediaStreamSource(microphone).connect(wire);
};

window.say = (text) => session.sendMessage(text);
window.interrupt = () => session.interrupt();
window.end = () => session.close();

// How loud what has been played was on the whole, and for how long (WebRTC statistics, RTCInboundRtpStreamStats).
window.energy = async () => {
  for (;;) {
    const reports = [...(await connection.getStats()).values()];
    const played = reports.find((report) => report.type === "inbound-rtp");
    if (played) return { energy: played.totalAudioEnergy, seconds: played.totalSamplesDuration };
    await new Promise((resolve) => setTimeout(resolve, 50)); // nothing has come yet
  }
};

// What a session with these instructions answers, over a data channel without any sound; the offer comes in a form.
window.ask = async ({ url, key, instructions, text }) => {
  const connection = new Connection();
  const created = new Promise((resolve) => connection.on("session.created", resolve));
  const done = new Promise((resolve) => connection.on("response.done", resolve));
  const exchangeSdp = async (sdp) => {
    const form = new FormData();
    form.set("sdp", sdp);
    form.set("session", JSON.stringify({ type: "realtime", output_modalities: ["text"], instructions }));
    return (await fetch(url, { method: "POST", body: form, headers: { Authorization: `Bearer ${key}` } })).text();
  };
  await connection.connect({ exchangeSdp });
  const { session } = await created;
  const content = [{ type: "input_text", text }];
  connection.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
  connection.send({ type: "response.create" });
  const { response } = await done;
  connection.close();
  return { instructions: session.instructions, said: response.output[0].content[0].text };
};
