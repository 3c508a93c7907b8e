"""What a proof asks of a tool: who but the model has a say, and whether it surely answers."""

from __future__ import annotations

from realtime_scenarios.model.tool import (
    CasesStub,
    CatalogueStub,
    HttpStub,
    ModelStub,
    PythonStub,
    QueryStub,
    SequenceStub,
    Stub,
    SupervisorStub,
    ToolSpec,
    answers_of,
)


def is_checked(tool: ToolSpec) -> bool:
    """Whether anything but the model has a say in what the tool does: a gate, a person, a look at something real."""
    looks = (QueryStub, CasesStub, PythonStub, HttpStub, SupervisorStub, ModelStub, SequenceStub)
    reads_approval = any("approval." in text for one in answers_of(tool.stub) for text in one.set.values())
    return bool(tool.requires or tool.approval or reads_approval or isinstance(tool.stub, looks))


def always_answers(stub: Stub) -> bool:
    """Whether the stub cannot fail on its own. A query can: its rows may not be there; but it answers all the same."""
    if isinstance(stub, (PythonStub, HttpStub, ModelStub, SupervisorStub, CatalogueStub)):
        return False
    answers = answers_of(stub)
    is_sure = all(one.raises is None and not one.times_out for one in answers)
    return is_sure and (not isinstance(stub, CasesStub) or any(one.when is None for one in answers))
