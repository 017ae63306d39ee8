"""IAM statements about senders, and documents within IAM's limits. Pure.

A handshake's ARN is `arn:<partition>:organizations::<management account>:handshake/<organization>/<type>/<id>`; account
and organization are the sender's. Accept, Decline and Describe take the ARN as resource, and have no condition keys;
listing takes no resource (Service Authorization Reference, AWS Organizations).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from invitation_responder.core.policy import Policy, Rule

Statement = dict[str, Any]
Document = dict[str, Any]

# In characters, without white space. A role's inline policies share one limit; the function's other inline policies
# need less than the 2,560 that are left.
DOCUMENT_LIMIT: Final = 6_144
INLINE_LIMIT: Final = 10_240 - 2_560
ANYONE: Final = "*:handshake/*"

_LONGEST_PARTITION: Final = "aws-us-gov"


class PermissionsError(ValueError):
    """The policy needs more than IAM can hold; the message says what to do."""


def rules_with(policy: Policy, effect: str) -> list[Rule]:
    """The rules of an effect."""
    return [rule for rule in policy.rules if rule.effect == effect]


def lets_members_leave(policy: Policy) -> bool:
    """True if an accept rule permits leaving an organization; IAM can't limit that to the one rule."""
    return any(rule.leave_organization for rule in rules_with(policy, "accept"))


def senders_of(rule: Rule) -> Iterator[str]:
    """Patterns of the senders that a rule can match.

    If a rule names organizations and management accounts, its organizations are enough: each has one management
    account.
    """
    if rule.organizations is not None:
        return (f"*:handshake/{organization}/*" for organization in rule.organizations)
    if rule.management_accounts is not None:
        return (f"{account}:handshake/*" for account in rule.management_accounts)
    return iter([ANYONE])


def holds_for_good(rule: Rule) -> bool:
    """True if a rule's conditions are about senders and actions alone, and never expire.

    A rule that excludes senders or receivers does not count: an ARN pattern can't exclude.
    """
    others = (rule.management_emails, rule.accounts, rule.notes, rule.expires)
    excluded = (rule.not_organizations, rule.not_management_accounts, rule.not_accounts)
    return (*others, *excluded) == (None,) * 7


def arn(sender: str, partition: str) -> str:
    """The pattern of the ARNs of a sender's handshakes."""
    return f"arn:{partition}:organizations::{sender}"


def make_statement(sid: str, effect: str, action: str, resources: list[str]) -> Statement:
    """A statement about one action."""
    return {"Sid": sid, "Effect": effect, "Action": action, "Resource": resources}


class Grant(NamedTuple):
    """One action, allowed or denied."""

    sid: str
    effect: str
    action: str

    def to(self, resources: list[str]) -> Statement:
        """The statement for some resources."""
        return make_statement(self.sid, self.effect, self.action, resources)


def make_document(statements: Iterable[Mapping[str, Any]]) -> Document:
    """A policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def pack(documents: Sequence[Document], grant: Grant, senders: Sequence[str], *, partition: str) -> list[Document]:
    """The documents with a grant for all senders, in the last document and, once it is full, in further ones.

    The first document fits an inline policy, each other document a managed policy, even in the longest partition.
    """
    *full, last = documents
    statements: list[Statement] = last["Statement"]
    batch: list[str] = []
    begun = make_document([*statements, grant.to([])])
    room = (DOCUMENT_LIMIT if full else INLINE_LIMIT) - _size(begun, partition)
    for sender in senders:
        needed = len(arn(sender, _LONGEST_PARTITION)) + len('"",')
        if needed > room:
            full.append(make_document([*statements, *([grant.to(batch)] if batch else [])]))
            statements, batch, room = [], [], DOCUMENT_LIMIT - _size(make_document([grant.to([])]))
        batch.append(arn(sender, partition))
        room -= needed
    return [*full, make_document([*statements, *([grant.to(batch)] if batch else [])])]


def _size(document: Document, partition: str = "") -> int:
    """A document's characters as IAM counts them, in the longest partition."""
    text = json.dumps(document, separators=(",", ":"))
    return len(text.replace(f"arn:{partition}:", f"arn:{_LONGEST_PARTITION}:") if partition else text)


def unique(senders: Iterable[str]) -> list[str]:
    """Each sender once, in their order."""
    return list(dict.fromkeys(senders))
