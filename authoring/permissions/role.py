"""The permissions of the function's role on handshakes, derived from the policy: IAM statements. Pure.

AWS documents only some of the types in a handshake's ARN, so no Allow names a type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from invitation_responder.core.policy import Policy, Rule

from .statements import (
    ANYONE,
    Document,
    Grant,
    PermissionsError,
    Statement,
    arn,
    holds_for_good,
    lets_members_leave,
    make_document,
    make_statement,
    pack,
    rules_with,
    senders_of,
    unique,
)

# The type in the ARN for an action that can't be its lower case: the service model's pattern has room for 32
# characters, and this action has 37. AWS's name for the type is undocumented.
_TYPES: Final = {"ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE": "add_*"}
# One inline policy, and nine of the ten managed policies that a role can have: the tenth stays free for its owner.
MAX_DOCUMENTS: Final = 1 + 9

# Real organization ids have ten characters after `o-`. AWS assigns them: nobody can choose an id that begins like
# yours.
_IDENTIFYING_LENGTH: Final = len("o-") + 10
# Many more than there is room for: a rule with a thousand organizations and a thousand accounts has a million pairs.
_MAX_DENIES: Final = 5_000
_ACCEPT: Final = Grant("Accept", "Allow", "organizations:AcceptHandshake")
_NEVER_DECLINE: Final = Grant("NeverDecline", "Deny", "organizations:DeclineHandshake")


@dataclass(frozen=True, slots=True)
class Permissions:
    """IAM policy documents, and the number (at least) of senders whose Deny found no room.

    The first document fits an inline policy, which the CDK shows before it deploys. Each other document fits a managed
    policy, which the CDK does not show. A Deny is a second lock: without it, the compiled policy alone keeps the sender
    from being declined.
    """

    documents: list[Document]
    denies_left_out: int = 0

    @property
    def is_guess(self) -> bool:
        """True if a Deny names a type that AWS does not document: under another name, nothing is denied."""
        guessed = tuple(f":handshake/*/{kind}/*" for kind in _TYPES.values())
        statements = (statement for document in self.documents for statement in document["Statement"])
        return any(resource.endswith(guessed) for statement in statements for resource in statement["Resource"])

    @property
    def accepts_not_shown(self) -> int:
        """The number of accepted senders in managed policies, which the CDK does not show."""
        return sum(
            len(statement["Resource"])
            for document in self.documents[1:]
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
        )


def answer_permissions(policy: Policy, *, partition: str) -> Permissions:
    """The permissions of the function's role on handshakes.

    In audit mode the role may read, and not answer. In enforce mode it may decline, unless no handshake can be
    declined; it may accept from the senders that accept rules name; and it may never decline what no rule or default
    could decline.

    Accepting as a member of another organization also takes LeaveOrganization (AWS Organizations user guide, "Accepting
    or declining an invitation"). LeaveOrganization takes no resource: if one accept rule says `leave_organization`, the
    permission holds for all of them.

    Raises `PermissionsError` if the accept rules name more senders than fit.
    """
    statements = [
        make_statement("List", "Allow", "organizations:ListHandshakesForAccount", ["*"]),
        make_statement("Read", "Allow", "organizations:DescribeHandshake", [arn(ANYONE, partition)]),
        # Whether what somebody accepted still stands.
        make_statement("Membership", "Allow", "organizations:DescribeOrganization", ["*"]),
        make_statement("Transfers", "Allow", "organizations:ListOutboundResponsibilityTransfers", ["*"]),
    ]
    if policy.mode == "audit":
        return Permissions([make_document(statements)])
    if policy.default == "decline" or rules_with(policy, "decline"):
        statements.append(
            make_statement("Decline", "Allow", "organizations:DeclineHandshake", [arn(ANYONE, partition)])
        )
    accepted = _accepted_senders(policy)
    if accepted:
        statements.append(_service_linked_role(partition))
    if lets_members_leave(policy):
        statements.append(make_statement("Leave", "Allow", "organizations:LeaveOrganization", ["*"]))
    documents = _pack([make_document(statements)], _ACCEPT, accepted, partition)
    if len(documents) > MAX_DOCUMENTS:
        raise PermissionsError(
            f"the accept rules name {len(accepted)} senders, more than the policies of a role hold; "
            "name fewer, or let a person accept (`effect: allow`)"
        )
    whole = _pack(documents, _NEVER_DECLINE, list(islice(_undeclinable(policy), _MAX_DENIES)), partition)
    left_out = sum(_senders_in(document) for document in whole[MAX_DOCUMENTS:])
    return Permissions(whole[:MAX_DOCUMENTS], denies_left_out=left_out)


def _pack(documents: list[Document], grant: Grant, senders: list[str], partition: str) -> list[Document]:
    """The documents with a grant for the senders as named or, if these do not fit, for shorter patterns."""
    packed = pack(documents, grant, senders, partition=partition)
    if len(packed) <= MAX_DOCUMENTS:
        return packed
    return pack(documents, grant, unique(map(_compact, senders)), partition=partition)


def _senders_in(document: Document) -> int:
    return sum(len(statement["Resource"]) for statement in document["Statement"])


def _accepted_senders(policy: Policy) -> list[str]:
    senders = unique(sender for rule in rules_with(policy, "accept") for sender in senders_of(rule))
    return [ANYONE] if ANYONE in senders else senders


def _compact(sender: str) -> str:
    """A shorter pattern for an organization: the part of its id that AWS assigns to no other organization."""
    account, _, rest = sender.partition(":handshake/")
    organization = rest.removesuffix("/*")
    is_whole = organization.startswith("o-") and "/" not in organization
    return f"{account}:*/{organization[:_IDENTIFYING_LENGTH]}*" if is_whole else sender


def _undeclinable(policy: Policy) -> Iterator[str]:
    """Patterns of the handshakes that neither a rule nor the default can decline, whatever else they hold."""
    declining = rules_with(policy, "decline")
    for protected in policy.protect:
        if not any(rule.is_about(protected) for rule in declining):
            yield f"*:handshake/*/{_TYPES.get(protected, protected.lower())}/*"
    for rule in policy.rules:
        if rule.effect == "decline" or not holds_for_good(rule):
            continue
        # Beside the protected types, AWS's documents show only `invite`.
        is_for_all = rule.actions is None and rule.not_actions is None
        types = ["*"] if is_for_all else ["invite/*"] if rule.is_about("INVITE") else []
        action = None if is_for_all else "INVITE"
        pairs = product(rule.organizations or [None], rule.management_accounts or [None])
        for organization, account in pairs:
            if any(_overlap(other, organization, account, action) for other in declining):
                continue
            for kind in types:
                yield f"{account or '*'}:handshake/{organization or '*'}/{kind}"


def _overlap(rule: Rule, organization: str | None, account: str | None, action: str | None) -> bool:
    """True if a rule could match a handshake of this sender and action; None stands for any."""
    return (
        _is_left(organization, rule.organizations, rule.not_organizations)
        and _is_left(account, rule.management_accounts, rule.not_management_accounts)
        and (action is None or rule.is_about(action))
    )


def _is_left(value: str | None, named: tuple[str, ...] | None, excluded: tuple[str, ...] | None) -> bool:
    """True if a rule's two conditions on a value hold; for any value (None), if they can hold."""
    return value is None or ((named is None or value in named) and value not in (excluded or ()))


def _service_linked_role(partition: str) -> Statement:
    """The permission to create Organizations' own role, which accepting does in the caller's name."""
    role = "aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
    return {
        **make_statement("Join", "Allow", "iam:CreateServiceLinkedRole", [f"arn:{partition}:iam::*:role/{role}"]),
        "Condition": {"StringEquals": {"iam:AWSServiceName": "organizations.amazonaws.com"}},
    }
