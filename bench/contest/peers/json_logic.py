"""JSON Logic by datalogic-py, a Rust engine: one compiled rule, with lists, and one clause for each particular rule.

Input is a dictionary, or a `DataHandle` that was made before, of which only the truth of the answer is asked: a session
and handles are what its documentation names for hot loops.
"""

from collections.abc import Sequence
from typing import Any, Final

from datalogic_py import DataHandle, Engine

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import Groups, flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy


def prepare_for_dictionaries(policy: Policy) -> Judge:
    """Take dictionaries."""
    engine = Engine()
    rule, session = engine.compile(_write(group(policy))), engine.session()

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [flatten(handshake) for handshake in handshakes]
        return lambda: [session.evaluate(rule, each) for each in inputs]

    return judge


def prepare_for_handles(policy: Policy) -> Judge:
    """Take handles."""
    engine = Engine()
    rule, session = engine.compile(_write(group(policy))), engine.session()

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [DataHandle(flatten(handshake)) for handshake in handshakes]
        return lambda: [session.evaluate_bool(rule, each) for each in inputs]

    return judge


def _write(groups: Groups) -> dict[str, Any]:
    trusted = [
        {"and": [_equals("action", action), _is_in("organization", all_)]} for action, all_ in groups.trusted.items()
    ]
    particular = [{"and": [_condition(*each) for each in values_of(rule).items()]} for rule in groups.particular]
    stands = {"or": [_is_in("action", groups.protected), *trusted, *particular]}
    return {"and": [{"!": [_is_in("organization", groups.blocked)]}, stands]}


def _condition(name: str, value: str | Sequence[str]) -> dict[str, Any]:
    if isinstance(value, str):
        return _equals(name, value)
    if name == "notes":
        return {"or": [{"in": [keyword, {"var": name}]} for keyword in value]}
    return _is_in(name, value)


def _equals(name: str, value: str) -> dict[str, Any]:
    return {"===": [{"var": name}, value]}


def _is_in(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"in": [{"var": name}, list(values)]}


CONTESTANTS: Final = (
    Contestant("JSON Logic, dictionary", prepare_for_dictionaries),
    Contestant("JSON Logic, handle", prepare_for_handles),
)
