"""What prevents that which the responder can only react to: a service control policy. Pure."""

import json
from collections.abc import Sequence
from typing import Final

from authoring.iam import (
    Document,
    PermissionsError,
    Statement,
    arn,
    holds_for_good,
    make_document,
    make_statement,
    rules_with,
    senders_of,
    unique,
)
from invitation_responder.policy import Policy, Rule

SCP_LIMIT: Final = 5_120
MOVER: Final = "arn:*:iam::*:role/account-mover"
RESPONDER: Final = "arn:*:iam::*:role/InvitationResponder-*"


def service_control_policy(policy: Policy, *, movers: Sequence[str] = (MOVER,)) -> Document:
    """What prevents, in a member account, that somebody accepts what the policy does not allow.

    Only `movers` (patterns of role ARNs) may accept a handshake or leave the organization, and the responder itself
    where the policy accepts; nobody else can make such a role, or change who assumes it, so that the roles have to be
    there first. Nobody accepts from a sender that the policy always declines, if there is room to say so.

    The responder's role is not guarded like that: CloudFormation makes it. Where the policy accepts, whoever may change
    the function, or hand its role to another one, may accept too. Raises `PermissionsError` where `movers` alone are
    more than an SCP holds.
    """
    accept, leave = "organizations:AcceptHandshake", "organizations:LeaveOrganization"
    if rules_with(policy, "accept"):
        statements = [
            _deny_all_but([*movers, RESPONDER], "NobodyAccepts", [accept]),
            _deny_all_but(movers, "NobodyLeaves", [leave]),
        ]
    else:
        statements = [_deny_all_but(movers, "NobodyMovesThisAccount", [accept, leave])]
    becoming = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]
    statements.append(_deny_all_but(movers, "NobodyBecomesAMover", becoming, resources=movers))
    declined = unique(
        sender for rule in rules_with(policy, "decline") if _is_about_senders_alone(rule) for sender in senders_of(rule)
    )
    if declined:
        never = make_statement(
            "NotEvenMovers", "Deny", "organizations:AcceptHandshake", [arn(s, "*") for s in declined]
        )
        if _size_as_pasted([*statements, never]) <= SCP_LIMIT:
            statements.append(never)
    size = _size_as_pasted(statements)
    if size > SCP_LIMIT:
        raise PermissionsError(
            f"a service control policy that names {len(movers)} movers has {size:,} characters, and AWS takes "
            f"{SCP_LIMIT:,}; name fewer, or shorter patterns"
        )
    return make_document(statements)


def _size_as_pasted(statements: Sequence[Statement]) -> int:
    """White space counts in an SCP: the size is that of the text that people paste."""
    return len(json.dumps(make_document(statements), indent=2))


def _deny_all_but(
    principals: Sequence[str], sid: str, actions: list[str], *, resources: Sequence[str] = ("*",)
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(principals)}},
    }


def _is_about_senders_alone(rule: Rule) -> bool:
    """Whether a rule matches all that certain senders ask for, and not everybody."""
    named = (rule.organizations is None) != (rule.management_accounts is None)
    return named and rule.actions is None and holds_for_good(rule)
