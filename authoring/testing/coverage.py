"""Coverage: the rules of a policy that decide in a case, and the conditions that a case shows to matter. Pure.

A condition matters if it alone keeps a rule from matching: without it, the rule would have matched the case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from invitation_responder.core.decision import all_mismatches
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import VALUE_CONDITIONS, Policy, Rule

from .running import Result

# An organization has one management account, so these conditions fail together and count as a single condition.
SENDER: Final = frozenset({"organizations", "management_accounts", "not_organizations", "not_management_accounts"})


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """The coverage of one rule.

    `decides` is true if the rule decides in a case; `conditions` has each condition that it names, true if a case shows
    the condition failing alone.
    """

    name: str
    decides: bool
    conditions: dict[str, bool]

    def uncovered(self) -> Iterator[str]:
        """The gaps in a rule's coverage, a line for each."""
        if not self.decides:
            yield f"rule {self.name}: decides in no case"
        for condition, is_shown in self.conditions.items():
            if not is_shown:
                yield f"rule {self.name}: no case shows {condition} failing"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of a policy, in the order of its rules."""

    rules: tuple[RuleCoverage, ...]

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The gaps in the coverage, a line for each."""
        return tuple(line for rule in self.rules for line in rule.uncovered())

    def __str__(self) -> str:
        """The counts of rules and of conditions, in words."""
        deciding = sum(rule.decides for rule in self.rules)
        conditions = [is_shown for rule in self.rules for is_shown in rule.conditions.values()]
        rules = f"{deciding} of {len(self.rules)} rules decide in a case"
        return f"{rules}, {sum(conditions)} of {len(conditions)} conditions are shown failing"


def measure(policy: Policy, results: Iterable[Result]) -> Coverage:
    """Measure the coverage of a policy by the cases that were judged by it, passed or failed."""
    judged = [result for result in results if not result.case.handshake.problems]
    deciding = {name for result in judged for name in result.decision.rules}
    # Notes are long, and normalized once for all rules.
    handshakes = [(result.case.handshake, result.at) for result in judged]
    looks = [(handshake, normalize(handshake.notes), at) for handshake, at in handshakes]
    return Coverage(tuple(_measure(rule, looks, decides=rule.name in deciding) for rule in policy.rules))


def conditions_of(rule: Rule) -> Iterator[str]:
    """The conditions that a rule names, under the names that `all_mismatches` gives them."""
    yield from (condition for condition in VALUE_CONDITIONS if getattr(rule, condition) is not None)
    for part in ("any", "all", "none"):
        if rule.notes is not None and getattr(rule.notes, part):
            yield f"notes.{part}"
    if rule.expires is not None:
        yield "expires"


def _measure(rule: Rule, looks: list[tuple[Handshake, str, datetime]], *, decides: bool) -> RuleCoverage:
    failing = {frozenset(mismatch.condition for mismatch in all_mismatches(rule, *look)) for look in looks}
    shown = {condition: any(_alone(condition, each) for each in failing) for condition in conditions_of(rule)}
    return RuleCoverage(rule.name, decides, shown)


def _alone(condition: str, failing: frozenset[str]) -> bool:
    """True if the condition fails, and all others hold."""
    together = SENDER if condition in SENDER else {condition}
    return condition in failing and failing <= together
