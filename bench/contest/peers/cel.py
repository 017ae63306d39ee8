"""CEL by cel-expr-python: one compiled expression, with lists, and one clause for each particular rule.

Input is a dictionary, or an `Activation` that was made before. CEL takes expressions of up to 100,000 characters, so
that 10,000 rules do not fit.
"""

import json
from collections.abc import Sequence
from typing import Final

from cel_expr_python import cel

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import Groups, flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule

_NAMES: Final = ("action", "organization", "management_account", "receiver", "notes")


def prepare_for_dictionaries(policy: Policy) -> Judge:
    """Take dictionaries."""
    expression = cel.NewEnv(variables=dict.fromkeys(_NAMES, cel.Type.STRING)).compile(_write(group(policy)))

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [flatten(handshake) for handshake in handshakes]
        return lambda: [expression.eval(data=each).value() for each in inputs]

    return judge


def prepare_for_activations(policy: Policy) -> Judge:
    """Take activations."""
    environment = cel.NewEnv(variables=dict.fromkeys(_NAMES, cel.Type.STRING))
    expression = environment.compile(_write(group(policy)))

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [environment.Activation(flatten(handshake)) for handshake in handshakes]
        return lambda: [expression.eval(each).value() for each in inputs]

    return judge


def _write(groups: Groups) -> str:
    stands = [
        f"action in {json.dumps(groups.protected)}",
        *(
            f"action == {json.dumps(action)} && organization in {json.dumps(organizations)}"
            for action, organizations in groups.trusted.items()
        ),
        *map(_write_rule, groups.particular),
    ]
    return f"!(organization in {json.dumps(groups.blocked)}) && ({' || '.join(f'({each})' for each in stands)})"


def _write_rule(rule: Rule) -> str:
    conditions = []
    for name, value in values_of(rule).items():
        if isinstance(value, str):
            conditions.append(f"{name} == {json.dumps(value)}")
        elif name == "notes":
            conditions.append(f"({' || '.join(f'notes.contains({json.dumps(each)})' for each in value)})")
        else:
            conditions.append(f"{name} in {json.dumps(value)}")
    return " && ".join(conditions)


CONTESTANTS: Final = (
    Contestant("CEL, dictionary", prepare_for_dictionaries, max_rules=1_000),
    Contestant("CEL, activation", prepare_for_activations, max_rules=1_000),
)
