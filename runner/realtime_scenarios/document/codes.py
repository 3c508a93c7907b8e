"""The catalogue of what can be wrong with a file before anybody asks what it means: a code, a name and a line each."""

from __future__ import annotations

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, Related, Span


class Code(Struct, frozen=True):
    """A kind of mistake. `code` and `name` are stable; `meaning` says in one line what is wrong."""

    code: str
    name: str
    meaning: str


CODES = {
    code.name: code
    for code in (
        Code("SC001", "no-such-file", "The file does not exist."),
        Code("SC002", "not-a-file", "The path leads to a folder or a device."),
        Code("SC003", "unreadable-file", "The file exists, but the system does not let it be read."),
        Code("SC004", "file-too-large", "The file is larger than a person would write."),
        Code("SC005", "not-utf8", "The file is not UTF-8 text."),
        Code("SC006", "empty-file", "The file holds nothing, or only comments."),
        Code("SC007", "outside-folder", "The path leaves the folder that the scenario's files live in."),
        Code("SC101", "yaml-syntax", "The text is not YAML."),
        Code("SC102", "tab-indentation", "A line is indented with a tab."),
        Code("SC103", "control-character", "The text holds a character that cannot be seen and does not belong there."),
        Code("SC104", "several-documents", "A second YAML document begins in the same file."),
        Code("SC105", "duplicate-key", "The same key stands twice in one mapping."),
        Code("SC106", "key-not-text", "A key is a number, true, false, null, a list or a mapping."),
        Code("SC107", "unknown-tag", "A value carries a YAML tag."),
        Code("SC108", "not-a-number", "A value is NaN, which equals nothing, not even itself."),
        Code("SC109", "number-too-long", "A number has more digits than can be read."),
        Code(
            "SC110",
            "unknown-anchor",
            "An alias refers to an anchor that does not stand before it, or stands there twice.",
        ),
        Code("SC111", "recursive-anchor", "A value contains itself through an alias."),
        Code("SC112", "too-many-aliases", "Aliases blow a small file up into a huge one."),
        Code("SC113", "too-deep", "Values are nested deeper than anybody could follow."),
        Code("SC114", "bad-merge", "`<<` merges something that is not a mapping."),
        Code("SC120", "bad-include", "`$include` does not name YAML files that can stand in its place."),
        Code("SC121", "include-cycle", "Files include each other without end, or too deeply."),
        Code("SC141", "unknown-key", "A key that does not belong there, most often a slip of the keyboard."),
        Code("SC142", "missing-key", "A key that must be there is not."),
        Code("SC143", "wrong-type", "A value is of another type than the one that belongs there."),
        Code("SC144", "unknown-value", "A value is none of those that may stand there."),
        Code("SC145", "bad-form", "A text does not have the form it must have."),
        Code("SC146", "out-of-range", "A number, a text or a list is too small or too large."),
        Code("SC147", "conflicting-keys", "Two keys that exclude each other stand together."),
        Code("SC148", "bad-name", "A name is not made of the characters that names are made of."),
        Code("SC161", "bad-pattern", "A regular expression cannot be read, or not be searched for in linear time."),
        Code("SC162", "bad-json-schema", "A JSON Schema is not one."),
        Code("SC163", "bad-default", "A default does not satisfy the schema beside it."),
        Code("SC164", "bad-moment", "A text is not a moment in time with its zone."),
        Code("SC165", "bad-rows", "A file of rows does not hold rows."),
        Code("SC166", "bad-picture", "A file that should be a picture is none."),
        Code(
            "SC167",
            "bad-recording",
            "A file that should hold a recorded line holds none that can be played.",
        ),
    )
}


def finding(
    name: str, message: str, span: Span, hint: str | None = None, *, related: tuple[Related, ...] = ()
) -> Diagnostic:
    """A mistake of the kind `name`, which must be in the catalogue."""
    return Diagnostic(CODES[name].code, name, message, span, hint=hint, related=related)
