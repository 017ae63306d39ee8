"""Cedar by cedarpy: the lists are groups of entities, parsed before, and particular rules are policies of their own.

Single is `is_authorized`, batch is `is_authorized_batch`, which takes all handshakes at once.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from cedarpy import AuthzResult, Entities, PolicySet, is_authorized, is_authorized_batch

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.groups import flatten, group, values_of
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy, Rule


def prepare_single(policy: Policy) -> Judge:
    """One call a handshake."""
    policies, entities = _compile(policy)

    def judge(handshakes: Sequence[Handshake]) -> Round:
        requests = [_request(handshake) for handshake in handshakes]
        return lambda: [is_authorized(request, policies, entities) for request in requests]

    return judge


def prepare_batch(policy: Policy) -> Judge:
    """One call for all handshakes."""
    policies, entities = _compile(policy)

    def judge(handshakes: Sequence[Handshake]) -> Round:
        requests = [_request(handshake) for handshake in handshakes]
        return lambda: is_authorized_batch(requests, policies, entities)

    return judge


def _compile(policy: Policy) -> tuple[Any, Any]:
    groups = group(policy)
    members = {"blocked": groups.blocked, **groups.trusted}
    policies = [
        'forbid(principal in List::"blocked", action, resource);',
        f"permit(principal, action in [{', '.join(map(_action, groups.protected))}], resource);",
        *(f'permit(principal in List::"{each}", action == {_action(each)}, resource);' for each in groups.trusted),
        *map(_permit, groups.particular),
    ]
    entities = [{"uid": {"type": "List", "id": name}, "attrs": {}, "parents": []} for name in members] + [
        {"uid": {"type": "Organization", "id": organization}, "attrs": {}, "parents": [{"type": "List", "id": name}]}
        for name, organizations in members.items()
        for organization in organizations
    ]
    return PolicySet.from_str("\n".join(policies)), Entities.from_json_str(json.dumps(entities))


def _permit(rule: Rule) -> str:
    conditions = [f"({_WRITE[name](value)})" for name, value in values_of(rule).items() if name in _WRITE]
    (organization,), (action,) = rule.organizations or (), rule.actions or ()
    return (
        f'permit(principal == Organization::"{organization}", action == {_action(action)}, resource) '
        f"when {{ {' && '.join(conditions)} }};"
    )


def _request(handshake: Handshake) -> dict[str, Any]:
    fields = flatten(handshake)
    return {
        "principal": {"type": "Organization", "id": fields["organization"]},
        "action": {"type": "Action", "id": fields["action"]},
        "resource": {"type": "Account", "id": fields["receiver"]},
        "context": json.dumps({"management_account": fields["management_account"], "notes": fields["notes"]}),
    }


_WRITE: Final[dict[str, Callable[[Iterable[str]], str]]] = {
    "receiver": lambda accounts: f"[{', '.join(map(_account, accounts))}].contains(resource)",
    "management_account": lambda accounts: " || ".join(f'context.management_account == "{each}"' for each in accounts),
    "notes": lambda keywords: " || ".join(f'context.notes like "*{each}*"' for each in keywords),
}


def _action(name: str) -> str:
    return f'Action::"{name}"'


def _account(name: str) -> str:
    return f'Account::"{name}"'


def _is_allowed(result: AuthzResult) -> bool:
    return bool(result.allowed)


CONTESTANTS: Final = (
    Contestant("Cedar, one by one", prepare_single, _is_allowed),
    Contestant("Cedar, in a batch", prepare_batch, _is_allowed),
)
