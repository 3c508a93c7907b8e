// Talks to the address given with the Realtime client of the package `openai`, and listens in on a call, by its id.
// Prints what came of both as JSON.
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";

const [baseURL, apiKey, callID] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const seen = { errors: [], said: [], calls: [], audio: 0, sideband: [] };

const until = (realtime, kind) => new Promise((resolve) => realtime.on("event", (event) => event.type === kind && resolve(event)));

async function ask(realtime, text) {
  const content = [{ type: "input_text", text }];
  realtime.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
  return respond(realtime);
}

async function respond(realtime) {
  const done = until(realtime, "response.done");
  realtime.send({ type: "response.create" });
  for (const item of (await done).response.output) {
    if (item.type === "message") {
      seen.said.push(item.content.map((part) => part.text ?? part.transcript).join(""));
      continue;
    }
    seen.calls.push([item.name, item.arguments]);
    const answer = { type: "function_call_output", call_id: item.call_id, output: "up to 22 inches" };
    realtime.send({ type: "conversation.item.create", item: answer });
    await respond(realtime);
  }
}

async function talk() {
  const realtime = new OpenAIRealtimeWS({ model: "m" }, client);
  realtime.on("error", (problem) => seen.errors.push(String(problem)));
  realtime.on("response.output_audio.delta", (event) => (seen.audio += Buffer.from(event.delta, "base64").length));
  await until(realtime, "session.created");
  const parameters = { type: "object", properties: { what: { type: "string" } } };
  const tools = [{ type: "function", name: "look_up", parameters }];
  realtime.send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"], tools } });
  await ask(realtime, "look please");
  realtime.send({ type: "session.update", session: { type: "realtime", output_modalities: ["audio"] } });
  await ask(realtime, "hello");
  realtime.close();
}

async function listenIn() {
  const realtime = new OpenAIRealtimeWS({ callID }, client);
  realtime.on("error", (problem) => seen.errors.push(String(problem)));
  realtime.on("event", (event) => seen.sideband.push(event.type));
  await until(realtime, "session.created");
  const updated = until(realtime, "session.updated");
  realtime.send({ type: "session.update", session: { type: "realtime", instructions: "Be brief." } });
  await updated;
  realtime.close();
}

await talk();
await listenIn();
console.log(JSON.stringify(seen));
process.exit(0);
