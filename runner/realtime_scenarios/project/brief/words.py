"""Texts and names of a brief to the sentences, names and YAML that are made of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any


def sentence(text: str | None) -> str:
    """The text with a capital and a full stop."""
    bare = " ".join((text or "").split())
    closed = bare.endswith((".", "!", "?", "…", '"'))
    return f"{bare[:1].upper()}{bare[1:]}{'' if closed else '.'}" if bare else ""


def lowered(text: str) -> str:
    """The text as it stands inside a sentence; names and abbreviations keep their capital."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first[1:].islower() or len(first) == 1 else text


def label_of(name: str) -> str:
    """The name of a variable or an agent as people say it."""
    return name.replace("_", " ").strip()


def slug(text: str) -> str:
    """The text as a name in a file: plain small letters, digits and underscores; empty where it has none of them."""
    plain_letters = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    name = re.sub(r"[^a-z0-9]+", "_", plain_letters.casefold()).strip("_")
    return f"step_{name}" if name[:1].isdigit() else name


def literal(text: str) -> str:
    """The text for a template that is to say exactly this."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found.group()}' }}}}", text)


def title_of(heir: str) -> str:
    """The agent who takes over, as callers are told: a person by trade, or a team."""
    words = label_of(heir)
    return f"the {words}" if re.search(r"(ist|er|or|ent|ant|an|se)$", words) else f"the {words} team"


def as_yaml(data: Mapping[str, Any]) -> str:
    """Data as YAML that people like to read: block texts where they are long, short lists on one line."""
    import yaml

    class Emitter(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(emitter: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value else ">" if len(value) > 90 else None
        return emitter.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    def sequence(emitter: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
        short = all(isinstance(item, str) and re.fullmatch(r"[\w-]+", item) for item in value) and len(str(value)) < 80
        return emitter.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)

    Emitter.add_representer(str, text)
    Emitter.add_representer(list, sequence)
    dumped: str = yaml.dump(dict(data), Dumper=Emitter, sort_keys=False, allow_unicode=True, width=110)
    return dumped
