"""What a tool answers, one function a kind."""

from runner.stubs.answering import answer
from runner.stubs.answers import updates
from runner.stubs.arguments import ArgumentCheck, arguments_of, repair_message
from runner.stubs.call import StubFailed, StubResult, ToolCall
from runner.stubs.catalogue import Unresolved, resolved
from runner.stubs.data import Database, QueryFailed, SqlProblem, parameters_of, sql_problems, table_problem
from runner.stubs.kinds import STUBS
from runner.stubs.python import NotLoadable, loaded_function, python_problems
from runner.stubs.session import StubSession, TextAnswers

__all__ = [
    "STUBS",
    "ArgumentCheck",
    "Database",
    "NotLoadable",
    "QueryFailed",
    "SqlProblem",
    "StubFailed",
    "StubResult",
    "StubSession",
    "TextAnswers",
    "ToolCall",
    "Unresolved",
    "answer",
    "arguments_of",
    "loaded_function",
    "parameters_of",
    "python_problems",
    "repair_message",
    "resolved",
    "sql_problems",
    "table_problem",
    "updates",
]
