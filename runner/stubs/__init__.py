"""What a tool answers, one function a kind."""

from runner.stubs.answering import answer
from runner.stubs.answers import updates
from runner.stubs.arguments import ArgumentCheck, arguments_of, repair_message
from runner.stubs.call import StubResult, ToolCall
from runner.stubs.data import Database, QueryFailed, SqlProblem, parameters_of, sql_problems, table_problem
from runner.stubs.kinds import STUBS
from runner.stubs.python import NotLoadable, loaded_function, python_problems
from runner.stubs.session import StubSession

__all__ = [
    "STUBS",
    "ArgumentCheck",
    "Database",
    "NotLoadable",
    "QueryFailed",
    "SqlProblem",
    "StubResult",
    "StubSession",
    "ToolCall",
    "answer",
    "arguments_of",
    "loaded_function",
    "parameters_of",
    "python_problems",
    "repair_message",
    "sql_problems",
    "table_problem",
    "updates",
]
