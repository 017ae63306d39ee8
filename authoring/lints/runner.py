"""All lints of a policy, without what its author chose to ignore. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from authoring.diagnostics.catalog import EXPIRED, EXPIRES_SOON, NEEDLESS
from authoring.diagnostics.finding import Finding, Found
from authoring.diagnostics.mistakes import path_of, shown
from authoring.language.compiler import Source
from authoring.lints.exclusions import idle_exclusions
from authoring.lints.expiry import expiring_rules
from authoring.lints.keywords import contained_keywords, keywords_like_patterns
from authoring.lints.overlap import idle_rules, same_rules, torn_organizations
from authoring.lints.policy import declined_at_once, declined_protected_actions, nothing_declined
from authoring.lints.trust import (
    accepting_members,
    example_senders,
    forgeable_rules,
    moving_rules,
    patterns_without_address,
)
from invitation_responder.core.policy import Rule

_LINTS: Final[tuple[Callable[[Source, datetime], Iterator[Found]], ...]] = (
    forgeable_rules,
    moving_rules,
    accepting_members,
    expiring_rules,
    idle_rules,
    same_rules,
    torn_organizations,
    declined_protected_actions,
    contained_keywords,
    keywords_like_patterns,
    idle_exclusions,
    nothing_declined,
    declined_at_once,
    example_senders,
    patterns_without_address,
)


def lint(source: Source, now: datetime) -> list[Finding]:
    """What is found in a policy at a time, in the order of files, lines and columns."""
    found = [one for look in _LINTS for one in look(source, now)]
    told = [one for one in found if not _is_ignored(source, one)]
    told.extend(_needless(source, found, now))
    return sorted(_place(source, one) for one in told)


def _is_ignored(source: Source, found: Found) -> bool:
    if found.rule is not None:
        return found.lint.id in source.rules[found.rule].said.ignore
    return any(found.lint.id in said.ignore for said in source.said.values())


def _needless(source: Source, found: list[Found], now: datetime) -> Iterator[Found]:
    """What is ignored without being there: left over, or meant for another rule."""
    by_name = {rule.name: rule for rule in source.policy.rules}
    there = {(one.rule, one.lint.id) for one in found}
    ignored: list[tuple[str | None, str]] = [(None, name) for said in source.said.values() for name in said.ignore]
    ignored += [(rule, name) for rule, place in source.rules.items() for name in place.said.ignore]
    for rule, name in ignored:
        if (rule, name) not in there and not (rule and _comes_and_goes(by_name[rule], name, now)):
            told = f"ignores {shown(name)}, which is not found"
            in_whole = f"the policy {told} in it as a whole (remove it; what concerns a rule is ignored in that rule)"
            message = f"{told} in it (remove it)" if rule else in_whole
            yield Found(NEEDLESS, rule, ("ignore", name), message)


def _comes_and_goes(rule: Rule, lint: str, now: datetime) -> bool:
    """Whether it is the calendar alone that makes a lint appear in a rule, or vanish from it."""
    return rule.is_expired(now) or (rule.expires is not None and lint in (EXPIRED.id, EXPIRES_SOON.id))


def _place(source: Source, found: Found) -> Finding:
    severity = found.severity or found.lint.severity
    if found.rule is None:
        file, node = source.find(*found.loc)
        place, loc = (node.key if found.loc[0] == "ignore" else node.place), found.loc
        return Finding(file, *place, path_of(loc), found.lint.id, found.message, severity)
    rule = source.rules[found.rule]
    inner = rule.node.find(found.loc) or rule.node
    place = inner.key if found.loc[0] == "ignore" else inner.place
    message = f"rule {shown(found.rule)} {found.message}"
    return Finding(rule.file, *place, path_of((*rule.loc, *found.loc)), found.lint.id, message, severity)
