"""One HTML file that is complete in itself, and the script in it that is put together from the page's modules."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.studio.bundling import bundled
from realtime_scenarios.studio.sharing import MOST_WHOLE, shared_html, suite_html
from realtime_scenarios.suite import REPORTS
from support.shared_entries import entry_with
from support.studio_page import PAGE, needs_node


def data_in(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="shared">(.*?)</script>', text)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def test_the_policy_names_what_is_in_the_file_and_nothing_else_may_come() -> None:
    text = shared_html("Airline", "all passed", [entry_with("one")])
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for content in (script, style):
        assert f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}" in text
    assert "default-src &#x27;none&#x27;" in text
    assert "unsafe" not in text.partition("</head>")[0].partition("<style>")[0]
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    assert not re.search(r"url\((?!\"data:)", style)


def test_what_would_end_a_script_ends_none() -> None:
    text = shared_html("</title><b>", "</script>", [entry_with("</script><!--<script>\u2028")])
    assert text.count("</script>") == 2
    assert "<b>" not in text.partition("</head>")[0]
    (entry,) = data_in(text)["entries"]  # type: ignore[misc]
    assert entry["id"] == "</script><!--<script>\u2028"


def test_equal_contents_give_equal_files() -> None:
    assert shared_html("a", "b", [entry_with("c")]) == shared_html("a", "b", [entry_with("c")])


def test_it_is_a_kind_of_report_like_the_others() -> None:
    assert REPORTS["html"] is suite_html
    assert data_in(suite_html([]))["entries"] == []
    assert MOST_WHOLE == 300


@needs_node
def test_modules_that_import_each_other_run_as_one_script(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "a.js").write_text(
        "// import { nothing } from './nowhere.js';\n"
        "import { b, later as after } from './inside/b.js';\nimport * as all from './inside/b.js';\n"
        "import './inside/c.js';\nexport const name = 'a';\nexport function hello() { return `hello ${b}`; }\n"
        "console.log(hello(), after(), all.b, typeof waiting);\n"
    )
    (tmp_path / "inside" / "b.js").write_text(
        "import { hello } from '../a.js';\nimport { c } from './c.js';\n"
        "const b = 'b' + c;\nexport function later() { return `late ${hello()}`; }\nexport { b };\n"
    )
    (tmp_path / "inside" / "c.js").write_text("const from = 1, waiting = 2;\nexport { from as c, waiting };\n")
    (tmp_path / "one.js").write_text(bundled(tmp_path, "a.js"))
    node = subprocess.run([shutil.which("node") or "node", tmp_path / "one.js"], capture_output=True, text=True)
    assert (node.stdout, node.stderr) == ("hello b1 late hello b1 b1 undefined\n", "")


def test_what_cannot_stand_in_one_file_is_refused_by_name(tmp_path: Path) -> None:
    for text in (
        "export default 1;\n",
        "await one;\n",
        "const x = import('./y.js');\n",
        "const x = import.meta.url;\n",
    ):
        (tmp_path / "a.js").write_text(text)
        with pytest.raises(ScenarioError, match=r"module 'a\.js' cannot stand in one file"):
            bundled(tmp_path, "a.js")
    (tmp_path / "a.js").write_text("import { x } from './gone.js';\n")
    with pytest.raises(ScenarioError, match=r"'gone\.js' cannot be read"):
        bundled(tmp_path, "a.js")


@needs_node
def test_two_texts_are_set_beside_each_other_line_by_line(tmp_path: Path) -> None:
    program = f"""
import {{ rowsOf, shortened }} from {json.dumps((PAGE / "editing" / "diff.js").as_uri())};
const shown = (a, b) => rowsOf(a, b).map((row) => row.kind[0] + row.text).join('|');
console.log(shown('a\\nb\\nc', 'a\\nx\\nc'));
console.log(shown('', 'a'), shown('a\\nb', 'a\\nb'), shown('a\\nb\\na', 'b\\na\\na'));
console.log(shortened(rowsOf('1\\n2\\n3\\n4\\n5\\n6', '1\\n2\\n3\\n4\\n5\\nx'), 1).map((row) => row.count ?? row.text).join('|'));
for (let n = 0; n < 300; n += 1) {{
  const text = () => Array.from({{ length: n % 12 }}, (_, i) => 'abc'[(n * 7 + i * i * (n % 5)) % 3]).join('\\n');
  const [a, b] = [text(), text().split('').reverse().join('')];
  const rows = rowsOf(a, b);
  const back = (kind) => rows.filter((row) => row.kind !== kind).map((row) => row.text).join('\\n');
  if (back('new') !== a || back('old') !== b) throw new Error(`${{a}} / ${{b}}`);
}}
"""
    (tmp_path / "try.mjs").write_text(program)
    node = subprocess.run([shutil.which("node") or "node", tmp_path / "try.mjs"], capture_output=True, text=True)
    assert node.stderr == ""
    assert node.stdout.splitlines() == ["sa|ob|nx|sc", "o|na sa|sb oa|sb|na|sa", "4|5|6|x"]
