"""What a policy needs, and what it rules out, as IAM statements and as a service control policy. Pure.

A handshake's ARN is `arn:<partition>:organizations::<management account>:handshake/<organization>/<type>/<id>`: account
and organization are the sender's. Accept, Decline and Describe take it as resource and have no condition keys; listing
takes no resource (Service Authorization Reference, AWS Organizations). Of the types AWS's documents show only some: an
Allow never names one.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from invitation_responder.policy import Policy, Rule

Statement = dict[str, Any]
Document = dict[str, Any]

DOCUMENT_LIMIT: Final = 6_144  # a managed policy's characters, white space not counted
MOST_DOCUMENTS: Final = 9  # of the ten managed policies that a role can have; one stays free for its owner
SCP_LIMIT: Final = 5_120
MOVER: Final = "arn:*:iam::*:role/account-mover"
RESPONDER: Final = "arn:*:iam::*:role/InvitationResponder-*"

_LONGEST_PARTITION: Final = "aws-us-gov"
_ANYONE: Final = "*:handshake/*"
# Real organization ids have ten characters behind `o-`. AWS assigns them: nobody can choose one that begins like yours.
_TELLING: Final = len("o-") + 10


class PermissionsError(ValueError):
    """The policy asks for more than IAM can hold; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """IAM policy documents, each of which fits a managed policy, and how many senders' Denies found no room in them.

    Those Denies are a second lock: without them the compiled policy alone keeps these senders from being declined.
    """

    documents: list[Document]
    denies_left_out: int = 0


def answer_permissions(policy: Policy, *, partition: str) -> Permissions:
    """What the function's role may do, as far as handshakes go.

    Audit mode: reading, and no permission to answer. Else declining, unless no handshake can be declined; accepting
    from the senders that an accept rule names; and never declining what no rule or default could decline. Leaving the
    present organization is not granted: AWS's documents are silent on whether accepting needs it of a member.

    Raises `PermissionsError` where the accept rules name more senders than fit.
    """
    statements = [
        _statement("List", "Allow", "organizations:ListHandshakesForAccount", ["*"]),
        _statement("Read", "Allow", "organizations:DescribeHandshake", [_arn(_ANYONE, partition)]),
    ]
    if policy.mode == "audit":
        return Permissions([_document(statements)])
    if policy.default == "decline" or _rules(policy, "decline"):
        statements.append(_statement("Decline", "Allow", "organizations:DeclineHandshake", [_arn(_ANYONE, partition)]))
    accepted = _senders_accepted(policy)
    if accepted:
        statements.append(_service_linked_role(partition))
    documents = _shortest_that_fits(_pack_accepts(statements, partition), accepted)
    if len(documents) > MOST_DOCUMENTS:
        raise PermissionsError(
            f"the accept rules name {len(accepted)} senders, more than the {MOST_DOCUMENTS} managed policies of a role "
            "hold; name fewer, or let a person accept (`effect: allow`)"
        )
    whole = _shortest_that_fits(_pack_denies(documents, partition), list(_never_declined(policy)))
    left_out = sum(_senders_in(document) for document in whole[MOST_DOCUMENTS:])
    return Permissions(whole[:MOST_DOCUMENTS], denies_left_out=left_out)


def _shortest_that_fits(pack: Callable[[list[str]], list[Document]], senders: list[str]) -> list[Document]:
    """The documents about senders as they are named; where these are too many, about shorter patterns for them."""
    documents = pack(senders)
    return documents if len(documents) <= MOST_DOCUMENTS else pack(_unique(_compact(sender) for sender in senders))


def _pack_accepts(statements: list[Statement], partition: str) -> Callable[[list[str]], list[Document]]:
    action = "organizations:AcceptHandshake"
    return lambda senders: _pack(statements, senders, sid="Accept", effect="Allow", action=action, partition=partition)


def _pack_denies(documents: list[Document], partition: str) -> Callable[[list[str]], list[Document]]:
    """Behind what the documents say, from the last one of them on."""
    *full, last = documents
    action = "organizations:DeclineHandshake"
    return lambda senders: [
        *full,
        *_pack(last["Statement"], senders, sid="NeverDecline", effect="Deny", action=action, partition=partition),
    ]


def _senders_in(document: Document) -> int:
    return sum(len(statement["Resource"]) for statement in document["Statement"])


def service_control_policy(policy: Policy, *, movers: Sequence[str] = (MOVER,)) -> Document:
    """What prevents, in a member account, that somebody accepts what the policy does not allow.

    Only `movers` (patterns of principal ARNs) may accept a handshake or leave the organization, and the responder
    itself where the policy accepts; nobody accepts from a sender that the policy always declines, if there is room.
    Raises `PermissionsError` where `movers` alone are more than an SCP holds.
    """
    accept, leave = "organizations:AcceptHandshake", "organizations:LeaveOrganization"
    if _rules(policy, "accept"):
        statements = [
            _deny_all_but([*movers, RESPONDER], "NobodyAccepts", [accept]),
            _deny_all_but(movers, "NobodyLeaves", [leave]),
        ]
    else:
        statements = [_deny_all_but(movers, "NobodyMovesThisAccount", [accept, leave])]
    declined = _unique(
        sender for rule in _rules(policy, "decline") if _is_about_senders_alone(rule) for sender in _senders(rule)
    )
    if declined:
        never = _statement("NotEvenMovers", "Deny", "organizations:AcceptHandshake", [_arn(s, "*") for s in declined])
        if _size_as_pasted([*statements, never]) <= SCP_LIMIT:
            statements.append(never)
    size = _size_as_pasted(statements)
    if size > SCP_LIMIT:
        raise PermissionsError(
            f"a service control policy that names {len(movers)} movers has {size:,} characters, and AWS takes "
            f"{SCP_LIMIT:,}; name fewer, or shorter patterns"
        )
    return _document(statements)


