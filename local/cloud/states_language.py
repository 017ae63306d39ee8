"""The fields of a state machine that ministack 1.5.33 would ignore, so that a test of it would prove nothing. Pure.

Read from ministack's services/stepfunctions.py: the fields that it honors, for each type of state. Fields that change
only how long an execution takes are no problem: `TimeoutSeconds` of the whole machine, `MaxDelaySeconds` and
`JitterStrategy` of a retrier.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

State = Mapping[str, Any]

_EVERYWHERE: Final = frozenset({"Type", "Comment", "QueryLanguage"})
_PATHS: Final = frozenset({"InputPath", "OutputPath"})
_NEXT: Final = frozenset({"Next", "End"})
_RESULT: Final = frozenset({"Parameters", "ResultSelector", "ResultPath"}) | _PATHS | _NEXT
_MAP: Final = frozenset({"ItemProcessor", "Iterator", "ItemsPath", "ItemSelector", "MaxConcurrency", "Retry", "Catch"})
_HONORED: Final = {
    "Pass": _RESULT | {"Result"},
    "Task": _RESULT | {"Resource", "Retry", "Catch", "TimeoutSeconds"},
    "Choice": _PATHS | {"Choices", "Default"},
    "Wait": _PATHS | _NEXT | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Succeed": _PATHS,
    "Fail": frozenset({"Error", "ErrorPath", "Cause", "CausePath"}),
    "Parallel": _RESULT | {"Branches", "Retry", "Catch"},
    "Map": _RESULT | _MAP,
}
_DISTRIBUTED: Final = frozenset({"ItemReader", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage"})
# The same for JSONata, whose fields replace those for paths.
_OUTPUT: Final = frozenset({"Output", "Assign"})
_HONORED_JSONATA: Final = {
    "Pass": _OUTPUT | _NEXT,
    "Task": _OUTPUT | _NEXT | {"Arguments", "Resource", "Retry", "Catch", "TimeoutSeconds"},
    "Choice": frozenset({"Assign", "Choices", "Default"}),
    "Wait": _OUTPUT | _NEXT | {"Seconds", "Timestamp"},
    "Succeed": frozenset[str](),
    "Fail": frozenset({"Error", "Cause"}),
    "Parallel": _NEXT | {"Branches", "Retry", "Catch"},
    "Map": _OUTPUT | _NEXT | {"Items", "ItemProcessor", "ItemSelector", "MaxConcurrency", "Retry", "Catch"},
}
_MACHINE: Final = frozenset({"StartAt", "States", "Comment", "Version", "QueryLanguage", "TimeoutSeconds"})
_PROCESSOR: Final = frozenset({"StartAt", "States", "Comment", "ProcessorConfig"})
_CONFIG: Final = frozenset({"Mode", "ExecutionType"})
_READER: Final = frozenset({"Resource", "ReaderConfig", "Parameters"})
_READER_CONFIG: Final = frozenset(
    {"InputType", "CSVDelimiter", "CSVHeaderLocation", "CSVHeaders", "ItemsPointer"}
    | {"MaxItems", "MaxItemsPath", "Transformation"}
)
_INPUT_TYPES: Final = ("JSON", "JSONL", "CSV")
_RETRIER: Final = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
_CATCHER: Final = frozenset({"ErrorEquals", "Next", "ResultPath", "Comment"})
_CATCHER_JSONATA: Final = frozenset({"ErrorEquals", "Next", "Output", "Assign", "Comment"})
_RULE_JSONATA: Final = frozenset({"Condition", "Next", "Output", "Assign", "Comment"})
_RULE: Final = frozenset(
    {"And", "Or", "Not", "Variable", "Next", "Comment"}
    | {f"Is{kind}" for kind in ("Present", "Null", "Numeric", "String", "Boolean", "Timestamp")}
    | {"StringEquals", "StringEqualsPath", "StringMatches", "BooleanEquals", "BooleanEqualsPath"}
    | {f"String{order}" for order in ("LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")}
    | {
        f"Numeric{order}{kind}"
        for order in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
        for kind in ("", "Path")
    }
    | {f"Timestamp{order}" for order in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")}
)

_CONTEXT: Final = re.compile(r"\$\$\.([A-Za-z]+(?:\.[A-Za-z]+)*)")
_CONTEXT_KEYS: Final = (
    *(f"Execution.{name}" for name in ("Id", "Input", "Name", "StartTime")),
    *("StateMachine.Id", "StateMachine.Name", "State.Name", "State.EnteredTime", "State.RetryCount", "Task.Token"),
    *("Map.Item.Index", "Map.Item.Value"),
)


def ignored_fields(machine: State) -> list[str]:
    """The fields of a state machine that ministack would ignore, each a sentence with the state's name."""
    language = machine.get("QueryLanguage", "JSONPath")
    return [*_others(machine, _MACHINE, "the state machine"), *_of_states(machine, language, is_child=False)]


