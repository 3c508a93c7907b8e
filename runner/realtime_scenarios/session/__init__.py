"""One conversation with a compiled scenario: driven by hand, or by a dialogue."""

from realtime_scenarios.core.garbage import no_collections

with no_collections():  # the SDK makes some 200,000 objects and drops few
    from realtime_scenarios.session.approval import ApprovalAnswer, ApprovalRequest, Approver, NoApprover
    from realtime_scenarios.session.call import Call
    from realtime_scenarios.session.caller import Speaking
    from realtime_scenarios.session.conversation import Conversation
    from realtime_scenarios.session.following import Observer
    from realtime_scenarios.session.line import HungUp
    from realtime_scenarios.session.play import play
    from realtime_scenarios.session.servers import SharedServers, Upkeep
    from realtime_scenarios.session.sound import Audio, AudioListener, Playback
    from realtime_scenarios.session.time import DEFAULT_NOW, LoopClock, VirtualTimeLoop, run_in_virtual_time

__all__ = [
    "DEFAULT_NOW",
    "ApprovalAnswer",
    "ApprovalRequest",
    "Approver",
    "Audio",
    "AudioListener",
    "Call",
    "Conversation",
    "HungUp",
    "LoopClock",
    "NoApprover",
    "Observer",
    "Playback",
    "SharedServers",
    "Speaking",
    "Upkeep",
    "VirtualTimeLoop",
    "play",
    "run_in_virtual_time",
]
