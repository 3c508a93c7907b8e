"""A small wiki about open-source projects, as an MCP server over standard input and output."""

from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

PAGES = {
    "openai/openai-agents-js": {
        "Agents": "An agent is a model with instructions, tools and handoffs to other agents.",
        "Realtime sessions": "A realtime session keeps one connection to a speech model open.",
        "Guardrails": "An output guardrail looks at what was said so far, and cuts the agent off when it trips.",
    },
    "modelcontextprotocol/python-sdk": {
        "Servers": "A server offers tools, resources and prompts to any client that speaks the protocol.",
        "Transports": "Messages travel over standard input and output, or over streamable HTTP.",
    },
}

server = MCPServer("wiki", log_level="ERROR")


def _pages(project: str) -> dict[str, str]:
    if project not in PAGES:
        raise ToolError(f"The wiki has no project {project!r}. It has: {', '.join(PAGES)}.")
    return PAGES[project]


Project = Annotated[str, Field(description="The project's owner and name, such as openai/openai-agents-js.")]


@server.tool(structured_output=False)
def list_topics(project: Project) -> str:
    """List what the wiki has written about a project. Use it when the caller asks what there is to read."""
    return ", ".join(_pages(project))


@server.tool(structured_output=False)
def ask_wiki(project: Project, question: Annotated[str, Field(description="The caller's question.")]) -> str:
    """Answer a question about a project from the wiki. Use it when the caller asks how something works there."""
    words = {word.strip("?.,!").lower() for word in question.split()}
    for topic, text in _pages(project).items():
        if words & {form for word in topic.lower().split() for form in (word, word.removesuffix("s"))}:
            return f"{topic}: {text}"
    return "The wiki says nothing about that."


if __name__ == "__main__":
    server.run()
