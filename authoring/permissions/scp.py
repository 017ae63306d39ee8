"""The service control policy (SCP) that prevents what the responder can only react to. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from invitation_responder.core.policy import Policy, Rule

from .statements import (
    Document,
    PermissionsError,
    Statement,
    arn,
    holds_for_good,
    lets_members_leave,
    make_document,
    make_statement,
    rules_with,
    senders_of,
    unique,
)

SCP_LIMIT: Final = 5_120
MOVER: Final = "arn:*:iam::*:role/account-mover"
# The roles of both scopes: CloudFormation's name in one account, two fixed names in an organization (infra/member.py).
RESPONDER: Final = "arn:*:iam::*:role/InvitationResponder*"
# CloudFormation's roles: for the CDK's deployments, as `cdk bootstrap` names it by the default qualifier, and for
# StackSets in the accounts of an organization.
DEPLOYERS: Final = ("arn:*:iam::*:role/cdk-hnb659fds-cfn-exec-role-*", "arn:*:iam::*:role/stacksets-exec-*")


@dataclass(frozen=True, slots=True)
class Prevention:
    """A service control policy, and the number of always declined senders that found no room in it.

    Movers can accept from these senders; the responder declines them all the same.
    """

    document: Document
    declined_left_out: int = 0


def service_control_policy(
    policy: Policy, *, movers: Sequence[str] = (MOVER,), deployers: Sequence[str] = DEPLOYERS
) -> Prevention:
    """The SCP that keeps a member account from accepting what the policy does not allow.

    Only `movers` (patterns of role ARNs) may accept a handshake or leave the organization. The responder itself may
    accept if a rule accepts, and leave if a rule says `leave_organization`. Only movers can create a mover's role or
    change its trust policy, so the movers' roles have to exist first. If a rule accepts, only `deployers` can create or
    change the responder's role and their own.

    If a rule accepts, whoever may change the function, or pass its role to another function, may accept, too. Nobody
    accepts from a sender that the policy always declines, if there is room for the statement. Raises `PermissionsError`
    if `movers` and `deployers` alone exceed the size of an SCP.
    """
    accept, leave = "organizations:AcceptHandshake", "organizations:LeaveOrganization"
    becoming = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]
    statements = [_deny_all_but(movers, "NobodyBecomesAMover", becoming, resources=movers)]
    if rules_with(policy, "accept"):
        both = [*movers, RESPONDER]
        leaving = both if lets_members_leave(policy) else movers
        statements = [
            _deny_all_but(both, "NobodyAccepts", [accept]),
            _deny_all_but(leaving, "NobodyLeaves", [leave]),
            *statements,
            _deny_all_but(deployers, "NobodyBecomesTheResponder", becoming, resources=[RESPONDER, *deployers]),
        ]
    else:
        statements = [_deny_all_but(movers, "NobodyMovesThisAccount", [accept, leave]), *statements]
    size = _size_as_pasted(statements)
    if size > SCP_LIMIT:
        raise PermissionsError(
            f"a service control policy that names {len(movers) + len(deployers)} roles has {size:,} characters, and "
            f"AWS takes {SCP_LIMIT:,}; name fewer, or shorter patterns"
        )
    declined = unique(
        sender for rule in rules_with(policy, "decline") if _is_about_senders_alone(rule) for sender in senders_of(rule)
    )
    if not declined:
        return Prevention(make_document(statements))
    never = make_statement("NotEvenMovers", "Deny", accept, [arn(sender, "*") for sender in declined])
    if _size_as_pasted([*statements, never]) > SCP_LIMIT:
        return Prevention(make_document(statements), declined_left_out=len(declined))
    return Prevention(make_document([*statements, never]))


def _size_as_pasted(statements: Sequence[Statement]) -> int:
    """The size in characters of the text that people paste: white space counts in an SCP."""
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
    """True if a rule matches every handshake of the senders that it names, and of no others."""
    named = (rule.organizations is None) != (rule.management_accounts is None)
    return named and rule.actions is None and rule.not_actions is None and holds_for_good(rule)
