"""Coverage as one HTML file that opens from disk: tables, what no dialogue meets, and graphs that show it.

It looks as the studio does, and holds no script.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence

from realtime_scenarios.core.printable import printable
from realtime_scenarios.coverage import KIND_NAMES, Coverage, Item, Key, Share
from realtime_scenarios.coverage.record import ScenarioCoverage
from realtime_scenarios.document import Document, Place
from realtime_scenarios.project.graph import as_svg, handoff_graph, state_graph
from realtime_scenarios.studio.alone import head_of, policy_of, style_of, svg_as_data

_STYLES = ("tokens.css", "frame.css", "parts.css", "sharing/coverage.css")

_MOST_LINES = 3


def coverage_html(coverage: Coverage, *, made: str = "scenario test") -> str:
    """The whole file. `made` is who wrote it."""
    style = style_of(_STYLES)
    scenarios = coverage.scenarios
    title = _text(f"Coverage of {scenarios[0].scenario.title}" if len(scenarios) == 1 else "Coverage")
    parts = [
        *head_of(policy_of(style), title, style),
        f'<header class="covered-head"><h1>{title}</h1>',
        f"<p>{_text(_share_in_words(coverage.share))}</p></header>\n",
        '<main class="covered-main">',
        *_table("By kind", "covered", [(KIND_NAMES[kind], share) for kind, share in coverage.shares().items()]),
        *(
            _table("By scenario", "scenario", [(each.shown, each.share()) for each in scenarios])
            if scenarios[1:]
            else ()
        ),
        *(line for each in scenarios for line in _section(each)),
        "</main>\n",
        f'<footer class="covered-foot">Written by {_text(made)}.</footer>\n</body>\n</html>\n',
    ]
    return "".join(parts)


def _share_in_words(share: Share) -> str:
    return f"Dialogues meet {share.covered} of {share.total} ({share.percent:g} %)."


def _table(title: str, what: str, rows: Sequence[tuple[str, Share]]) -> Iterator[str]:
    whole = Share(sum(share.covered for _, share in rows), sum(share.total for _, share in rows))
    yield f'<section><h2>{_text(title)}</h2>\n<table class="covered-table"><thead><tr>'
    yield f'<th scope="col">{_text(what)}</th><th scope="col" class="number">met</th>'
    yield '<th scope="col" class="number">share</th>'
    yield '<th scope="col"><span class="unseen">as a bar</span></th></tr></thead>'
    yield f"<tbody>{''.join(_row(name, share) for name, share in rows)}</tbody>\n"
    yield f"<tfoot>{_row('all', whole)}</tfoot></table></section>\n"


def _row(name: str, share: Share) -> str:
    tone = "covered-whole" if share.covered == share.total else "covered-part"
    label = _text(f"{name}: {share.percent:g} %")
    return (
        f'<tr><th scope="row">{_text(name)}</th><td class="number">{share.covered} of {share.total}</td>'
        f'<td class="number {tone}">{share.percent:.1f} %</td>'
        f'<td><meter min="0" max="{max(share.total, 1)}" value="{share.covered}" aria-label="{label}"></meter></td>'
        "</tr>\n"
    )


def _section(coverage: ScenarioCoverage) -> Iterator[str]:
    yield f'<section data-scenario="{_text(coverage.scenario.id)}"><h2>{_text(coverage.shown)}</h2>'
    yield from _graphs(coverage)
    uncovered = coverage.uncovered
    if uncovered:
        yield f"<h3>Met by no dialogue ({len(uncovered)})</h3>\n"
        yield f'<ul class="covered-left">{"".join(map(_uncovered, uncovered))}</ul>\n'
    else:
        yield "<p>All of it is met.</p>\n"
    met = [item for item in coverage.items if coverage.is_covered(item)]
    if met:
        yield f"<details><summary>What is met, and by whom ({len(met)})</summary><ul>"
        yield "".join(_covered(item, coverage.dialogues(item)) for item in met)
        yield "</ul></details>\n"
    yield "</section>\n"


def _uncovered(item: Item) -> str:
    return (
        f'<li><p>{_text(item.told)}</p><p class="covered-place">{_text(str(item.place.span))}</p>'
        f'<pre class="covered-line"><code>{_text(_lines(item.place))}</code></pre></li>\n'
    )


def _covered(item: Item, dialogues: Sequence[str]) -> str:
    names = list(dict.fromkeys(dialogues))
    return f'<li>{_text(item.told)} <span class="covered-by">{_text(", ".join(names))}</span></li>\n'


def _lines(place: Place) -> str:
    """What stands there, from its key on: of a tool its name, and the first line of it."""
    document, span = place.document, place.span
    if not isinstance(document, Document):
        return ""
    key = document.span(place.pointer, key=bool(place.pointer) and isinstance(place.pointer[-1], str))
    first = key.line if key.file == span.file and span.line - key.line in range(_MOST_LINES) else span.line
    return textwrap.dedent("\n".join(document.line(number, span.file) for number in range(first, span.line + 1)))


def _graphs(coverage: ScenarioCoverage) -> Iterator[str]:
    """Who hands off to whom, and the states of each agent that is held to them: dashed is what no dialogue has met."""
    met = {item.key: coverage.is_covered(item) for item in coverage.items}

    def seen(kind: str, place: Place) -> bool | None:
        return met.get(Key(kind, place.json_pointer))

    graphs = [("Agents and handoffs", handoff_graph(coverage.scenario, seen))]
    graphs += [
        (f"States of {agent.name}", state_graph(coverage.scenario, agent.id, seen))
        for agent in coverage.scenario.agents.values()
        if agent.states is not None and agent.states.is_enforced
    ]
    for title, graph in graphs:
        alt = _text(f"{title}; dashed is what no dialogue meets")
        yield f"<h3>{_text(title)}</h3>\n"
        yield f'<div class="covered-graph" tabindex="0" role="group" aria-label="{_text(title)}">'
        yield f'<img src="{svg_as_data(as_svg(graph))}" alt="{alt}"></div>\n'


def _text(text: str) -> str:
    return html.escape("\n".join(map(printable, text.split("\n"))))
