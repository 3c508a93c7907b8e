"""Whatever a session holds, the offline responder answers, calls only what fits, and comes to an end."""

from __future__ import annotations

import asyncio
import json

import jsonschema
import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_scenarios.project.prompts import described
from realtime_scenarios.realtime.responder import CallFunction, ResponseRequest, SayText
from realtime_scenarios.standin import OfflineResponder

REQUESTS = st.sampled_from(["What flight am I on?", "is there wifi?", "I want to return my order SNP-1-2"])
SAID = st.one_of(
    REQUESTS,
    st.sampled_from(
        [
            "yes", "no thanks", "hello", "What flight am I on?", "206 555 0143", "ABC123", "seat 12A", "March 12 1985",
            "jo at example dot com", "boots please", "14 Pine Road, Queenstown, Otago, 9300", "three", "never mind",
            "I want to return my order SNP-1-2", "is there wifi?", "guardrail triggered: x", "", "the first one",
            "why?",
            "tomorrow at 10 am",
            "2147483648 99999999999999999999", "4-4-2-1 my card",
        ]
    ),
    st.text(max_size=60),
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "phone_number", "email", "date", "order_id", "new_seat", "zip_code", "first_name", "request", "note", "city",
        "people", "express", "category", "item_ids", "new_address", "time", "last_4_digits", "x", "", "ünïcode",
    ]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LEAF = st.sampled_from(
    [
        {"type": "string"}, {"type": "string", "pattern": r"^\(\d{3}\) \d{3}-\d{4}$"},
        {"type": "string", "format": "date"},
        {"type": "string", "enum": ["ACCEPTED", "DECLINED"]}, {"enum": [1, "two", None, True]}, {"const": 7},
        {"type": "string", "maxLength": 5}, {"type": "string", "minLength": 90}, {"type": ["string", "null"]}, {},
        {"type": "integer", "minimum": 3}, {"type": "number", "exclusiveMaximum": 0}, {"type": "boolean"}, True, False,
        {"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}, "minItems": 2},
        {"$ref": "#/$defs/thing"}, {"$ref": "https://example.com/x"}, {"type": "banana"},
        {"type": "string", "pattern": "("},
        {"anyOf": [{"type": "null"}, {"type": "integer"}]}, {"allOf": [{"type": "string"}]}, {"not": {}},
        {"default": "d"},
        {"type": "object"}, {"type": "array"}, {"type": "string", "description": "The number of the thing."},
        "string", None,
    ]
)  # fmt: skip


def objects(inner):
    return st.builds(
        lambda properties, required: {"type": "object", "properties": properties, "required": required},
        st.dictionaries(NAMES, inner, max_size=4),
        st.lists(NAMES, max_size=3),
    )


SCHEMAS = objects(st.one_of(LEAF, objects(LEAF))).map(
    lambda schema: {**schema, "$defs": {"thing": {"type": "string", "minLength": 1}}}
)
FRIENDLY = st.builds(
    lambda names: {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names},
    st.lists(
        st.sampled_from(["request", "note", "order_id", "new_seat", "phone_number", "city"]), max_size=2, unique=True
    ),
)
TOOLS = st.lists(
    st.one_of(
        st.builds(
            lambda name, description, examples, parameters: {
                "type": "function",
                "name": name,
                "description": described(description, examples),
                "parameters": parameters,
            },
            st.sampled_from(
                ["check", "look_up", "transfer_to_a", "transfer_to_main_agent", "update_seat", "transferAgents"]
            ),
            st.sampled_from(["", "Look up an answer to a question.", "Hand the caller back.", "Update the order."])
            | st.text(),
            st.lists(REQUESTS | SAID, min_size=1, max_size=3),
            FRIENDLY | SCHEMAS,
        ),
        st.dictionaries(st.sampled_from(["name", "description", "parameters"]), JSON, max_size=3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda tool: str(tool.get("name")),
)
OUTPUTS = st.one_of(
    JSON.map(json.dumps),
    st.sampled_from(
        [
            "",
            "true",
            '{"assistant": "Main Agent"}',
            "Invalid arguments: 'order_id' is missing",
            '{"error": "no"}',
            "{",
            "[[[1]]]",
            "It was rejected. Do not try again.",
            "One: 1.\nTwo: 2.\nThree: 3.\nOtherwise: call us.",
            '{"orders": [{"order_id": 7}]}',
        ]
    ),
    st.text(),
)
CHOICES = st.one_of(
    st.just("auto"),
    st.sampled_from(["auto", "required", {"type": "function", "name": "check"}]),
    st.sampled_from(["none", None, {"type": "function"}]) | JSON,
)
ITEMS = st.lists(
    st.one_of(
        st.builds(
            lambda role, kind, text: {"type": "message", "role": role, "content": [{"type": kind, "text": text}]},
            st.sampled_from(["user", "assistant", "system"]),
            st.sampled_from(["input_text", "output_text"]),
            SAID,
        ),
        st.builds(
            lambda name, call_id, arguments: {
                "type": "function_call",
                "name": name,
                "call_id": call_id,
                "arguments": arguments,
            },
            st.sampled_from(["check", "transfer_to_a"]),
            st.sampled_from("ab"),
            JSON.map(json.dumps) | st.text(),
        ),
        st.builds(
            lambda call_id, output: {"type": "function_call_output", "call_id": call_id, "output": output},
            st.sampled_from("abc"),
            OUTPUTS,
        ),
        st.dictionaries(st.sampled_from(["type", "role", "content", "output", "arguments"]), JSON, max_size=4),
    ),
    max_size=8,
)
LARGE = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def answered(request: ResponseRequest):
    """The outputs, checked: at most one, and a call names a tool and fits its schema, unless the call was forced."""
    outputs = asyncio.run(OfflineResponder().respond(request))
    assert len(outputs) <= 1
    forced = isinstance(request.tool_choice, dict) or request.tool_choice == "required"
    for output in outputs:
        assert isinstance(output, (SayText, CallFunction))
        if isinstance(output, CallFunction):
            arguments = json.loads(output.arguments)
            assert isinstance(arguments, dict)
            schemas = [tool.get("parameters") for tool in request.tools if tool.get("name") == output.name]
            assert forced or fits(schemas[0], arguments)
        else:
            assert output.text.strip()
    return outputs


def fits(schema, arguments) -> bool:
    """Whether the arguments satisfy the schema; a schema that is itself broken cannot be held against them."""
    try:
        jsonschema_rs.validator_for(schema)  # refuses references that lead nowhere, which the other one finds too late
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        return validator.is_valid(arguments)
    except Exception:
        return True


@LARGE
@given(ITEMS, REQUESTS | SAID | st.none(), TOOLS, CHOICES, st.text(max_size=80))
def test_any_request_is_answered(items, said, tools, choice, instructions):
    if said is not None:
        items = [*items, {"type": "message", "role": "user", "content": [{"type": "input_text", "text": said}]}]
    request = ResponseRequest("resp_1", instructions, tools, choice, items)
    assert answered(request) == answered(request)


@LARGE
@given(TOOLS, st.lists(REQUESTS | SAID, min_size=1, max_size=4), st.lists(OUTPUTS, min_size=1, max_size=4), CHOICES)
def test_every_conversation_comes_to_an_end(tools, texts, results, choice):
    items: list[dict[str, object]] = []
    for text in texts:
        items.append({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
        made: list[tuple[str, str]] = []
        for step in range(10):
            outputs = answered(ResponseRequest("resp_1", "", tools, choice, items))
            call = next((output for output in outputs if isinstance(output, CallFunction)), None)
            if call is None or choice == "required" or isinstance(choice, dict):  # who forces calls ends them
                said = [output.text for output in outputs if isinstance(output, SayText)]
                items += [
                    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": t}]}
                    for t in said
                ]
                break
            assert (call.name, call.arguments) not in made, "the same call again for the same message"
            made.append((call.name, call.arguments))
            call_id = f"{len(items)}"
            result = results[step % len(results)]
            items.append({"type": "function_call", "call_id": call_id, "name": call.name, "arguments": call.arguments})
            items.append({"type": "function_call_output", "call_id": call_id, "output": result})
        else:
            raise AssertionError(f"no end: {made}")
        assert len(made) <= 3
