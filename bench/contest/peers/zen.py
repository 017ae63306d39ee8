"""ZEN Engine: one compiled expression with lists, and one clause for each particular rule.

Its decision tables are slower. Input is a dictionary.
"""

import json
from collections.abc import Sequence
from typing import Final

import zen

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import Groups, flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule


def prepare(policy: Policy) -> Judge:
    """Compile the expression."""
    expression = zen.compile_expression(_write(group(policy)))

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [flatten(handshake) for handshake in handshakes]
        return lambda: [expression.evaluate(each) for each in inputs]

    return judge


def _write(groups: Groups) -> str:
    stands = [
        f"action in {json.dumps(groups.protected)}",
        *(
            f"action == {json.dumps(action)} and organization in {json.dumps(organizations)}"
            for action, organizations in groups.trusted.items()
        ),
        *map(_write_rule, groups.particular),
    ]
    return f"organization not in {json.dumps(groups.blocked)} and ({' or '.join(f'({each})' for each in stands)})"


def _write_rule(rule: Rule) -> str:
    conditions = []
    for name, value in values_of(rule).items():
        if isinstance(value, str):
            conditions.append(f"{name} == {json.dumps(value)}")
        elif name == "notes":
            conditions.append(f"({' or '.join(f'contains(notes, {json.dumps(each)})' for each in value)})")
        else:
            conditions.append(f"{name} in {json.dumps(value)}")
    return " and ".join(conditions)


CONTESTANTS: Final = (Contestant("ZEN Engine", prepare),)
