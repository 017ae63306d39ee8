"""Rego by opa-eval, in which regorus evaluates: the policy is data by organization, the Rego looks up and compares.

Its only input is JSON text.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import opa_eval

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy

_REGO: Final = """
package handshakes

import rego.v1

default stands := false

stands if {
    not blocked
    permitted
}

blocked if data.blocked[input.organization]

permitted if data.protected[input.action]

permitted if data.trusted[input.action][input.organization]

permitted if {
    rule := data.particular[input.organization]
    rule.action == input.action
    receiver_fits(rule)
    management_account_fits(rule)
    notes_fit(rule)
}

receiver_fits(rule) if not rule.receiver

receiver_fits(rule) if rule.receiver[_] == input.receiver

management_account_fits(rule) if not rule.management_account

management_account_fits(rule) if rule.management_account[_] == input.management_account

notes_fit(rule) if not rule.notes

notes_fit(rule) if contains(input.notes, rule.notes[_])
"""


def prepare(policy: Policy) -> Judge:
    """Load the Rego, and the policy as its data."""
    groups = group(policy)
    data = {
        "blocked": dict.fromkeys(groups.blocked, True),
        "protected": dict.fromkeys(groups.protected, True),
        "trusted": {action: dict.fromkeys(senders, True) for action, senders in groups.trusted.items()},
        "particular": {values["organization"]: values for values in map(values_of, groups.particular)},
    }
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "policy.rego")
        source.write_text(_REGO, encoding="utf-8")
        evaluator = opa_eval.OpaEval(str(source), data_json=json.dumps(data), query="data.handshakes.stands")

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [json.dumps(flatten(handshake)) for handshake in handshakes]
        return lambda: [evaluator.evaluate_parsed(each) for each in inputs]

    return judge


CONTESTANTS: Final = (Contestant("Rego", prepare),)
