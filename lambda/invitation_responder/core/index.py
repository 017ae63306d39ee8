"""The bit index: selects the rules whose exact conditions hold for a value, by a few operations on integers. Pure.

A set of rules is an integer with a bit for each rule; the first rule has the lowest bit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final, TypeVar

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import EXCLUDING, Rule

# The conditions that compare for equality. The excluding conditions compare the same values.
EXACT_CONDITIONS: Final = ("actions", "organizations", "management_accounts", "accounts")
EXCLUDED_BY: Final = {condition: excluding for excluding, condition in EXCLUDING.items()}

T = TypeVar("T")


def exact_values(handshake: Handshake) -> tuple[str, str, str, str]:
    """The handshake's values that `EXACT_CONDITIONS` compare with, in their order; "" for a missing one."""
    action, sender = handshake.action or "", handshake.sender
    if sender is None:
        return action, "", "", handshake.receiver
    return action, sender.organization, sender.management_account, handshake.receiver


@dataclass(slots=True)
class ConditionIndex:
    """One exact condition of some rules, as sets of rules.

    `unconstrained` rules do not name the condition. `by_value` rules are these and the rules that name a value,
    `excluded` rules exclude a value, and `excluding` rules exclude at least one value.
    """

    unconstrained: int
    by_value: dict[str, int]
    excluded: dict[str, int]
    excluding: int

    def holding(self, value: str) -> int:
        """The rules that name the value or do not name the condition, and do not exclude the value."""
        return self.by_value.get(value, self.unconstrained) & ~self.excluded.get(value, 0)

    def mentioning(self, value: str) -> int:
        """The rules that name or exclude the value."""
        return self.by_value.get(value, 0) & ~self.unconstrained | self.excluded.get(value, 0)

    def table(self) -> tuple[dict[str, int], int]:
        """The answers of `holding`: for each value that a rule names or excludes, and for all other values."""
        return self.by_value | {value: self.holding(value) for value in self.excluded}, self.unconstrained

    def holding_any(self, values: Iterable[str]) -> int:
        """The rules that `holding` returns for at least one of the values."""
        return reduce(or_, map(self.holding, values), 0)


def index(rules: Sequence[Rule], condition: str) -> ConditionIndex:
    """Index an exact condition of some rules, together with its excluding condition."""
    named = [getattr(rule, condition) for rule in rules]
    unconstrained = pack(values is None for values in named)
    excluded = by_value(getattr(rule, EXCLUDED_BY[condition]) for rule in rules)
    return ConditionIndex(
        unconstrained=unconstrained,
        by_value=by_value(named, unconstrained),
        excluded=excluded,
        excluding=reduce(or_, excluded.values(), 0),
    )


def by_value(values_of_rules: Iterable[Iterable[str] | None], others: int = 0) -> dict[str, int]:
    """For each value, the set of the rules that have it among theirs, and of some others; a rule may have none."""
    sets: dict[str, int] = {}
    for position, values in enumerate(values_of_rules):
        if values:
            rule = 1 << position
            for value in values:
                sets[value] = sets.get(value, others) | rule
    return sets


def pack(members: Iterable[bool]) -> int:
    """The set of the rules for which there is a true value; to add them one by one would copy the set each time."""
    digits = ["1" if member else "0" for member in members]
    return int("".join(reversed(digits)) or "0", 2)


def select(rules: Sequence[T], bits: int) -> Iterator[T]:
    """The rules of a set, in their order; or what else a sequence has for each of them."""
    while bits:
        lowest = bits & -bits
        yield rules[lowest.bit_length() - 1]
        bits ^= lowest


def every(rules: Sequence[Rule]) -> int:
    """The set of all rules."""
    return (1 << len(rules)) - 1
