"""What an editor with yaml-language-server shows of our files: hovering, completing and mistakes.

The server is the real one, from npm, and can open no socket. It finds the schemas by the first line of each file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import realtime_scenarios.expectations
import realtime_scenarios.stubs  # noqa: F401 - the kinds of stubs that scenarios may have
from realtime_scenarios.core import Diagnostic
from realtime_scenarios.document import check, read_text
from realtime_scenarios.document.schema import SchemaName
from support.javascript import installed, needs_javascript
from support.language_server import Completion, LanguageServer, serve_language

pytestmark = needs_javascript

HERE = Path(__file__).parent
FILES = HERE / "files"
SCENARIO, DIALOGUES, BROKEN = FILES / "shop.yaml", FILES / "dialogues.yaml", FILES / "broken.yaml"

SHOP = "start: desk\nagents:\n  desk:\n    instructions: Hello.\n"
TOOL = f"scenario: shop\n{SHOP}tools:\n  refund:\n    description: Pay it back.\n"
TALK = "scenario: shop.yaml\ndialogues:\n  - id: refund\n    turns:\n"
MOVES = f"{TALK}      - user: Hello.\n        agent:\n"
EXPECTED = f"{TALK}      - user: Hello.\n        expect:\n"
IN_A_SCENARIO = [
    *("█", "scenario: shop\n█", "scenario: shop\nstart: desk\nagents:\n  █"),
    *(
        f"scenario: shop\n{SHOP}{more}"
        for more in (
            "    █",
            "    handoffs: █",
            "    handoffs:\n      - █",
            "    handoffs:\n      - to: desk\n        █",
            "    states_mode: █",
            "    states:\n      - id: one\n        transitions:\n          - to: two\n            █",
            "    prompt:\n      spoken:\n        - █",
            "session:\n  █",
            "session:\n  turn_detection: █",
            "session:\n  turn_detection:\n    type: semantic_vad\n    █",
            "provider: █",
            "provider:\n  █",
            "context:\n  customer: █",
            "guardrails:\n  promises:\n    █",
            "guardrails:\n  promises:\n    phrases: [sure]\n    █",
            "properties:\n  - █",
            "properties:\n  - never: refund\n    █",
            "dialogues:\n  - █",
        )
    ),
    *(
        f"{TOOL}{more}"
        for more in (
            "    █",
            "    approval: █",
            "    approval:\n      █",
            "    approval:\n      fields:\n        pin:\n          █",
            "    filler: █",
            "    filler:\n      █",
            "    parameters:\n      amount: █",
            "    returns: Paid.\n    █",
            "    raises: Too much.\n    █",
            "    query: SELECT 1\n    █",
            "    query:\n      █",
            "    query:\n      sql: SELECT 1\n      empty:\n        raises: None.\n        █",
            "    cases:\n      - █",
            "    cases:\n      - when: args.amount\n        returns: Paid.\n        █",
            "    cases: [{returns: Paid.}]\n    █",
            "    python: tools:pay\n    █",
            "    model:\n      █",
            "    http:\n      method: █",
        )
    ),
]
IN_DIALOGUES = [
    *("█", f"{TALK}      - █", f"{TALK}      - user: Hello.\n        █", f"{TALK}      - silence: 5s\n        █"),
    *(
        f"{MOVES}{more}"
        for more in (
            "          - █",
            "          - say: Hello.\n            █",
            "          - call: refund\n            █",
            "          - call: refund\n            approval: █",
            "          - call: refund\n            approval:\n              █",
            "          - call: refund\n            outcome: █",
            "          - call: refund\n            returns:\n              █",
            "          - call: refund\n            nested:\n              - call: find\n                █",
            "          - handoff: desk\n            █",
            "          - handoff: desk\n            refused: █",
            "          - state: one\n            █",
        )
    ),
    *(
        f"{EXPECTED}{more}"
        for more in (
            "          - █",
            "          - said: Hello.\n            █",
            "          - said:\n              █",
            "          - approval: █",
            "          - approval:\n              █",
            "          - called:\n              █",
            "          - order:\n              - █",
        )
    ),
]
PLACES: list[tuple[SchemaName, str]] = [
    *(("scenario", text) for text in IN_A_SCENARIO),
    *(("dialogue", text) for text in IN_DIALOGUES),
]


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    folder = installed(HERE / "js", "editor")
    program = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    command = ["node", "--require", str(folder / "no_network.cjs"), str(program), "--stdio"]
    with serve_language(command, FILES) as server:
        yield server


def same_as_before(name: str, text: str) -> None:
    path = HERE / "expected" / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [SCENARIO, DIALOGUES], ids=lambda path: path.name)
def test_a_file_that_is_right_has_nothing_underlined(server: LanguageServer, path: Path) -> None:
    assert server.mistakes(path) == []


def test_mistakes_are_told_in_our_words(server: LanguageServer) -> None:
    found = sorted(server.mistakes(BROKEN), key=lambda mistake: mistake.line)
    same_as_before("mistakes.txt", "".join(f"{at.line}: {at.words!r}: {at.message}\n" for at in found))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        *((SCENARIO, words) for words in ("turn_detection", "server_vad", "handoffs", "requires", "workshop\n      -")),
        *((SCENARIO, words) for words in ("timeout", "approval", "empty", "cases", "filler_words", "before")),
        *((DIALOGUES, words) for words in ("interrupt", "silence", "returns", "approval: r", "outcome", "said")),
    ],
    ids=lambda value: value.strip() if isinstance(value, str) else value.stem,
)
def test_hovering_says_what_the_reference_says(server: LanguageServer, path: Path, words: str) -> None:
    told, _, _ = server.hover(path, words).partition("\n\nSource: ")
    same_as_before(f"hover.{path.stem}.{words.split()[0].strip(':')}.md", f"{told.strip()}\n")


@pytest.mark.parametrize("kind", ["scenario", "dialogue"])
def test_completion_offers_what_the_snapshot_lists(server: LanguageServer, kind: SchemaName) -> None:
    listing = [
        "\n".join([f"{text}\n", *(f"{offer.label} | {offer.inserted!r}" for offer in offered(server, kind, text)), ""])
        for place, text in PLACES
        if place == kind
    ]
    same_as_before(f"completions.{kind}.txt", "\n----\n".join(listing))


@pytest.mark.parametrize(("kind", "text"), PLACES, ids=["/".join(text.split()[-5:]) for _, text in PLACES])
def test_what_is_offered_may_stand_there(server: LanguageServer, kind: SchemaName, text: str) -> None:
    for offer in offered(server, kind, text):
        assert "[object Object]" not in offer.label + offer.accepted
        wrong = [mistake for mistake in mistakes_of(offer.accepted, kind) if not is_unfinished(mistake)]
        assert wrong == [], offer.accepted


def test_what_is_offered_says_what_it_is_for(server: LanguageServer) -> None:
    (approval,) = [offer for offer in offered(server, "scenario", f"{TOOL}    █") if offer.label == "approval"]
    assert approval.documentation == "When a person must say yes before the tool runs."
    assert approval.accepted.endswith("    approval: always")


def offered(server: LanguageServer, kind: SchemaName, text: str) -> Iterable[Completion]:
    modeline = f"# yaml-language-server: $schema=../../../schemas/{kind}.schema.json\n"
    return server.completions(FILES / f"{kind}.new.yaml", modeline + text)


def is_unfinished(mistake: Diagnostic) -> bool:
    """Whether it is told because a key has been written and its value, or what goes with it, has not."""
    is_empty = mistake.message.endswith(("it has no value", "not null", "must not be empty"))
    return mistake.name == "missing-key" or is_empty


def mistakes_of(text: str, kind: SchemaName) -> Iterable[Diagnostic]:
    document, found = read_text(text, "new.yaml")
    assert document is not None, text
    return [*found, *check(document, kind)]
