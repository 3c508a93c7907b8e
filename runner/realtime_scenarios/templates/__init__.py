"""Authors' Jinja: sandboxed, strict, and imported only where a text needs more than plain names."""

from realtime_scenarios.templates.arguments import Arguments
from realtime_scenarios.templates.problems import Names, Problem, free_names, problems
from realtime_scenarios.templates.template import Expression, Template, TemplateError, rendered_value

__all__ = [
    "Arguments",
    "Expression",
    "Names",
    "Problem",
    "Template",
    "TemplateError",
    "free_names",
    "problems",
    "rendered_value",
]
