// Has @openai/agents-realtime use a hosted MCP tool that it approves, and prints what came of it as JSON.
import { hostedMcpTool } from "@openai/agents-core";
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from "@openai/agents-realtime";

const [url, serverUrl, decision] = process.argv.slice(2);
const wiki = hostedMcpTool({ serverLabel: "wiki", serverUrl, requireApproval: "always" });
const agent = new RealtimeAgent({ name: "first", tools: [wiki] });
const session = new RealtimeSession(agent, {
  transport: new OpenAIRealtimeWebSocket({ url: `${url}?model=m`, useInsecureApiKey: true }),
  model: "m",
  config: { outputModalities: ["text"], audio: { input: { turnDetection: null } } },
  tracingDisabled: true,
});
const seen = { errors: [], listed: [], completed: [] };
session.on("error", (problem) => seen.errors.push(JSON.stringify(problem)));
session.on("mcp_tool_call_completed", (_context, _agent, call) => seen.completed.push(call.output));
session.on("tool_approval_requested", (_context, _agent, request) => session[decision](request.approvalItem));
const listed = new Promise((resolve) => {
  session.on("mcp_tools_changed", (tools) => {
    seen.listed = tools.map((tool) => tool.name);
    resolve();
  });
});
await session.connect({ apiKey: "sk-1" });
await listed;
await new Promise((resolve) => {
  session.on("transport_event", (event) => {
    if (event.type === "response.done" && event.response.output.some((item) => item.type === "message")) {
      setTimeout(resolve, 0);
    }
  });
  session.sendMessage("hello");
});
const answers = session.history.filter((item) => item.type === "message" && item.role === "assistant");
seen.said = answers.map((item) => item.content.map((part) => part.text).join(""));
session.close();
console.log(JSON.stringify(seen));
process.exit(0);
