"""Policy, handshake and time in; decision out. Pure.

A handshake that can't be judged is undecided. Of the rules that match, the strictest effect wins (decline over allow
over accept). If no rule matches, a protected action is allowed and everything else gets the default. A decline that has
to wait is undecided if the handshake's age is unknown.
"""

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.index import EXCLUDED_BY, VALUE_OF, every, index, select
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Effect, Policy, Rule

STRICTEST_FIRST: Final[tuple[Effect, ...]] = ("decline", "allow", "accept")
_THIRD_PERSON: Final[dict[Effect, str]] = {"decline": "declines", "allow": "allows", "accept": "accepts"}
_NAMES_IN_A_SENTENCE: Final = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about one handshake: an effect, or undecided, and the reason.

    `rules` are the names of the rules that decided; it is empty for the default, a protected action and undecided.
    `reason` is one sentence without any text of the sender.
    """

    effect: Effect | Literal["undecided"]
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A condition of a rule that does not hold: what the handshake has (`found`), and what the rule names (`wanted`).

    `found` holds the sender's text if the condition is `management_emails` or a part of `notes`.
    """

    rule: str
    condition: str
    found: tuple[str, ...]
    wanted: tuple[str, ...]


class Decider:
    """Decides by one policy, with an index: rules about other organizations and accounts cost next to nothing.

    The index selects the rules whose exact conditions hold. Keywords and globs are compared for these rules only.
    """

    def __init__(self, policy: Policy) -> None:
        """Index the policy's rules."""
        self.policy = policy
        self._indexes = [(value_of, index(policy.rules, condition)) for condition, value_of in VALUE_OF.items()]

    def decide(self, handshake: Handshake, now: datetime) -> Decision:
        """Decide about one handshake at one time (timezone-aware)."""
        return _decide(self.policy, handshake, now, self._candidates)

    def _candidates(self, handshake: Handshake) -> Iterator[Rule]:
        """The rules whose exact conditions all hold, in the policy's order."""
        left = every(self.policy.rules)
        for value_of, indexed in self._indexes:
            left &= indexed.holding(value_of(handshake))
        return select(self.policy.rules, left)


def decide_reference(policy: Policy, handshake: Handshake, now: datetime) -> Decision:
    """The decision by every condition of every rule: the definition that `Decider` must agree with."""
    return _decide(policy, handshake, now, lambda _: policy.rules)


def _decide(
    policy: Policy, handshake: Handshake, now: datetime, candidates: Callable[[Handshake], Iterable[Rule]]
) -> Decision:
    if handshake.problems:
        return Decision("undecided", f"it can't be judged: {'; '.join(handshake.problems)}")
    return require_age(_decide_by_rules(policy, handshake, now, candidates), policy, handshake, now)


def require_age(decision: Decision, policy: Policy, handshake: Handshake, now: datetime) -> Decision:
    """The decision; but a decline that has to wait is undecided if the handshake's age is unknown.

    A time to decline would be a guess.
    """
    if decision.effect == "decline" and policy.wait and handshake.requested_at is None and handshake.is_pending(now):
        reason = f"{decision.reason}; but declines wait, and its RequestedTimestamp is missing"
        return replace(decision, effect="undecided", reason=reason)
    return decision


def _decide_by_rules(
    policy: Policy, handshake: Handshake, now: datetime, candidates: Callable[[Handshake], Iterable[Rule]]
) -> Decision:
    notes = normalize(handshake.notes)
    matching = [rule for rule in candidates(handshake) if _matches(rule, handshake, notes, now)]
    for effect in STRICTEST_FIRST:
        names = tuple(rule.name for rule in matching if rule.effect == effect)
        if names:
            verb = effect if len(names) > 1 else _THIRD_PERSON[effect]
            return Decision(effect, f"{_name_rules(names)} {verb} {_subject(handshake)}", names)
    if handshake.action in policy.protect:
        reason = f"no rule matches {_subject(handshake)}; the action is protected, so a person answers it"
        return Decision("allow", reason)
    reason = f"no rule matches {_subject(handshake)}, and the default is {policy.default}"
    return Decision(policy.default, reason)


def all_mismatches(rule: Rule, handshake: Handshake, notes: str, now: datetime) -> Iterator[Mismatch]:
    """Every condition of a rule that does not hold; `notes` are the handshake's, normalized."""
    if rule.expires is not None and rule.is_expired(now):
        yield Mismatch(rule.name, "expires", (now.astimezone(UTC).date().isoformat(),), (rule.expires.isoformat(),))
    for condition, value_of in VALUE_OF.items():
        contrary, value = EXCLUDED_BY[condition], value_of(handshake)
        wanted: tuple[str, ...] | None = getattr(rule, condition)
        unwanted: tuple[str, ...] | None = getattr(rule, contrary)
        if wanted is not None and value not in wanted:
            yield Mismatch(rule.name, condition, (value,), wanted)
        if unwanted is not None and value in unwanted:
            yield Mismatch(rule.name, contrary, (value,), unwanted)
    globs = rule.management_emails
    if globs is not None and not any(_is_like(email, globs) for email in handshake.emails):
        yield Mismatch(rule.name, "management_emails", handshake.emails, globs)
    if rule.notes is not None:
        for part, keywords in rule.notes.failures(notes):
            yield Mismatch(rule.name, f"notes.{part}", (handshake.notes,), keywords)


def _matches(rule: Rule, handshake: Handshake, notes: str, now: datetime) -> bool:
    return next(all_mismatches(rule, handshake, notes, now), None) is None


def _is_like(email: str, globs: tuple[str, ...]) -> bool:
    folded = email.casefold()
    return any(fnmatch.fnmatchcase(folded, glob) for glob in globs)


def _subject(handshake: Handshake) -> str:
    sender = f"organization {handshake.organization} (management account {handshake.management_account})"
    return f"{handshake.action} from {sender}"


def _name_rules(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f"rule {names[0]}"
    if len(names) > _NAMES_IN_A_SENTENCE:
        return f"rules {', '.join(names[:_NAMES_IN_A_SENTENCE])} and {len(names) - _NAMES_IN_A_SENTENCE} more"
    return f"rules {', '.join(names[:-1])} and {names[-1]}"
