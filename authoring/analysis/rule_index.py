"""Rules that are indexed once and searched many times. Pure."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Final

from invitation_responder.core.handshake import Handshake
from invitation_responder.core.index import EXACT_CONDITIONS, every, exact_values, index, pack, select
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Rule

from .text_index import TextIndex
from .texts import Clause, clause_to_miss

# The conditions that compare for equality. Actions come last: they are few, and people think of INVITE first.
EXACT: Final = ("organizations", "management_accounts", "accounts", "actions")


class RuleIndex:
    """Some rules, by the values of their conditions; a set of them is an integer with a bit for each rule.

    `excluding` rules exclude at least one value, and no text fails a `textless` rule. `clauses_to_miss` has for each
    rule its position and the clause that holds if and only if one of its conditions on text fails.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Index the conditions of the rules."""
        self.rules = tuple(rules)
        self.all = every(self.rules)
        self.conditions = {condition: index(self.rules, condition) for condition in EXACT}
        self.excluding = reduce(or_, (indexed.excluding for indexed in self.conditions.values()))
        self.clauses_to_miss = [(position, clause_to_miss(rule)) for position, rule in enumerate(self.rules)]
        self.textless = pack(not clause for _, clause in self.clauses_to_miss)
        self._texts = TextIndex(self.rules)

    def unmet(self, bits: int, emails: Sequence[str], notes: str) -> Iterator[Clause]:
        """The clauses of a set's rules that fail for case-folded addresses and normalized notes."""
        return (clause for _, clause in select(self.clauses_to_miss, bits & self._texts.holding(emails, notes)))

    def matching(self, handshake: Handshake) -> int:
        """The set of the rules that match a handshake, whether they have expired or not."""
        bits = self.all
        for condition, value in zip(EXACT_CONDITIONS, exact_values(handshake), strict=True):
            bits &= self.conditions[condition].holding(value)
        emails = [email.casefold() for email in handshake.emails]
        return bits & self._texts.holding(emails, normalize(handshake.notes))
