"""Cases and a policy in; decisions, and their differences from the expected ones, out. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import Handshake

from ..diagnostics.wording import escape, join_words, quote
from ..replay.known_handshake import KnownHandshake
from ..replay.partial_decision import PartialDecider, join_decisions
from .language import ExpectedEffect


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected decision. `rules` is None if any rules will do, `reason` is empty if any reason will do."""

    effect: ExpectedEffect
    rules: tuple[str, ...] | None = None
    reason: str = ""

    def difference(self, decision: Decision) -> str | None:
        """The difference of a decision from this one, in a sentence that is safe to print; None if there is none."""
        rules_differ = self.rules is not None and set(self.rules) != set(decision.rules)
        if decision.effect != self.effect or rules_differ:
            return f"expected {self.effect}{self._by()}, got {decision.effect}: {decision.reason}"
        if self.reason not in decision.reason:
            return f"expected a reason with {quote(self.reason)}, got: {decision.reason}"
        return None

    def _by(self) -> str:
        if self.rules is None:
            return ""
        if not self.rules:
            return " by no rule"
        return f" by rule{'s' * (len(self.rules) > 1)} {join_words(self.rules, 'and')}"


@dataclass(frozen=True, slots=True)
class PolicyTestCase:
    """One handshake, and the decision that is expected about it; `at` is None if it is judged at the run's time.

    If the case does not name the receiver, `handshake` has an arbitrary one, and `unaddressed` has none.
    """

    file: str
    line: int
    column: int
    name: str
    at: datetime | None
    handshake: Handshake
    expected: Expected
    unaddressed: KnownHandshake | None = None

    def __str__(self) -> str:
        """One line, in the form that editors and CI turn into links."""
        return f"{escape(self.file)}:{self.line}:{self.column}: {escape(self.name)}"


@dataclass(frozen=True, slots=True)
class Result:
    """The decision about a case, the time it was judged at, and the seconds that this took.

    `open` says what the decision depends on that the case leaves open; it is empty if there is no such thing.
    """

    case: PolicyTestCase
    at: datetime
    decision: Decision
    seconds: float
    open: str = ""

    @property
    def difference(self) -> str | None:
        """The difference of the decision from the expected one, in a sentence; None if there is none."""
        return self.open or self.case.expected.difference(self.decision)

    @property
    def has_passed(self) -> bool:
        """True if the decision is the expected one."""
        return self.difference is None


def run_cases(
    cases: Iterable[PolicyTestCase], decider: Decider, now: datetime, clock: Callable[[], float]
) -> tuple[Result, ...]:
    """Judge each case at its time, or at `now` (timezone-aware); `clock` returns seconds."""
    partial_decider = PartialDecider(decider.policy)

    def run(case: PolicyTestCase) -> Result:
        begin = clock()
        at = case.at or now
        decision = decider.decide(case.handshake, at)
        return Result(case, at, decision, clock() - begin, _open(case, partial_decider, at))

    return tuple(map(run, cases))


def _open(case: PolicyTestCase, partial_decider: PartialDecider, at: datetime) -> str:
    """A sentence if the receiver decides the effect, or if the decision is the expected one; else empty."""
    if case.unaddressed is None:
        return ""
    decisions = [decision for each in partial_decider.each(case.unaddressed, at) for decision in each.decisions]
    as_expected = [case.expected.difference(decision) is None for decision in decisions]
    if len({decision.effect for decision in decisions}) == 1 and len(set(as_expected)) == 1:
        return ""
    ways = join_decisions({(each.effect, each.rules): each for each in decisions}.values())
    return f"it depends on which account received it (name it: `account` beside `handshake`): {ways}"