def _size_as_pasted(statements: Sequence[Statement]) -> int:
    """White space counts in an SCP: the size is that of the text that people paste."""
    return len(json.dumps(_document(statements), indent=2))


def _deny_all_but(principals: Sequence[str], sid: str, actions: list[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": actions,
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(principals)}},
    }


def _rules(policy: Policy, effect: str) -> list[Rule]:
    return [rule for rule in policy.rules if rule.effect == effect]


def _senders_accepted(policy: Policy) -> list[str]:
    senders = _unique(sender for rule in _rules(policy, "accept") for sender in _senders(rule))
    return [_ANYONE] if _ANYONE in senders else senders


def _senders(rule: Rule) -> Iterator[str]:
    """Whom a rule can match. An organization has one management account: where both are named, it is enough."""
    if rule.organizations is not None:
        return (f"*:handshake/{organization}/*" for organization in rule.organizations)
    if rule.management_accounts is not None:
        return (f"{account}:handshake/*" for account in rule.management_accounts)
    return iter([_ANYONE])


def _compact(sender: str) -> str:
    """A shorter pattern for an organization: as much of its id as tells it from any other that AWS assigned."""
    account, _, rest = sender.partition(":handshake/")
    organization = rest.removesuffix("/*")
    is_whole = organization.startswith("o-") and "/" not in organization
    return f"{account}:*/{organization[:_TELLING]}*" if is_whole else sender


def _never_declined(policy: Policy) -> Iterator[str]:
    """The handshakes that neither a rule nor the default can decline, whatever else they say."""
    declining = _rules(policy, "decline")
    for action in policy.protect:
        if not any(rule.actions is None or action in rule.actions for rule in declining):
            yield f"*:handshake/*/{action.lower()}/*"
    for rule in policy.rules:
        if rule.effect == "decline" or not _holds_for_good(rule):
            continue
        # `invite` is the one type beside the protected ones that AWS's documents show.
        types = ["*"] if rule.actions is None else ["invite/*"] if "INVITE" in rule.actions else []
        actions = None if rule.actions is None else ("INVITE",)
        pairs = product(rule.organizations or [None], rule.management_accounts or [None])
        for organization, account in pairs:
            if any(_overlap(other, organization, account, actions) for other in declining):
                continue
            for kind in types:
                yield f"{account or '*'}:handshake/{organization or '*'}/{kind}"


def _holds_for_good(rule: Rule) -> bool:
    """Whether a rule asks for nothing but who the sender is and what is asked."""
    return (rule.management_emails, rule.accounts, rule.notes, rule.expires) == (None,) * 4


def _is_about_senders_alone(rule: Rule) -> bool:
    """Whether a rule matches all that certain senders ask for, and not everybody."""
    named = (rule.organizations is None) != (rule.management_accounts is None)
    return named and rule.actions is None and _holds_for_good(rule)


def _overlap(rule: Rule, organization: str | None, account: str | None, actions: tuple[str, ...] | None) -> bool:
    """Whether a rule could match a handshake of that sender; None is any."""
    return (
        (organization is None or rule.organizations is None or organization in rule.organizations)
        and (account is None or rule.management_accounts is None or account in rule.management_accounts)
        and (actions is None or rule.actions is None or not set(actions).isdisjoint(rule.actions))
    )


def _service_linked_role(partition: str) -> Statement:
    """Accepting makes Organizations' own role in the account, in the name of whoever accepts."""
    role = "aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations"
    return {
        **_statement("Join", "Allow", "iam:CreateServiceLinkedRole", [f"arn:{partition}:iam::*:role/{role}"]),
        "Condition": {"StringEquals": {"iam:AWSServiceName": "organizations.amazonaws.com"}},
    }


def _pack(
    first: Sequence[Statement], senders: Sequence[str], *, sid: str, effect: str, action: str, partition: str
) -> list[Document]:
    """Documents that say `first`, and `action` for all senders; each within IAM's limit in the longest partition."""
    documents: list[Document] = []
    statements = list(first)
    batch: list[str] = []
    empty = _size(_document([_statement(sid, effect, action, [])]))
    room = DOCUMENT_LIMIT - _size(_document([*statements, _statement(sid, effect, action, [])]), partition)
    for sender in senders:
        needed = len(_arn(sender, _LONGEST_PARTITION)) + len('"",')
        if needed > room:
            documents.append(_document([*statements, *([_statement(sid, effect, action, batch)] if batch else [])]))
            statements, batch, room = [], [], DOCUMENT_LIMIT - empty
        batch.append(_arn(sender, partition))
        room -= needed
    documents.append(_document([*statements, *([_statement(sid, effect, action, batch)] if batch else [])]))
    return documents


def _size(document: Document, partition: str = "") -> int:
    """A document's characters as IAM counts them, in the longest partition."""
    text = json.dumps(document, separators=(",", ":"))
    return len(text.replace(f"arn:{partition}:", f"arn:{_LONGEST_PARTITION}:") if partition else text)


def _arn(sender: str, partition: str) -> str:
    return f"arn:{partition}:organizations::{sender}"


def _statement(sid: str, effect: str, action: str, resources: list[str]) -> Statement:
    return {"Sid": sid, "Effect": effect, "Action": action, "Resource": resources}


def _document(statements: Iterable[Mapping[str, Any]]) -> Document:
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def _unique(senders: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(senders))
