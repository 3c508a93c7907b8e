"""What stands below `prompts/brief/` as data and as texts: every sentence that is made of a brief.

A data file has a type that says what is asked of it; what is missing in the file, or asked for by nobody, is an error.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, TypeVar

from realtime_scenarios.core import resource_folder
from realtime_scenarios.project.brief.words import lowered, sentence

if TYPE_CHECKING:
    from jinja2 import Environment

T = TypeVar("T")


def data_in(name: str, form: type[T]) -> T:
    """The data in `prompts/brief/NAME.yaml`.

    Raises:
        msgspec.ValidationError: it does not have this form.
    """
    import msgspec
    import yaml

    text = (resource_folder("prompts") / "brief" / f"{name}.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), form)


def rendered(name: str, **values: Any) -> str:
    """The text of the template `prompts/NAME.md.j2` with these values."""
    return _environment().get_template(f"{name}.md.j2").render(values)


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resource_folder("prompts")),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(sentence=sentence, lowered=lowered)
    environment.tests["beginning_with"] = _begins_with
    return environment


def _begins_with(text: str, *words: str) -> bool:
    """Whether the first word of the text is one of these, capital or not."""
    return re.match(rf"(?:{'|'.join(words)})\b", text, re.IGNORECASE) is not None
