"""Lints of rules in each other's way, by the exact search for witnesses: a rule that decides is never idle. Pure."""

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from typing import Final

from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.index import by_value
from invitation_responder.core.policy import Rule

from ..analysis.rule_set import RuleSet, content, last_day
from ..analysis.witness import find_witness
from ..diagnostics.catalog import CONFLICTING_RULES, DUPLICATE_RULE, IMPOSSIBLE_RULE, SHADOWED_RULE
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import join_words, quote
from ..language.source_map import Source

_DONE: Final = {"decline": "declined", "allow": "left to a person", "accept": "accepted"}
# More names than these explain nothing.
_MAX_NAMED: Final = 12


def shadowed_rules(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Rules that can match nothing, and rules that never decide since other rules cover all that they match."""
    rules = RuleSet(source.policy, now)
    idle = 0
    for position, rule in enumerate(rules.rules):
        shadowed = _diagnose_shadowed(source, rule, rules, idle)
        if shadowed:
            idle |= 1 << position
            yield shadowed


def _diagnose_shadowed(source: Source, rule: Rule, rules: RuleSet, idle: int) -> Diagnostic | None:
    """The diagnostic of an idle rule; None for any other.

    The rules in `idle` do not count, so that of two rules that cover each other one stays.
    """
    met = rules.overlapping(rule) & rules.active_on(last_day(rule)) & ~idle
    stricter = met & rules.overriding(rule)
    alike = met & rules.of_effect(rule.effect) & ~rules.same_as(rule)
    # First what clears most rules: none of the answers below is possible otherwise.
    if not rules.covers(stricter | alike, rule):
        return None
    if rules.covers(0, rule):
        return _impossible(source, rule)
    if rules.covers(stricter, rule):
        fewest = rules.fewest(rule, stricter)
        by = f"{_done(fewest)} by {_name_rules(fewest)}"
        message = f"never decides: all that it matches is {by} (remove it, or narrow them)"
        return source.diagnose(SHADOWED_RULE, rule.name, ("name",), message)
    names = _name_rules(rules.fewest(rule, stricter, alike))
    message = f"adds nothing: without it all that it matches is decided alike, by {names} (remove it)"
    return source.diagnose(SHADOWED_RULE, rule.name, ("name",), message)


def _impossible(source: Source, rule: Rule) -> Diagnostic:
    """The diagnostic of a rule that can match nothing."""
    if not any(map(rule.is_about, ACTIONS)):
        message = "can match nothing: it excludes every action that there is (mend `not_actions`, or remove the rule)"
        return source.diagnose(IMPOSSIBLE_RULE, rule.name, ("not_actions",), message)
    message = "can match nothing: what it asks of the notes contradicts itself (mend `notes`, or remove the rule)"
    return source.diagnose(IMPOSSIBLE_RULE, rule.name, ("notes",), message)


def _done(rules: Sequence[Rule]) -> str:
    return join_words([done for effect, done in _DONE.items() if any(rule.effect == effect for rule in rules)], "or")


def _name_rules(rules: Sequence[Rule]) -> str:
    names = [quote(rule.name) for rule in rules[:_MAX_NAMED]]
    more = len(rules) - len(names)
    return join_words([*names, f"{more} more"] if more else names, "and")


def duplicate_rules(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """Rules that differ only in their names."""
    by_name = {rule.name: rule for rule in source.policy.rules}
    first: dict[Hashable, str] = {}
    for name in source.rules:
        other = first.setdefault(content(by_name[name]), name)
        if other != name:
            message = f"says the same as rule {quote(other)} at {source.where(other)} (remove one)"
            yield source.diagnose(DUPLICATE_RULE, name, ("name",), message)


def conflicting_rules(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Organizations that one rule lets through and another declines, if both rules can match one handshake."""
    rules = RuleSet(source.policy, now)
    declining = rules.of_effect("decline")
    for organization, naming in by_value(rule.organizations for rule in rules.rules).items():
        for rule in rules.choose(naming & ~declining):
            others = _overlapping(rule, rules, naming & declining)
            if others:
                first, more = next(rules.choose(others)).name, others.bit_count() - 1
                where = f"rule {quote(first)} at {source.where(first)}{f' (and {more} more)' if more else ''}"
                message = f"lets {quote(organization)} through, which {where} declines"
                what = "where both match, it is declined (say it in one place)"
                index = source.rules[rule.name].authored.organizations.index(organization)
                yield source.diagnose(CONFLICTING_RULES, rule.name, ("organizations", index), f"{message}: {what}")


def _overlapping(rule: Rule, rules: RuleSet, bits: int) -> int:
    """Those rules of a set that match some handshake together with a rule."""
    surely = bits & rules.surely_overlapping(rule)
    perhaps = bits & rules.overlapping(rule) & ~surely
    return surely | rules.subset(perhaps, lambda other: find_witness([rule, other], []) is not None)
