"""Rules about servers of MCP that are programs of the author's: what their text gives away without running it."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.lint.rule import Finding, Subject, rule


@rule("SC845", "shared-server-remembers", "warning")
def shared_server_remembers(subject: Subject) -> Iterator[Finding]:
    """An MCP server that is `shared` keeps something from one call to the next.

    Problem: what a dialogue did is still there in those that follow it in the same process, so that their verdicts
    depend on their order, and on `-n`.
    Instead: leave `shared` out, so that each dialogue has a server of its own; or let functions change nothing that is
    a variable of their module.
    """
    shared = [server for server in subject.scenario.mcp.values() if server.shared]
    if not shared:
        return
    from realtime_scenarios.stubs.changes import changes_of_variables  # only these need it

    for server in shared:
        script = server.script
        for change in changes_of_variables(subject.scenario.folder / script) if script is not None else ():
            message = f"'{server.name}' is shared, and changes '{change.variable}' in line {change.line} of '{script}'"
            yield Finding(message, (server.place / "shared").key_span, "leave `shared` out where that matters")
