"""What text models are shown and may do: supervisors, questions behind tools, classifiers, servers of MCP."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import OTHERWISE, Change, Part, Subject


@kind("text-model-instructed-otherwise")
def instructed_otherwise(subject: Subject) -> Iterator[Change]:
    """A text model is told to do something else."""
    for reader in _readers(subject):
        if "instructions" in reader.data:
            yield subject.put(
                (*reader.pointer, "instructions"),
                OTHERWISE,
                f"the text model of '{reader.name}' is told to do something else",
                f"one in which '{reader.name}' asks it, with `expect: [{{asked: ...}}]`",
            )


@kind("history-changed")
def history_changed(subject: Subject) -> Iterator[Change]:
    """A text model reads more or less of what was said."""
    for reader in _readers(subject):
        if "history" in reader.data:
            yield subject.put(
                (*reader.pointer, "history"),
                1 if reader.data["history"] == "all" else "all",
                f"the text model of '{reader.name}' reads "
                f"{'the last message alone' if reader.data['history'] == 'all' else 'all that was said'}",
                f"one in which '{reader.name}' asks it late, with `expect: [{{asked: ...}}]`",
            )


@kind("input-dropped")
def input_dropped(subject: Subject) -> Iterator[Change]:
    """A text model is shown the bare arguments of the call."""
    for reader in _readers(subject):
        if "input" in reader.data:
            yield subject.dropped(
                (*reader.pointer, "input"),
                f"the text model of '{reader.name}' is shown the bare arguments",
                f"one in which '{reader.name}' asks it, with `expect: [{{asked: ...}}]`",
            )


@kind("supervisor-tool-taken")
def supervisor_tool_taken(subject: Subject) -> Iterator[Change]:
    """A supervisor does not have one of its tools."""
    for supervisor in subject.named("supervisors"):
        for index, name in enumerate(supervisor.data.get("tools", ())):
            yield subject.dropped(
                (*supervisor.pointer, "tools", index),
                f"the supervisor '{supervisor.name}' does not have '{name}'",
                f"one in which '{supervisor.name}' calls '{name}'",
            )


@kind("answer-field-dropped")
def answer_field_dropped(subject: Subject) -> Iterator[Change]:
    """A text model need not say one of the things that it is asked for."""
    for reader in _readers(subject):
        output = reader.data.get("output")
        if isinstance(output, dict) and len(output) > 1 and output.get("type") != "object":
            for name in output:
                yield subject.dropped(
                    (*reader.pointer, "output", name),
                    f"the text model of '{reader.name}' is not asked for '{name}'",
                    f"one in which it answers '{reader.name}' with it, and one in which it does so without",
                )


@kind("server-tool-taken")
def server_tool_taken(subject: Subject) -> Iterator[Change]:
    """A server of MCP does not offer one of its tools."""
    for server in subject.named("mcp"):
        for index, name in enumerate(server.data.get("tools", ())):
            yield subject.dropped(
                (*server.pointer, "tools", index),
                f"the server '{server.name}' does not offer '{name}'",
                f"one that calls '{name}'",
            )


@kind("server-approval-dropped")
def server_approval_dropped(subject: Subject) -> Iterator[Change]:
    """Nobody is asked before a tool of a server of MCP runs."""
    for server in subject.named("mcp"):
        if server.data.get("approval") == "always":
            yield subject.put(
                (*server.pointer, "approval"),
                "never",
                f"nobody is asked before a tool of '{server.name}' runs",
                f"one that calls a tool of '{server.name}' and gives a decision",
            )


def _readers(subject: Subject) -> Iterator[Part]:
    """Everything that asks a text model."""
    yield from subject.named("supervisors")
    for tool in subject.tools:
        if isinstance(tool.data.get("model"), dict):
            yield Part(tool.name, (*tool.pointer, "model"), tool.data["model"])
    for guardrail in subject.guardrails:
        if "classify" in guardrail.data:
            yield Part(guardrail.name, (*guardrail.pointer, "classify"), guardrail.data["classify"])
