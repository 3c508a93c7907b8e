"""One conversation with a compiled scenario: driven by hand, or by a dialogue."""

from runner.session.approval import ApprovalAnswer, ApprovalRequest, Approver, NoApprover
from runner.session.conversation import Conversation
from runner.session.following import Observer
from runner.session.play import DialogueResult, play, played, run_for
from runner.session.time import DEFAULT_NOW, LoopClock, VirtualTimeLoop, run_in_virtual_time

__all__ = [
    "DEFAULT_NOW",
    "ApprovalAnswer",
    "ApprovalRequest",
    "Approver",
    "Conversation",
    "DialogueResult",
    "LoopClock",
    "NoApprover",
    "Observer",
    "VirtualTimeLoop",
    "play",
    "played",
    "run_for",
    "run_in_virtual_time",
]
