"""A saved dialogue holds no secret, and yet what it gives in their place has the form that the scenario asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios import check
from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import Secrets
from realtime_scenarios.model import Dialogue
from realtime_scenarios.project import Project, load, load_dialogues
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.record import SECRET_STAND_IN, StandIn, dialogue_text, stand_ins_in
from realtime_scenarios.suite.saving import SavedDialogue
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.dialogues import played

VAULT = """\
scenario: vault
start: desk
context: {code: {type: [string, "null"], default: null, secret: true, pattern: "^[A-Z]{3}[0-9]{3}$"}}
agents:
  desk:
    instructions: You open the vault with open_vault.
    tools: [open_vault]
    states_mode: tracked
    states:
      - {id: ask, description: Ask., instructions: [Ask.], collect: [code], transitions: [{to: open, when: Told.}]}
      - {id: open, description: Open., instructions: [Open.], terminal: true}
tools:
  open_vault:
    description: Open the vault.
    approval:
      timeout: 60s
      fields:
        pin: {secret: true, pattern: "PATTERN"}
        born: {secret: true, format: date}
        word: {secret: true}
    returns: It is open.
dialogues:
  - id: opened
    turns:
      - user: Open it, please.
        agent:
          - {state: open, args: {code: QXJ845}}
          - call: open_vault
            approval: {approve: {pin: PIN, born: "1984-05-06", word: sesame}}
          - say: It is open.
"""


def played_in(project: Project, dialogue: Dialogue) -> DialogueResult:
    return played(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest())


@pytest.mark.parametrize(
    ("pattern", "pin"),
    [("^[0-9]{4}$", '"8264"'), (r"^(?:\\d{4} ?){4}$", "5105 1051 0510 5100"), ("^[a-z]+$", "qwerty")],
)
def test_what_stands_for_a_secret_fits_so_that_the_dialogue_lints_and_replays(
    written: Written, tmp_path: Path, pattern: str, pin: str
) -> None:
    path = written(VAULT.replace("PATTERN", pattern).replace("PIN", pin))
    project = load(path)
    first = played_in(project, project.dialogues[0])
    assert first.passed, [verdict.message for verdict in first.failures]

    saved = tmp_path / "saved.yaml"
    saved.write_text(dialogue_text(first.trace, project.scenario, name="saved", scenario_path=str(path)), "utf-8")

    text = saved.read_text("utf-8")
    assert not any(secret in text for secret in (pin.strip('"'), "1984-05-06", "sesame", "QXJ845"))
    assert [given.field for given in stand_ins_in(first.trace, project.scenario) if given.fits] == [
        "pin",
        "born",
        "word",
    ]
    assert not check(saved)
    again = load_dialogues(saved)
    result = played_in(project, again.dialogues[0])
    assert result.passed, [verdict.message for verdict in result.failures]


def test_where_nothing_is_found_that_fits_it_is_told(written: Written) -> None:
    project = load(written(VAULT.replace("PATTERN", "^[0-9]{41}$").replace("PIN", f'"{"8" * 41}"')))
    first = played_in(project, project.dialogues[0])
    assert stand_ins_in(first.trace, project.scenario)[0] == StandIn("open_vault", "pin", "not-the-real-one", False)


def test_what_becomes_secret_later_is_masked_where_a_link_leads(tmp_path: Path) -> None:
    home, link = tmp_path / "home.yaml", tmp_path / "talk.yaml"
    home.write_text("- say: It was hunter2.\n", "utf-8")
    link.symlink_to(home)
    SavedDialogue(link, ()).mask(Secrets(("hunter2",)))
    assert home.read_text("utf-8") == f"- say: It was {SECRET_STAND_IN}.\n" and link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [home, link]
