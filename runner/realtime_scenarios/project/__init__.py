"""A scenario folder as a whole: which file is meant, and what it and the dialogues beside it hold."""

from realtime_scenarios.project.loader import (
    DialogueFile,
    Project,
    load,
    load_dialogues,
    project_at,
    project_of,
    project_sent,
    projects_at,
    shown,
)
from realtime_scenarios.project.lookup import (
    example,
    find_scenario,
    is_dialogue_file,
    is_ours,
    is_scenario,
    may_be_ours,
    scenario_files,
    scenarios_beside,
)
from realtime_scenarios.project.plugins import Plugin, load_plugins

__all__ = [
    "DialogueFile",
    "Plugin",
    "Project",
    "example",
    "find_scenario",
    "is_dialogue_file",
    "is_ours",
    "is_scenario",
    "load",
    "load_dialogues",
    "load_plugins",
    "may_be_ours",
    "project_at",
    "project_of",
    "project_sent",
    "projects_at",
    "scenario_files",
    "scenarios_beside",
    "shown",
]
