"""A brief, which says who a voice agent is and what it goes through, to its prompt, its YAML, or a whole scenario."""

from runner.project.brief.agent import agents_yaml, context_of
from runner.project.brief.answer import ModelAnswer, generated_by_model
from runner.project.brief.files import scenario_files_of
from runner.project.brief.metaprompt import metaprompt
from runner.project.brief.model import Brief, BriefTool, Step
from runner.project.brief.personality import open_qualities, personality_of
from runner.project.brief.qualities import FILLER_WORDS, QUALITIES
from runner.project.brief.reading import plain, read_brief, read_brief_text, step_of
from runner.project.brief.states import states_of
from runner.project.brief.text import prompt_text
from runner.project.brief.words import as_yaml

__all__ = [
    "FILLER_WORDS",
    "QUALITIES",
    "Brief",
    "BriefTool",
    "ModelAnswer",
    "Step",
    "agents_yaml",
    "as_yaml",
    "context_of",
    "generated_by_model",
    "metaprompt",
    "open_qualities",
    "personality_of",
    "plain",
    "prompt_text",
    "read_brief",
    "read_brief_text",
    "scenario_files_of",
    "states_of",
    "step_of",
]
