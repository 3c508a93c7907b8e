"""Authors' Jinja: sandboxed, strict, and imported only where a text needs more than plain names."""

from runner.templates.arguments import Arguments
from runner.templates.problems import Names, Problem, problems
from runner.templates.template import Expression, Template, TemplateError, rendered_value

__all__ = ["Arguments", "Expression", "Names", "Problem", "Template", "TemplateError", "problems", "rendered_value"]
