// Holds a conversation with @openai/agents-realtime at the address given, and prints what came of it as JSON.
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import WebSocket from "ws";
import { z } from "zod";

const [url, modality, key] = process.argv.slice(2);

async function inBrowserStyle() {
  const socket = new WebSocket(url, ["realtime", `openai-insecure-api-key.${key}`]);
  const first = await new Promise((resolve, reject) => {
    socket.on("message", (data) => resolve(JSON.parse(data)));
    socket.on("error", reject);
  });
  socket.close();
  return { protocol: socket.protocol, first: first.type };
}

async function withAgents() {
  const lookUp = tool({
    name: "look_up",
    description: "Looks things up.",
    parameters: z.object({ what: z.string() }),
    execute: async ({ what }) => `${what} up to 22 inches`,
  });
  const second = new RealtimeAgent({ name: "second", instructions: "The second desk." });
  const first = new RealtimeAgent({ name: "first", tools: [lookUp], handoffs: [second] });
  const session = new RealtimeSession(first, {
    transport: new OpenAIRealtimeWebSocket({ url: `${url}?model=m`, useInsecureApiKey: true }),
    model: "m",
    config: { outputModalities: [modality], audio: { input: { turnDetection: null } } },
    tracingDisabled: true,
  });
  const seen = { errors: [], tools: [], handoffs: [], audio: 0 };
  session.on("error", (problem) => seen.errors.push(JSON.stringify(problem)));
  session.on("agent_tool_end", (_context, _agent, _tool, result) => seen.tools.push(result));
  session.on("agent_handoff", (_context, _from, to) => seen.handoffs.push(to.name));
  session.on("audio", () => (seen.audio += 1));
  await session.connect({ apiKey: key });
  for (const line of ["hello", "look please", "the other desk"]) {
    await new Promise((resolve) => {
      session.on("transport_event", function heard(event) {
        if (event.type !== "response.done" || event.response.output.some((item) => item.type !== "message")) return;
        session.off("transport_event", heard);
        setTimeout(resolve, 0);
      });
      session.sendMessage(line);
    });
  }
  const answers = session.history.filter((item) => item.type === "message" && item.role === "assistant");
  seen.said = answers.map((item) => item.content.map((part) => part.text ?? part.transcript).join(""));
  session.close();
  return seen;
}

console.log(JSON.stringify({ browser: await inBrowserStyle(), agents: await withAgents() }));
process.exit(0);
