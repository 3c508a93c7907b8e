"""Authors' Jinja: sandboxed, strict, and imported only where a text needs more than plain names."""

from realtime_scenarios.templates.arguments import Arguments
from realtime_scenarios.templates.constants import Constant, constants_given_to, constants_in
from realtime_scenarios.templates.problems import Names, Problem, free_names, problems
from realtime_scenarios.templates.rows import ColumnRead, columns_read
from realtime_scenarios.templates.slips import place_of_name
from realtime_scenarios.templates.template import Expression, Template, TemplateError, rendered_value

__all__ = [
    "Arguments",
    "ColumnRead",
    "Constant",
    "Expression",
    "Names",
    "Problem",
    "Template",
    "TemplateError",
    "columns_read",
    "constants_given_to",
    "constants_in",
    "free_names",
    "place_of_name",
    "problems",
    "rendered_value",
]
