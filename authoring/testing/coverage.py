"""How much of a policy its tests show: which rules decide in a case, and which conditions are seen to matter. Pure.

A condition matters where it alone keeps a rule from matching: a rule without it would have matched that case.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from authoring.testing.running import Result
from invitation_responder.core.decision import all_mismatches
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import VALUE_CONDITIONS, Policy, Rule

# An organization has one management account, so these fail together, and are one where others must hold.
SENDER: Final = frozenset({"organizations", "management_accounts", "not_organizations", "not_management_accounts"})


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """Whether a rule decides in a case; and for each condition that it names, whether a case shows it failing alone."""

    name: str
    decides: bool
    conditions: dict[str, bool]

    def uncovered(self) -> Iterator[str]:
        """Say what no case shows."""
        if not self.decides:
            yield f"rule {self.name}: decides in no case"
        for condition, is_shown in self.conditions.items():
            if not is_shown:
                yield f"rule {self.name}: no case shows {condition} failing"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a policy is shown, in the order of its rules."""

    rules: tuple[RuleCoverage, ...]

    @property
    def uncovered(self) -> tuple[str, ...]:
        """What no case shows, a line for each."""
        return tuple(line for rule in self.rules for line in rule.uncovered())

    def __str__(self) -> str:
        """Both counts, in words."""
        deciding = sum(rule.decides for rule in self.rules)
        conditions = [is_shown for rule in self.rules for is_shown in rule.conditions.values()]
        rules = f"{deciding} of {len(self.rules)} rules decide in a case"
        return f"{rules}, {sum(conditions)} of {len(conditions)} conditions are shown failing"


def measure(policy: Policy, results: Iterable[Result]) -> Coverage:
    """See what cases show of the policy that they were judged by, whether they passed or not."""
    judged = [result for result in results if not result.case.handshake.problems]
    return Coverage(tuple(_measure(rule, judged) for rule in policy.rules))


def conditions_of(rule: Rule) -> Iterator[str]:
    """The conditions that a rule names, as `failures` calls them."""
    yield from (condition for condition in VALUE_CONDITIONS if getattr(rule, condition) is not None)
    for part in ("any", "all", "none"):
        if rule.notes is not None and getattr(rule.notes, part):
            yield f"notes.{part}"
    if rule.expires is not None:
        yield "expires"


def _measure(rule: Rule, judged: list[Result]) -> RuleCoverage:
    failing = {frozenset(_failing(rule, result)) for result in judged}
    return RuleCoverage(
        rule.name,
        any(rule.name in result.decision.rules for result in judged),
        {condition: any(_alone(condition, each) for each in failing) for condition in conditions_of(rule)},
    )


def _failing(rule: Rule, result: Result) -> Iterator[str]:
    handshake = result.case.handshake
    for mismatch in all_mismatches(rule, handshake, normalize(handshake.notes), result.at):
        yield mismatch.condition


def _alone(condition: str, failing: frozenset[str]) -> bool:
    """Whether the condition fails, and all others hold."""
    together = SENDER if condition in SENDER else {condition}
    return condition in failing and failing <= together
