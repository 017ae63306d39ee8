"""All lints of a policy, without the diagnostics that its author ignores. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from invitation_responder.core.policy import Rule

from ..diagnostics.catalog import EXPIRED_RULE, EXPIRING_RULE, UNUSED_IGNORE
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import quote
from ..language.source_map import Source
from .exclusions import redundant_exclusions
from .expiry import expiring_rules
from .keywords import pattern_keywords, redundant_keywords
from .overlap import conflicting_rules, duplicate_rules, shadowed_rules
from .policy import declined_protected_actions, declines_without_wait, nothing_declined
from .trust import (
    example_senders,
    impossible_addresses,
    members_that_leave,
    unattended_moves,
    untrusted_sender_texts,
)

_LINTS: Final[tuple[Callable[[Source, datetime], Iterator[Diagnostic]], ...]] = (
    untrusted_sender_texts,
    unattended_moves,
    members_that_leave,
    expiring_rules,
    shadowed_rules,
    duplicate_rules,
    conflicting_rules,
    declined_protected_actions,
    redundant_keywords,
    pattern_keywords,
    redundant_exclusions,
    nothing_declined,
    declines_without_wait,
    example_senders,
    impossible_addresses,
)


def lint(source: Source, now: datetime) -> list[Diagnostic]:
    """The diagnostics of a valid policy at a time (timezone-aware), in the order of files, lines and columns."""
    diagnostics = [diagnostic for check in _LINTS for diagnostic in check(source, now)]
    kept = [diagnostic for diagnostic in diagnostics if not _is_ignored(source, diagnostic)]
    return sorted([*kept, *_unused_ignores(source, diagnostics, now)])


def _is_ignored(source: Source, diagnostic: Diagnostic) -> bool:
    if diagnostic.rule is not None:
        return diagnostic.code in source.rules[diagnostic.rule].authored.ignore
    return any(diagnostic.code in authored.ignore for authored in source.authored.values())


def _unused_ignores(source: Source, diagnostics: list[Diagnostic], now: datetime) -> Iterator[Diagnostic]:
    """Ignored ids that have no diagnostic: left over, or meant for another rule."""
    by_name = {rule.name: rule for rule in source.policy.rules}
    there = {(diagnostic.rule, diagnostic.code) for diagnostic in diagnostics}
    ignored: list[tuple[str | None, str]] = [
        (None, code) for authored in source.authored.values() for code in authored.ignore
    ]
    ignored += [(rule, code) for rule, place in source.rules.items() for code in place.authored.ignore]
    for rule, code in ignored:
        if (rule, code) not in there and not (rule and _depends_on_the_day(by_name[rule], code, now)):
            unused = f"ignores {quote(code)}, which is not found"
            in_whole = f"the policy {unused} in it as a whole (remove it; what concerns a rule is ignored in that rule)"
            message = f"{unused} in it (remove it)" if rule else in_whole
            yield source.diagnose(UNUSED_IGNORE, rule, ("ignore", code), message)


def _depends_on_the_day(rule: Rule, code: str, now: datetime) -> bool:
    """True if a diagnostic can appear in a rule, or vanish from it, by the calendar alone."""
    return rule.is_expired(now) or (rule.expires is not None and code in (EXPIRED_RULE.id, EXPIRING_RULE.id))
