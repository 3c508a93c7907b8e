"""A plug-in of realtime-scenarios: tools that roll dice, and what goes with them."""

from dice_scenarios.luck import Lucky
from dice_scenarios.roll import RollStub
from realtime_scenarios import Plugin

plugin = Plugin(
    stubs=[RollStub],
    expectations={"lucky": Lucky},
    rules=["dice_scenarios.rules"],
    providers={"echo": "dice_scenarios.echo:ECHO"},
    reports={"tally": "dice_scenarios.tally:tally"},
    listeners={"throws": "dice_scenarios.rattle:throws"},
    speakers={"rattle": "dice_scenarios.rattle:rattle"},
)
