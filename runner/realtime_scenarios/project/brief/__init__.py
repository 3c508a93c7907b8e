"""A brief, which says who a voice agent is and what it goes through, to its prompt, its YAML, or a whole scenario."""

from realtime_scenarios.project.brief.agent import agents_yaml, context_of
from realtime_scenarios.project.brief.answer import ModelAnswer, generated_by_model
from realtime_scenarios.project.brief.files import scenario_files_of
from realtime_scenarios.project.brief.metaprompt import metaprompt
from realtime_scenarios.project.brief.model import Brief, BriefTool, Step
from realtime_scenarios.project.brief.personality import open_qualities, personality_of
from realtime_scenarios.project.brief.qualities import filler_words, qualities
from realtime_scenarios.project.brief.reading import BriefFile, brief_data, read_brief, read_brief_text, step_of
from realtime_scenarios.project.brief.states import states_of
from realtime_scenarios.project.brief.text import prompt_text
from realtime_scenarios.project.brief.words import as_yaml

__all__ = [
    "Brief",
    "BriefFile",
    "BriefTool",
    "ModelAnswer",
    "Step",
    "agents_yaml",
    "as_yaml",
    "brief_data",
    "context_of",
    "filler_words",
    "generated_by_model",
    "metaprompt",
    "open_qualities",
    "personality_of",
    "prompt_text",
    "qualities",
    "read_brief",
    "read_brief_text",
    "scenario_files_of",
    "states_of",
    "step_of",
]
