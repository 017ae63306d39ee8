"""Two decisions about the same handshake: the verdict on one pair, and the count of verdicts. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .known_handshake import KnownHandshake
from .partial_decision import PartialDecision

Verdict = Literal["alike", "differently", "depends", "uncompared"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two partial decisions about one handshake, `before` and `now`; `before` is None if none is known."""

    known: KnownHandshake
    judged_at: datetime
    before: PartialDecision | None
    now: PartialDecision

    @property
    def verdict(self) -> Verdict:
        """`alike` or `differently` only if that holds whatever the unknown is."""
        before, now = self.before, self.now
        if before is None:
            return "depends" if len(now.decisions) > 1 else "uncompared"
        if not before.effects & now.effects:
            return "differently"
        if before.effects == now.effects and (len(now.effects) == 1 or before.residual == now.residual):
            return "alike"
        return "depends"

    @property
    def depends_on(self) -> str:
        """The unknown that the verdict depends on, in words; empty unless the verdict is `depends`."""
        if self.verdict != "depends":
            return ""
        return self.now.depends_on or (self.before.depends_on if self.before else "")

    @property
    def receivers(self) -> list[str]:
        """The accounts, named by rules, for which the two decisions differ; none if the receiver is known."""
        return sorted({account for account, _ in self.now.by_receiver ^ self.before.by_receiver}) if self.before else []

    @property
    def is_notable(self) -> bool:
        """True if a person should see this comparison without asking for all of them."""
        return self.verdict != "alike"


def is_notable(comparisons: Sequence[Comparison]) -> bool:
    """True if any handshake is decided differently, or may be."""
    return any(comparison.verdict in ("differently", "depends") for comparison in comparisons)


def summarize(comparisons: Sequence[Comparison]) -> str:
    """The counts in words: `14 handshakes: 12 decided alike, 1 differently, 1 depends on what its sender wrote`."""
    verdicts = Counter(comparison.verdict for comparison in comparisons)
    dependencies = Counter(comparison.depends_on for comparison in comparisons if comparison.verdict == "depends")
    parts = [
        *([f"{verdicts['alike']} decided alike"] if verdicts["alike"] else []),
        *([f"{verdicts['differently']} differently"] if verdicts["differently"] else []),
        *(
            f"{count} {'depends' if count == 1 else 'depend, each'} on {dependency}"
            for dependency, count in sorted(dependencies.items())
        ),
        *([f"{verdicts['uncompared']} with no decision to compare with"] if verdicts["uncompared"] else []),
    ]
    if not parts:
        return "No handshakes."
    return f"{len(comparisons)} handshake{'s' if len(comparisons) > 1 else ''}: {', '.join(parts)}"
