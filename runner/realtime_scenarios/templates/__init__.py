"""Authors' Jinja: sandboxed, strict, and imported only where a text needs more than plain names."""

from realtime_scenarios.templates.arguments import Arguments
from realtime_scenarios.templates.constants import Constant, constants_given_to, constants_in
from realtime_scenarios.templates.problems import Names, Problem, problems
from realtime_scenarios.templates.template import Expression, Template, TemplateError, rendered_value

__all__ = [
    "Arguments",
    "Constant",
    "Expression",
    "Names",
    "Problem",
    "Template",
    "TemplateError",
    "constants_given_to",
    "constants_in",
    "problems",
    "rendered_value",
]