def _of_states(machine: State, language: str, *, is_child: bool) -> Iterator[str]:
    for name, state in machine.get("States", {}).items():
        yield from _of_state(state, f"state `{name}`", state.get("QueryLanguage", language), language, is_child)


def _of_state(state: State, name: str, own_language: str, language: str, is_child: bool) -> Iterator[str]:
    kind = state.get("Type", "")
    is_jsonata = own_language == "JSONata"
    processor = state.get("ItemProcessor") or state.get("Iterator") or {}
    is_distributed = kind == "Map" and processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
    honored = (_HONORED_JSONATA if is_jsonata else _HONORED).get(kind, frozenset())
    yield from _others(state, _EVERYWHERE | honored | (_DISTRIBUTED if is_distributed else frozenset()), name)
    if is_distributed and is_jsonata:
        yield f"JSONata of {name}, a distributed Map,"
    for retrier in state.get("Retry", []):
        yield from _others(retrier, _RETRIER, f"a retrier of {name}")
    for catcher in state.get("Catch", []):
        yield from _others(catcher, _CATCHER_JSONATA if is_jsonata else _CATCHER, f"a catcher of {name}")
    for rule in state.get("Choices", []):
        yield from _of_rule(rule, f"a choice of {name}", _RULE_JSONATA if is_jsonata else _RULE)
    yield from _of_context(state, name, is_child)
    if "ItemReader" in state:
        yield from _of_reader(state, name)
    yield from _others(processor, _PROCESSOR, f"the processor of {name}")
    yield from _others(processor.get("ProcessorConfig", {}), _CONFIG, f"the processor of {name}")
    yield from _of_states(processor, language, is_child=is_child or is_distributed)
    for branch in state.get("Branches", []):
        yield from _others(branch, _PROCESSOR, f"a branch of {name}")
        yield from _of_states(branch, language, is_child=is_child)


def _of_rule(rule: State, name: str, honored: frozenset[str]) -> Iterator[str]:
    yield from _others(rule, honored, name)
    for part in (*rule.get("And", []), *rule.get("Or", []), *([rule["Not"]] if "Not" in rule else [])):
        yield from _of_rule(part, name, honored)


def _of_reader(state: State, name: str) -> Iterator[str]:
    reader = state["ItemReader"]
    config = reader.get("ReaderConfig", {})
    yield from _others(reader, _READER, f"the ItemReader of {name}")
    yield from _others(config, _READER_CONFIG, f"the ItemReader of {name}")
    if config.get("InputType", "JSON") not in _INPUT_TYPES:
        yield f"`InputType` {config['InputType']} in the ItemReader of {name}"
    if "ItemsPath" in state:
        yield f"`ItemsPath` beside the ItemReader in {name}"


def _of_context(state: State, name: str, is_child: bool) -> Iterator[str]:
    """The keys of the context object in a state's own fields, without those of its processor or branches."""
    own = {field: value for field, value in state.items() if field not in ("ItemProcessor", "Iterator", "Branches")}
    for key in sorted({key for text in _texts(own) for key in _CONTEXT.findall(text)}):
        if not any(key == known or key.startswith(f"{known}.") for known in _CONTEXT_KEYS):
            yield f"`$$.{key}` in {name}"
        elif is_child and not key.startswith(("State.", "Task.")):
            # ministack gives it the parent's context. On AWS each child is an execution with a name of its own.
            yield f"that `$$.{key}` in {name} is about the child of a distributed Map"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _others(fields: State, honored: frozenset[str], name: str) -> Iterator[str]:
    return (f"`{field}` in {name}" for field in fields if field not in honored)
