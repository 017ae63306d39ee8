"""Cloud Custodian's filters: `or`, `and`, `not` and `value`, over all handshakes at once, as a policy of c7n runs them.

c7n has no resource type for handshakes, so the filters get a stand-in for the manager of one.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

from c7n.filters import FilterRegistry

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule


def prepare(policy: Policy) -> Judge:
    """Parse the policy's filters."""
    groups, model = group(policy), SimpleNamespace(id="id")
    trusted = [
        {"and": [{"action": action}, _is_in("organization", organizations)]}
        for action, organizations in groups.trusted.items()
    ]
    particular = [{"and": _conditions(rule)} for rule in groups.particular]
    filters = FilterRegistry("filters").parse(
        [
            {"not": [_is_in("organization", groups.blocked)]},
            {"or": [_is_in("action", groups.protected), *trusted, *particular]},
        ],
        SimpleNamespace(get_model=lambda: model, type="handshake"),
    )

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [{"id": handshake.id, **flatten(handshake)} for handshake in handshakes]

        def decide_all() -> list[bool]:
            # Filters annotate what they match: copies, so that annotations do not pile up from round to round.
            left = [dict(each) for each in inputs]
            for each in filters:
                left = each.process(left)
            standing = {each["id"] for each in left}
            return [each["id"] in standing for each in inputs]

        return decide_all

    return judge


def _conditions(rule: Rule) -> list[dict[str, Any]]:
    conditions: list[dict[str, Any]] = []
    for key, value in values_of(rule).items():
        if isinstance(value, str):
            conditions.append({key: value})
        elif key == "notes":
            conditions.append(
                {"or": [{"type": "value", "key": key, "op": "contains", "value": each} for each in value]}
            )
        else:
            conditions.append(_is_in(key, value))
    return conditions


def _is_in(key: str, values: Sequence[str]) -> dict[str, Any]:
    return {"type": "value", "key": key, "op": "in", "value": list(values)}


CONTESTANTS: Final = (Contestant("c7n's filters", prepare),)
