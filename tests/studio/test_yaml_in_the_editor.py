"""What the studio's editor takes the words of a YAML file for, what it folds, and where it begins a new line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.node import needs_node, told_by_node

pytestmark = needs_node

ROOT = Path(__file__).parents[2]

WORDS = """
const { StringStream } = await import(page + 'vendor/codemirror.js');
const { startState, token } = await import(page + 'editing/yaml.js');
const words = (text) => {
  const state = startState();
  return text.split('\\n').flatMap((line, row) => {
    const found = [];
    const stream = new StringStream(line, 2, 2);
    for (; !stream.eol(); stream.start = stream.pos) {
      const kind = token(stream, state);
      if (stream.pos === stream.start) throw new Error(`nothing is read at ${row}: ${line}`);
      const [from, to] = [stream.start, stream.pos].map((end) => [...line.slice(0, end)].length);
      if (kind) found.push([row, from, to, kind, line.slice(stream.start, stream.pos)]);
    }
    return found;
  });
};
return given.map(words);
"""

EDITED = """
const code = await import(page + 'vendor/codemirror.js');
const { yaml, folded } = await import(page + 'editing/yaml.js');
const [text, at] = given;
let state = code.EditorState.create({
  doc: text, selection: { anchor: at }, extensions: [code.indentUnit.of('  '), yaml(code)],
});
"""

Place = tuple[int, int, int]


def keys_and_texts(text: str) -> tuple[set[Place], set[int]]:
    """Where PyYAML finds keys on one line, as line and columns, and the lines within block scalars."""
    keys, lines, is_key = set(), set(), False
    for found in yaml.scan(text):
        if isinstance(found, yaml.ScalarToken):
            begin, end = found.start_mark, found.end_mark
            if is_key:
                optional = text[end.index : end.index + 1] == "?"  # which PyYAML takes for a sign of its own in a flow
                keys.add((begin.line, begin.column, end.column + optional))
            if found.style in ("|", ">"):
                lines |= {begin.line + 1 + n for n, _ in enumerate(text[begin.index : end.index].splitlines()[1:])}
        is_key = isinstance(found, yaml.KeyToken) or (is_key and isinstance(found, (yaml.TagToken, yaml.AnchorToken)))
    return keys, lines


def test_in_every_file_that_is_here_it_finds_the_keys_and_texts_that_a_parser_finds() -> None:
    texts = []
    for path in [*ROOT.glob("scenarios/**/*.yaml"), *ROOT.glob("tests/**/*.yaml")]:
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            list(yaml.parse(text))
        except yaml.YAMLError:
            continue
        if not set(text) & set("\t\r\x85\u2028\u2029\ufeff"):  # where lines or columns are counted otherwise
            texts.append(text)
    assert len(texts) > 300
    for text, words in zip(texts, told_by_node(WORDS, texts), strict=True):
        keys, lines = keys_and_texts(text)
        comments = {row for row in lines if text.split("\n")[row].lstrip().startswith("#")}
        assert {(row, start, end) for row, start, end, kind, _ in words if kind == "propertyName"} == keys, text
        assert {kind for row, _, _, kind, _ in words if row in lines - comments} <= {"string"}, text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1 # one", "propertyName a, punctuation :, number 1, comment # one"),
        ("- no: yes", "punctuation -, propertyName no, punctuation :, string yes"),
        ("- - -1.5e3", "punctuation -, punctuation -, number -1.5e3"),
        ("url: http://a.b/c#d", "propertyName url, punctuation :, string http://a.b/c#d"),
        ("say: I don't, 'no' [x] {y}", "propertyName say, punctuation :, string I don't, 'no' [x] {y}"),
        ('"a b" : {c: true, "d":null, e}', 'propertyName "a b", punctuation :, brace {, propertyName c, punctuation :, '
         'bool true, separator ,, propertyName "d", punctuation :, null null, separator ,, string e, brace }'),
        ("text: |\n  # Role\n  key: 'it\nnext: x", "propertyName text, punctuation :, meta |, string   # Role, "
         "string   key: 'it, propertyName next, punctuation :, string x"),
        ("- |-2\n   one\n\n  two\n- three", "punctuation -, meta |-2, string    one, string   two, punctuation -, string three"),
        ("- a: >+ # how\n    b\n  c: d", "punctuation -, propertyName a, punctuation :, meta >+, comment # how, string     b, "
         "propertyName c, punctuation :, string d"),
        ('a: "one\n  two \\" # 2\n  three" # 3', 'propertyName a, punctuation :, string "one, string   two \\" # 2, '
         'string   three", comment # 3'),
        ("a: 'it''s # one'", "propertyName a, punctuation :, string 'it''s # one'"),
        ("a: &x !t 1\nb: *x", "propertyName a, punctuation :, labelName &x, typeName !t, number 1, "
         "propertyName b, punctuation :, labelName *x"),
        ("---\na: [b, # c\n  d: e]\n...", "meta ---, propertyName a, punctuation :, squareBracket [, string b, separator ,, "
         "comment # c, propertyName d, punctuation :, string e, squareBracket ], meta ..."),
        ("a: ]} , x", "propertyName a, punctuation :, squareBracket ], brace }, string , x"),
        ("a b : c", "propertyName a b, punctuation :, string c"),
        ("- b: |\n    one\n  \n    c: d", "punctuation -, propertyName b, punctuation :, meta |, string     one, string   , "
         "string     c: d"),
        ("a:\n  >-\n  b: c\nd: e", "propertyName a, punctuation :, meta >-, string   b: c, propertyName d, punctuation :, "
         "string e"),
        ("? a\n: |\n  b: c\n? d", "punctuation ?, string a, punctuation :, meta |, string   b: c, punctuation ?, string d"),
        ("&x !t a: |\n  b: c\nd: e", "labelName &x, typeName !t, propertyName a, punctuation :, meta |, string   b: c, "
         "propertyName d, punctuation :, string e"),
        ("--- |\na: b\n---\nc: d", "meta ---, meta |, string a: b, meta ---, propertyName c, punctuation :, string d"),
        ('a: "b\n  c \\"\n  d: e"\nf: g', 'propertyName a, punctuation :, string "b, string   c \\", string   d: e", '
         'propertyName f, punctuation :, string g'),
        ("a: 'b\n  c''\n  d: e'\nf: g", "propertyName a, punctuation :, string 'b, string   c'', string   d: e', propertyName f, "
         "punctuation :, string g"),
    ],
)  # fmt: skip
def test_a_word_is_what_it_is_in_yaml(text: str, words: str) -> None:
    (found,) = told_by_node(WORDS, [text])
    assert ", ".join(f"{kind} {word}" for *_, kind, word in found) == words


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("agents:", "  "),
        ("  main: {", "    "),
        ("tools:\n  - name: a", "    "),
        ("tools:\n  - a", "  "),
        ("say:\n  - - a: b", "      "),
        ("text: |", "  "),
        ("- text: >-", "    "),
        ("text: |\n  Say this:", "  "),
        ("a: b", ""),
        ('a: "one:', ""),
        ("  a: b", "  "),
    ],
)
def test_a_new_line_begins_where_one_goes_on(before: str, line: str) -> None:
    after = told_by_node(
        EDITED
        + """
        const enter = code.defaultKeymap.find((binding) => binding.key === 'Enter').run;
        enter({ state, dispatch: (change) => { state = change.state; } });
        return state.doc.toString();
        """,
        [before, len(before)],
    )
    assert after == f"{before}\n{line}"


def folds(text: str, *lines: int) -> Any:
    """What is left out where these lines are folded."""
    script = "return given[2].map((line) => { const at = folded(state.doc, line); return at && text.slice(at.from, at.to); });"
    return told_by_node(EDITED + script, [text, 0, lines])


def test_what_belongs_to_a_line_is_folded_with_it_and_what_follows_is_not() -> None:
    text = "agents:\n  main:\n    say: hi\n\n    tools:\n    - a\n    - b\n    voice: x\n# end\nnext: 1\n"
    assert folds(text, 2, 5, 3, 4, 9) == [
        "\n    say: hi\n\n    tools:\n    - a\n    - b\n    voice: x",
        "\n    - a\n    - b",
        None,
        None,
        None,
    ]
    assert folds(text, 1) == ["\n  main:" + folds(text, 2)[0]]
    assert folds("- a: 1\n  b: 2\n- c", 1, 3) == ["\n  b: 2", None]
    assert folds("a: # b\u2028c\n- d", 1) == ["\n- d"]


def test_a_key_costs_what_is_in_view_however_long_the_file_is() -> None:
    typed = (
        EDITED
        + """
        let read = 0;
        const { startState, token } = await import(page + 'editing/yaml.js');
        const counting = code.StreamLanguage.define({ startState, token: (...given) => (read += 1, token(...given)) });
        state = code.EditorState.create({ doc: text, extensions: [counting] });
        read = 0;
        state.update({ changes: { from: at, insert: 'x' } }).state.doc;
        return read;
    """
    )
    in_view = 3_000  # characters, where nothing else is known
    assert 0 < told_by_node(typed, ["# remark\n" * 50_000, 1]) <= in_view / len("# remark\n") + 1
