"""A policy of the benchmarks as an author would write it in a language that has lists instead of rules.

Most contestants are fastest like this. This favours them: their authors would have to keep the lists
by hand, and nobody can tell any more which rule has decided.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Policy, Rule


@dataclass(frozen=True, slots=True)
class Groups:
    """The policy in lists.

    A handshake stands if its action is `protected`, if its action's `trusted` organizations have its sender, or if a
    `particular` rule matches; but never if its sender is `blocked`.
    """

    protected: tuple[str, ...]
    blocked: tuple[str, ...]
    trusted: dict[str, tuple[str, ...]]
    particular: tuple[Rule, ...]


def group(policy: Policy) -> Groups:
    """Group the rules of a policy that `bench.workload` made, in which no sender has two rules."""
    particular = tuple(filter(_is_particular, policy.rules))
    plain = [rule for rule in policy.rules if not _is_particular(rule)]
    return Groups(
        protected=policy.protect,
        blocked=tuple(_organizations(rule for rule in plain if rule.effect == "decline")),
        trusted={
            action: tuple(_organizations(rule for rule in plain if rule.effect != "decline" and rule.is_about(action)))
            for action in ("INVITE", "TRANSFER_RESPONSIBILITY")
        },
        particular=particular,
    )


def flatten(handshake: Handshake) -> dict[str, str]:
    """The handshake as a contestant's input. Its notes are normalized for the contestants, who can't do it."""
    return {
        "action": handshake.action or "",
        "organization": handshake.organization or "",
        "management_account": handshake.management_account or "",
        "receiver": handshake.receiver,
        "notes": normalize(handshake.notes),
    }


def values_of(rule: Rule) -> dict[str, str | tuple[str, ...]]:
    """The conditions of a particular rule: by the name of the handshake's value, the one value or the alternatives."""
    (action,), (organization,) = rule.actions or (), rule.organizations or ()
    values: dict[str, str | tuple[str, ...]] = {"organization": organization, "action": action}
    if rule.accounts:
        values["receiver"] = rule.accounts
    if rule.management_accounts:
        values["management_account"] = rule.management_accounts
    if rule.notes:
        values["notes"] = rule.notes.any
    return values


def _organizations(rules: Iterable[Rule]) -> Iterator[str]:
    return (organization for rule in rules for organization in rule.organizations or ())


def _is_particular(rule: Rule) -> bool:
    return bool(rule.accounts or rule.management_accounts or rule.notes)
