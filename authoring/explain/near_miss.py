"""The near miss: the smallest change, of a handshake or of a policy, that changes the decision. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations, product
from typing import Any, Final, NamedTuple

from invitation_responder.core.decision import STRICTEST_FIRST, Decision, Mismatch, all_mismatches, decide_reference
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import EXCLUDING, Effect, Keywords, Policy, Rule

from ..analysis.edits import ANY, NONE
from ..analysis.rule_set import DEFAULT, PROTECTION, RuleSet
from ..analysis.witness import Pinned, find_witness

# The aspects that can be changed, the likeliest first. Organization and management account are one aspect, the sender.
_ASPECTS: Final[tuple[tuple[frozenset[str], ...], ...]] = (
    (
        frozenset({"organizations"}),
        frozenset({"management_accounts"}),
        frozenset({"organizations", "management_accounts"}),
    ),
    (frozenset({"notes"}),),
    (frozenset({"management_emails"}),),
    (frozenset({"accounts"}),),
    (frozenset({"actions"}),),
)


class Difference(NamedTuple):
    """One condition whose value, of the handshake or of a rule, changes from `removed` to `added`."""

    condition: str
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Miss:
    """The differences, and the decision that they lead to; `rule` is the edited rule, None if the handshake changes."""

    differences: tuple[Difference, ...]
    decision: Decision
    rule: str | None = None


def nearest_handshake(policy: Policy, handshake: Handshake, now: datetime) -> Miss | None:
    """The handshake that differs from this one in as few aspects as possible and is decided differently.

    None if the policy decides every handshake alike.
    """
    effect = decide_reference(policy, handshake, now).effect
    rule_set = RuleSet(policy, now)
    failing = {rule.name: _failing(rule, handshake, now) for rule in rule_set.rules}
    for free in _freedoms():
        # A rule that fails in any other condition can't match, whatever is changed.
        open_rules = [rule for rule in rule_set.rules if failing[rule.name] <= free]
        for cause in _candidates(rule_set, open_rules, effect):
            before = [rule for rule in open_rules if _decides_before(rule, cause)]
            found = find_witness([cause], before, Pinned(handshake, free))
            if found:
                return Miss(_differences(handshake, found), decide_reference(policy, found, now))
    return None


def _freedoms() -> Iterator[frozenset[str]]:
    for size in range(1, len(_ASPECTS) + 1):
        for aspects in combinations(_ASPECTS, size):
            yield from (frozenset().union(*choice) for choice in product(*aspects))


def _candidates(rule_set: RuleSet, rules: Sequence[Rule], effect: str) -> Iterator[Rule]:
    yield from (rule for rule in rules if rule.effect != effect)
    yield from (default for default in rule_set.defaults if default.effect != effect)


def _decides_before(rule: Rule, cause: Rule) -> bool:
    is_default = cause.name in (PROTECTION, DEFAULT)
    return is_default or STRICTEST_FIRST.index(rule.effect) < STRICTEST_FIRST.index(cause.effect)


def _failing(rule: Rule, handshake: Handshake, now: datetime) -> frozenset[str]:
    """The conditions whose values must change for a rule to match; an exclusion counts as its condition."""
    failed = all_mismatches(rule, handshake, normalize(handshake.notes), now)
    conditions = (mismatch.condition.partition(".")[0] for mismatch in failed)
    return frozenset(EXCLUDING.get(condition, condition) for condition in conditions)


def _differences(old: Handshake, new: Handshake) -> tuple[Difference, ...]:
    pairs = {
        "organizations": (old.organization, new.organization),
        "management_accounts": (old.management_account, new.management_account),
        "accounts": (old.receiver, new.receiver),
        "actions": (old.action, new.action),
        "management_emails": (", ".join(old.emails), ", ".join(new.emails)),
        "notes": (old.notes, new.notes),
    }
    return tuple(Difference(name, was or "", now or "") for name, (was, now) in pairs.items() if was != now)


def nearest_edit(policy: Policy, handshake: Handshake, now: datetime) -> Miss | None:
    """The edit of one rule, in as few keys as possible, that changes the decision about the handshake.

    A rule that does not match is widened until it does. If that takes more than one key, another effect is preferred
    for the rule that decides alone, if one does. None if neither changes the decision.
    """
    decision = decide_reference(policy, handshake, now)
    widened = _widest(policy, handshake, now, decision)
    if widened and len(widened.differences) == 1:
        return widened
    return _other_effect(policy, handshake, now, decision) or widened


def _widest(policy: Policy, handshake: Handshake, now: datetime, decision: Decision) -> Miss | None:
    notes = normalize(handshake.notes)
    failed = [(rule, tuple(all_mismatches(rule, handshake, notes, now))) for rule in policy.rules]
    for rule, mismatches in sorted(failed, key=lambda pair: len(pair[1])):
        if mismatches:
            edited, differences = _widen_all(rule, mismatches, handshake, now)
            then = _decide_with(policy, rule, edited, handshake, now)
            if then.effect != decision.effect:
                return Miss(differences, then, rule.name)
    return None


def _other_effect(policy: Policy, handshake: Handshake, now: datetime, decision: Decision) -> Miss | None:
    """The miss by another effect of the rule that decides alone; None if there is no such rule.

    The decision always changes: a new decline overrides the other rules, and if a decline is given up, no other is
    left.
    """
    rule = next((rule for rule in policy.rules if decision.rules == (rule.name,)), None)
    if rule is None:
        return None
    effect: Effect = "allow" if rule.effect == "decline" else "decline"
    then = _decide_with(policy, rule, replace(rule, effect=effect), handshake, now)
    return Miss((Difference("effect", rule.effect, effect),), then, rule.name)


def _decide_with(policy: Policy, rule: Rule, edited: Rule, handshake: Handshake, now: datetime) -> Decision:
    rules = tuple(edited if one is rule else one for one in policy.rules)
    return decide_reference(replace(policy, rules=rules), handshake, now)


def _widen_all(
    rule: Rule, mismatches: Sequence[Mismatch], handshake: Handshake, now: datetime
) -> tuple[Rule, tuple[Difference, ...]]:
    """The rule with each failed condition widened just so far that it holds, and the differences."""
    differences = []
    for mismatch in mismatches:
        rule, difference = _widen(rule, mismatch, handshake, now)
        differences.append(difference)
    return rule, tuple(differences)


def _widen(rule: Rule, mismatch: Mismatch, handshake: Handshake, now: datetime) -> tuple[Rule, Difference]:
    condition, _, part = mismatch.condition.partition(".")
    if condition == "expires":
        tomorrow = date.fromordinal(min(now.date().toordinal() + 1, date.max.toordinal()))
        return replace(rule, expires=tomorrow), Difference("expires", mismatch.wanted[0], tomorrow.isoformat())
    if condition == "notes":
        kept = _keep(part, mismatch.wanted, normalize(handshake.notes))
        keywords = replace(rule.notes or Keywords(), **{part: kept})
        removed = ", ".join(word for word in mismatch.wanted if word not in kept)
        return replace(rule, notes=keywords), Difference(mismatch.condition, removed, "" if kept else ANY)
    if condition in EXCLUDING:
        left = tuple(value for value in mismatch.wanted if value not in mismatch.found)
        without: dict[str, Any] = {condition: left or None}
        return replace(rule, **without), Difference(condition, ", ".join(mismatch.found), "" if left else NONE)
    fields: dict[str, Any] = {condition: None}
    added = next((value for value in mismatch.found if value and not set(value) & set("*?[")), None)
    if added is None:
        return replace(rule, **fields), Difference(condition, ", ".join(mismatch.wanted), ANY)
    added = added.casefold() if condition == "management_emails" else added
    fields[condition] = (*mismatch.wanted, added)
    return replace(rule, **fields), Difference(condition, "", added)


def _keep(part: str, keywords: tuple[str, ...], notes: str) -> tuple[str, ...]:
    """The keywords of a list that the notes do not fail; none of `any`, which fails as a whole."""
    match part:
        case "all":
            return tuple(word for word in keywords if word in notes)
        case "none":
            return tuple(word for word in keywords if word not in notes)
    return ()
