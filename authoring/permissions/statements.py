"""The IAM that permissions and prevention are written in: statements about senders, and documents that fit. Pure.

A handshake's ARN is `arn:<partition>:organizations::<management account>:handshake/<organization>/<type>/<id>`: account
and organization are the sender's. Accept, Decline and Describe take it as resource and have no condition keys; listing
takes no resource (Service Authorization Reference, AWS Organizations).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from invitation_responder.core.policy import Policy, Rule

Statement = dict[str, Any]
Document = dict[str, Any]

# In characters, white space not counted. A role's inline policies share one limit; the function's others need less than
# what is left of it.
DOCUMENT_LIMIT: Final = 6_144
INLINE_LIMIT: Final = 10_240 - 2_048
ANYONE: Final = "*:handshake/*"

_LONGEST_PARTITION: Final = "aws-us-gov"


class PermissionsError(ValueError):
    """The policy asks for more than IAM can hold; the message says what to do."""


def rules_with(policy: Policy, effect: str) -> list[Rule]:
    """The rules of an effect."""
    return [rule for rule in policy.rules if rule.effect == effect]


def lets_members_leave(policy: Policy) -> bool:
    """Whether the role may leave an organization, for whichever rule accepts."""
    return any(rule.leave_organization for rule in rules_with(policy, "accept"))


def senders_of(rule: Rule) -> Iterator[str]:
    """Whom a rule can match. An organization has one management account: where both are named, it is enough."""
    if rule.organizations is not None:
        return (f"*:handshake/{organization}/*" for organization in rule.organizations)
    if rule.management_accounts is not None:
        return (f"{account}:handshake/*" for account in rule.management_accounts)
    return iter([ANYONE])


def holds_for_good(rule: Rule) -> bool:
    """Whether a rule asks for nothing but which the senders are and what is asked. An ARN can't say who is excluded."""
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
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def pack(documents: Sequence[Document], grant: Grant, senders: Sequence[str], *, partition: str) -> list[Document]:
    """The documents with a grant for all senders, behind what the last one says; and more of them if there is no room.

    The first document fits an inline policy, each other one a managed policy, in the longest partition, too.
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
    """Each of them once, in their order."""
    return list(dict.fromkeys(senders))
