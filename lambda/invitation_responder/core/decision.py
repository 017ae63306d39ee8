"""Policy, handshake and time in; decision out. Pure.

A handshake that can't be judged is undecided. Of the rules that match, the strictest effect wins (decline over allow
over accept). If no rule matches, a protected action is allowed and everything else gets the default. A decline that has
to wait is undecided if the handshake's age is unknown.
"""

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final, Literal

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.index import EXACT_CONDITIONS, EXCLUDED_BY, exact_values, index, select
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Default, Effect, Policy, Rule

STRICTEST_FIRST: Final[tuple[Effect, ...]] = ("decline", "allow", "accept")
_THIRD_PERSON: Final[dict[Effect, str]] = {"decline": "declines", "allow": "allows", "accept": "accepts"}
_NAMES_IN_A_SENTENCE: Final = 3


class Decision:
    """The decision about one handshake: an effect, or undecided, and the reason.

    `rules` are the names of the rules that decided; it is empty for the default, a protected action and undecided.
    `reason` is one sentence without any text of the sender; it is written when somebody first reads it.
    """

    __slots__ = ("_reason", "effect", "rules")

    def __init__(
        self, effect: Effect | Literal["undecided"], reason: str | Callable[[], str], rules: tuple[str, ...] = ()
    ) -> None:
        """`reason` is the sentence, or what writes it."""
        self.effect = effect
        self.rules = rules
        self._reason = reason

    @property
    def reason(self) -> str:
        """The reason, in one sentence."""
        if not isinstance(self._reason, str):
            self._reason = self._reason()
        return self._reason

    def __eq__(self, other: object) -> bool:
        """True for a decision with the same effect, rules and reason."""
        return isinstance(other, Decision) and self._key() == other._key()

    def __hash__(self) -> int:
        """The hash that goes with `==`."""
        return hash(self._key())

    def __repr__(self) -> str:
        """The decision as code."""
        return f"Decision({self.effect!r}, {self.reason!r}, {self.rules!r})"

    def _key(self) -> tuple[str, str, tuple[str, ...]]:
        return self.effect, self.reason, self.rules


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
        self._tables = [index(policy.rules, condition).table() for condition in EXACT_CONDITIONS]

    def decide(self, handshake: Handshake, now: datetime) -> Decision:
        """Decide about one handshake at one time (timezone-aware)."""
        # Written out: a loop over the four takes a quarter of a decision's time.
        (actions, any_action), (organizations, anybody), (owners, any_owner), (accounts, any_account) = self._tables
        action, organization, owner, account = exact_values(handshake)
        left = (
            actions.get(action, any_action)
            & organizations.get(organization, anybody)
            & owners.get(owner, any_owner)
            & accounts.get(account, any_account)
        )
        matching: list[Rule] = []
        if left:
            candidates = list(select(self.policy.rules, left))
            notes = _notes_for(candidates, handshake)
            matching = [
                rule for rule in candidates if next(_inexact_mismatches(rule, handshake, notes, now), None) is None
            ]
        return _decide(self.policy, handshake, now, matching)


def decide_reference(policy: Policy, handshake: Handshake, now: datetime) -> Decision:
    """The decision by every condition of every rule: the definition that `Decider` must agree with."""
    notes = normalize(handshake.notes)
    matching = [rule for rule in policy.rules if next(all_mismatches(rule, handshake, notes, now), None) is None]
    return _decide(policy, handshake, now, matching)


def _notes_for(rules: Iterable[Rule], handshake: Handshake) -> str:
    """The handshake's notes, normalized if a rule compares them: of long notes that takes longer than all the rest."""
    return normalize(handshake.notes) if any(rule.notes is not None for rule in rules) else ""


def _decide(policy: Policy, handshake: Handshake, now: datetime, matching: list[Rule]) -> Decision:
    """The decision about a handshake for which these rules match."""
    if handshake.problems:
        return Decision("undecided", f"it can't be judged: {'; '.join(handshake.problems)}")
    return require_age(_decide_by_rules(policy, handshake, matching), policy, handshake, now)


def require_age(decision: Decision, policy: Policy, handshake: Handshake, now: datetime) -> Decision:
    """The decision; but a decline that has to wait is undecided if the handshake's age is unknown.

    A time to decline would be a guess.
    """
    if decision.effect == "decline" and policy.wait and handshake.requested_at is None and handshake.is_pending(now):
        reason = f"{decision.reason}; but declines wait, and its RequestedTimestamp is missing"
        return Decision("undecided", reason, decision.rules)
    return decision


def _decide_by_rules(policy: Policy, handshake: Handshake, matching: list[Rule]) -> Decision:
    for effect in STRICTEST_FIRST if matching else ():
        names = tuple(rule.name for rule in matching if rule.effect == effect)
        if names:
            return Decision(effect, partial(_describe_match, effect, names, handshake), names)
    if handshake.action in policy.protect:
        return Decision("allow", partial(_describe_protection, handshake))
    return Decision(policy.default, partial(_describe_default, policy.default, handshake))


def _describe_protection(handshake: Handshake) -> str:
    return f"no rule matches {_subject(handshake)}; the action is protected, so a person answers it"


def _describe_default(default: Default, handshake: Handshake) -> str:
    return f"no rule matches {_subject(handshake)}, and the default is {default}"


def _describe_match(effect: Effect, names: tuple[str, ...], handshake: Handshake) -> str:
    verb = effect if len(names) > 1 else _THIRD_PERSON[effect]
    return f"{_name_rules(names)} {verb} {_subject(handshake)}"


def all_mismatches(rule: Rule, handshake: Handshake, notes: str, now: datetime) -> Iterator[Mismatch]:
    """Every condition of a rule that does not hold; `notes` are the handshake's, normalized."""
    yield from _expiry(rule, now)
    yield from _exact_mismatches(rule, handshake)
    yield from _text_mismatches(rule, handshake, notes)


def _exact_mismatches(rule: Rule, handshake: Handshake) -> Iterator[Mismatch]:
    for condition, value in zip(EXACT_CONDITIONS, exact_values(handshake), strict=True):
        contrary = EXCLUDED_BY[condition]
        wanted: tuple[str, ...] | None = getattr(rule, condition)
        unwanted: tuple[str, ...] | None = getattr(rule, contrary)
        if wanted is not None and value not in wanted:
            yield Mismatch(rule.name, condition, (value,), wanted)
        if unwanted is not None and value in unwanted:
            yield Mismatch(rule.name, contrary, (value,), unwanted)


def _inexact_mismatches(rule: Rule, handshake: Handshake, notes: str, now: datetime) -> Iterator[Mismatch]:
    """The mismatches of the conditions that have no index."""
    yield from _expiry(rule, now)
    yield from _text_mismatches(rule, handshake, notes)


def _expiry(rule: Rule, now: datetime) -> Iterator[Mismatch]:
    if rule.expires is not None and rule.is_expired(now):
        yield Mismatch(rule.name, "expires", (now.astimezone(UTC).date().isoformat(),), (rule.expires.isoformat(),))


def _text_mismatches(rule: Rule, handshake: Handshake, notes: str) -> Iterator[Mismatch]:
    globs = rule.management_emails
    if globs is not None and not any(_is_like(email, globs) for email in handshake.emails):
        yield Mismatch(rule.name, "management_emails", handshake.emails, globs)
    if rule.notes is not None:
        for part, keywords in rule.notes.failures(notes):
            yield Mismatch(rule.name, f"notes.{part}", (handshake.notes,), keywords)


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
