"""Casbin by pycasbin: its `FastEnforcer`, which looks at the rules about the request's organization and action only.

It takes minutes to load 10,000 rules, so these are left out.
"""

from collections.abc import Sequence
from typing import Any, Final

from casbin import FastEnforcer
from casbin.model import FastModel

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import flatten
from invitation_responder.core.handshake import ACTIONS, Handshake
from invitation_responder.core.policy import Policy, Rule

_KEYS: Final = [0, 1]
# For a sender and action without rules the matcher alone decides, with empty values of `p`.
_MODEL: Final = """
[request_definition]
r = organization, action, management_account, receiver, notes

[policy_definition]
p = organization, action, management_account, receivers, keywords, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.action in ({protected}) || p.organization == r.organization && p.action == r.action && \
(p.management_account == "*" || p.management_account == r.management_account) && \
(p.receivers == "*" || r.receiver in p.receivers) && (p.keywords == "*" || has_any(r.notes, p.keywords))
"""


def prepare(policy: Policy) -> Judge:
    """Load model and policies."""
    model = FastModel(_KEYS)
    model.load_model_from_text(_MODEL.format(protected=", ".join(f'"{action}"' for action in policy.protect)))
    enforcer = FastEnforcer(model, cache_key_order=_KEYS)
    enforcer.add_function("has_any", _has_any)
    enforcer.add_policies([_write_rule(rule, action) for rule in policy.rules for action in rule.actions or ACTIONS])

    def judge(handshakes: Sequence[Handshake]) -> Round:
        inputs = [_request(handshake) for handshake in handshakes]
        return lambda: [enforcer.enforce(*each) for each in inputs]

    return judge


def _write_rule(rule: Rule, action: str) -> list[str]:
    return [
        (rule.organizations or ())[0],
        action,
        (rule.management_accounts or ("*",))[0],
        " ".join(rule.accounts or ("*",)),
        " ".join(rule.notes.any if rule.notes else ("*",)),
        "deny" if rule.effect == "decline" else "allow",
    ]


def _request(handshake: Handshake) -> tuple[Any, ...]:
    fields = flatten(handshake)
    names = ("organization", "action", "management_account", "receiver", "notes")
    return tuple(fields[name] for name in names)


def _has_any(notes: str, keywords: str) -> bool:
    return any(keyword in notes for keyword in keywords.split())


CONTESTANTS: Final = (Contestant("Casbin", prepare, max_rules=1_000),)
