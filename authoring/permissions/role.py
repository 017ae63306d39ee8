"""What the function may do about handshakes, derived from the policy: IAM statements for its role. Pure.

Of the types in a handshake's ARN AWS's documents show only some: an Allow never names one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from authoring.permissions.statements import (
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
from invitation_responder.core.policy import Policy, Rule

# How a handshake's ARN calls an action, where that can't be the action in lower case: the service model's pattern has
# room for 32 characters, and this one has 37. What AWS makes of it is documented nowhere.
_TYPES: Final = {"ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE": "add_*"}
# One inline, and of the ten managed policies that a role can have all but one, which stays free for its owner.
MAX_DOCUMENTS: Final = 1 + 9

# Real organization ids have ten characters behind `o-`. AWS assigns them: nobody can choose one that begins like yours.
_TELLING: Final = len("o-") + 10
# Many more than find room. A rule can name a thousand organizations and a thousand accounts, which are a million pairs.
_MAX_DENIES: Final = 5_000
_ACCEPT: Final = Grant("Accept", "Allow", "organizations:AcceptHandshake")
_NEVER_DECLINE: Final = Grant("NeverDecline", "Deny", "organizations:DeclineHandshake")


@dataclass(frozen=True, slots=True)
class Permissions:
    """IAM policy documents, and how many senders' Denies (at least) found no room.

    The first document fits an inline policy, which the CDK shows before it deploys; each of the others a managed one,
    whose documents it does not look at. Those Denies are a second lock: without them the compiled policy alone keeps
    these senders from being declined.
    """

    documents: list[Document]
    denies_left_out: int = 0

    @property
    def is_guess(self) -> bool:
        """Whether a Deny goes by a type that AWS documents nowhere: if it is called otherwise, nothing is denied."""
        guessed = tuple(f":handshake/*/{kind}/*" for kind in _TYPES.values())
        statements = (statement for document in self.documents for statement in document["Statement"])
        return any(resource.endswith(guessed) for statement in statements for resource in statement["Resource"])

    @property
    def accepts_not_shown(self) -> int:
        """How many senders, of those that may be accepted from, stand in managed policies."""
        return sum(
            len(statement["Resource"])
            for document in self.documents[1:]
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
        )


def answer_permissions(policy: Policy, *, partition: str) -> Permissions:
    """What the function's role may do, as far as handshakes go.

    Audit mode: reading, and no permission to answer. Else declining, unless no handshake can be declined; accepting
    from the senders that an accept rule names; and never declining what no rule or default could decline.

    Accepting as a member of another organization takes LeaveOrganization, too (AWS Organizations user guide, "Accepting
    or declining an invitation"). It takes no resource: where one accept rule says `leave_organization`, the permission
    holds for all of them.

    Raises `PermissionsError` where the accept rules name more senders than fit.
    """
    statements = [
        make_statement("List", "Allow", "organizations:ListHandshakesForAccount", ["*"]),
        make_statement("Read", "Allow", "organizations:DescribeHandshake", [arn(ANYONE, partition)]),
    ]
    if policy.mode == "audit":
        return Permissions([make_document(statements)])
    if policy.default == "decline" or rules_with(policy, "decline"):
        statements.append(
            make_statement("Decline", "Allow", "organizations:DeclineHandshake", [arn(ANYONE, partition)])
        )
    accepted = _senders_accepted(policy)
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
    whole = _pack(documents, _NEVER_DECLINE, list(islice(_never_declined(policy), _MAX_DENIES)), partition)
    left_out = sum(_senders_in(document) for document in whole[MAX_DOCUMENTS:])
    return Permissions(whole[:MAX_DOCUMENTS], denies_left_out=left_out)


def _pack(documents: list[Document], grant: Grant, senders: list[str], partition: str) -> list[Document]:
    """The documents with a grant for senders as they are named; if these are too many, for shorter patterns."""
    packed = pack(documents, grant, senders, partition=partition)
    if len(packed) <= MAX_DOCUMENTS:
        return packed
    return pack(documents, grant, unique(map(_compact, senders)), partition=partition)


def _senders_in(document: Document) -> int:
    return sum(len(statement["Resource"]) for statement in document["Statement"])


def _senders_accepted(policy: Policy) -> list[str]:
    senders = unique(sender for rule in rules_with(policy, "accept") for sender in senders_of(rule))
    return [ANYONE] if ANYONE in senders else senders


def _compact(sender: str) -> str:
    """A shorter pattern for an organization: as much of its id as tells it from any other that AWS assigned."""
    account, _, rest = sender.partition(":handshake/")
    organization = rest.removesuffix("/*")
    is_whole = organization.startswith("o-") and "/" not in organization
    return f"{account}:*/{organization[:_TELLING]}*" if is_whole else sender


def _never_declined(policy: Policy) -> Iterator[str]:
    """The handshakes that neither a rule nor the default can decline, whatever else they say."""
    declining = rules_with(policy, "decline")
    for protected in policy.protect:
        if not any(rule.is_about(protected) for rule in declining):
            yield f"*:handshake/*/{_TYPES.get(protected, protected.lower())}/*"
    for rule in policy.rules:
        if rule.effect == "decline" or not holds_for_good(rule):
            continue
        # `invite` is the one type beside the protected ones that AWS's documents show.
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
    """Whether a rule could match a handshake of that sender; None is any."""
    return (
        _is_left(organization, rule.organizations, rule.not_organizations)
        and _is_left(account, rule.management_accounts, rule.not_management_accounts)
        and (action is None or rule.is_about(action))
    )


def _is_left(value: str | None, named: tuple[str, ...] | None, excluded: tuple[str, ...] | None) -> bool:
    """Whether what a rule says of a sender leaves this one; of any (None), whether it can leave some."""
    return value is None or ((named is None or value in named) and value not in (excluded or ()))


def _service_linked_role(partition: str) -> Statement:
    """Accepting makes Organizations' own role in the account, in the name of whoever accepts."""
    role = "aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
    return {
        **make_statement("Join", "Allow", "iam:CreateServiceLinkedRole", [f"arn:{partition}:iam::*:role/{role}"]),
        "Condition": {"StringEquals": {"iam:AWSServiceName": "organizations.amazonaws.com"}},
    }
