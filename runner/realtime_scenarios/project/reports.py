"""Which reports of a suite can be written to files: their names are known here, each is loaded when it is wanted."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.core import Registry

REPORTS: Registry[Any] = Registry("report")
"""Name to `suite.Report`; that type cannot be named here, below the SDK."""

REPORTS.add_at("junit", "realtime_scenarios.suite.junit:junit_xml")
REPORTS.add_at("html", "realtime_scenarios.studio.sharing:suite_html")
