"""What prevents that which the responder can only react to: a service control policy. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from authoring.permissions.statements import (
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
from invitation_responder.core.policy import Policy, Rule

SCP_LIMIT: Final = 5_120
MOVER: Final = "arn:*:iam::*:role/account-mover"
RESPONDER: Final = "arn:*:iam::*:role/InvitationResponder-*"
# CloudFormation's role for what the CDK deploys, as `cdk bootstrap` names it where nobody gives it another qualifier.
DEPLOYER: Final = "arn:*:iam::*:role/cdk-hnb659fds-cfn-exec-role-*"


@dataclass(frozen=True, slots=True)
class Prevention:
    """A service control policy, and how many senders that the policy always declines found no room in it.

    From those the movers can accept; the responder declines them all the same.
    """

    document: Document
    declined_left_out: int = 0


def service_control_policy(
    policy: Policy, *, movers: Sequence[str] = (MOVER,), deployers: Sequence[str] = (DEPLOYER,)
) -> Prevention:
    """What prevents, in a member account, that somebody accepts what the policy does not allow.

    Only `movers` (patterns of role ARNs) may accept a handshake or leave the organization; so may the responder itself,
    accept where the policy does, and leave where a rule says `leave_organization`. Nobody else can make such a role, or
    change who assumes it, so that the movers' roles have to be there first; the responder's is made and changed by
    `deployers` alone, and so are theirs.

    Where the policy accepts, whoever may change the function, or hand its role to another one, may accept too. Nobody
    accepts from a sender that the policy always declines, if there is room to say so. Raises `PermissionsError` where
    `movers` and `deployers` alone are more than an SCP holds.
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
    return named and rule.actions is None and rule.not_actions is None and holds_for_good(rule)
