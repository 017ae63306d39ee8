"""A contestant of a benchmark: something that decides about handshakes by a policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.workload import SIZES
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.policy import Policy

# Decides about all handshakes that a judge was given; what it returns about each is read by `Contestant.answer`.
Round = Callable[[], Sequence[object]]
# Brings handshakes into the contestant's own form of parsed input.
Judge = Callable[[Sequence[Handshake]], Round]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A contestant: `prepare` compiles a policy of at most `max_rules`.

    `answer` reads what a round returns about one handshake: the effect, or True if the handshake stands.
    """

    name: str
    prepare: Callable[[Policy], Judge]
    answer: Callable[[object], object] = bool
    max_rules: int = SIZES[-1]
