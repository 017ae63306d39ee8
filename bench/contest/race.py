"""The process in which contestants are checked and timed: `bench.decisions` runs it, with the peers' Python.

Prints a line of JSON for each step: how many are done of how many, then the results.
"""

import gc
import importlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

from bench.contest.contestant import Contestant, Judge, Round
from bench.contest.ours import CONTESTANTS, OURS
from bench.workload import SIZES, make_handshakes, make_policy
from invitation_responder.core.handshake import Handshake

PEERS: Final = ("json_logic", "zen", "cel", "rego", "cedar", "casbin", "c7n")
HANDSHAKES: Final = 1_000
ROUNDS: Final = 15
# A round takes about so long, or as long as the fewest handshakes take: some handshakes, or all of them several times.
_ROUND: Final = 0.03  # seconds
_FEWEST: Final = 100


class Disagreement(Exception):  # noqa: N818 - that is what it is
    """A contestant answers otherwise than ours."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The median time of a decision, in microseconds of the processor; `handshakes` were those decided about."""

    contestant: str
    rules: int
    microseconds: float
    handshakes: int


def check(contestant: Contestant, judge: Judge, handshakes: Sequence[Handshake], effects: Sequence[str]) -> None:
    """Compare all of a contestant's answers with our effects. Raises `Disagreement`."""
    returned = judge(handshakes)()
    if len(returned) != len(handshakes):
        raise Disagreement(f"{contestant.name} answered {len(returned)} of {len(handshakes)} handshakes")
    for handshake, effect, each in zip(handshakes, effects, returned, strict=True):
        answer = contestant.answer(each)
        if answer != effect and answer is not (effect != "decline"):
            raise Disagreement(f"{contestant.name} answers {answer} where ours is {effect}: {handshake!r}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant that agrees with ours about a number of rules, and the handshakes of its rounds, times over."""

    contestant: Contestant
    rules: int
    decide_all: Round
    handshakes: int
    times_over: int


def enter(contestants: Iterable[Contestant], rules: int, number: int) -> Iterator[Entry]:
    """Check contestants about so many handshakes, and size their rounds. Raises `Disagreement`."""
    policy = make_policy(rules)
    handshakes = make_handshakes(policy, number)
    effects = [str(OURS.answer(each)) for each in OURS.prepare(policy)(handshakes)()]
    for contestant in contestants:
        judge = contestant.prepare(policy)
        check(contestant, judge, handshakes, effects)
        few = handshakes[:_FEWEST]
        fitting = round(_ROUND / _time(judge(few), 1) * len(few))
        chosen = handshakes[: max(fitting, len(few))]
        yield Entry(contestant, rules, judge(chosen), len(chosen), max(fitting // len(chosen), 1))


def measure(entries: Sequence[Entry], rounds: int) -> Iterator[list[Timing]]:
    """Time all entries in turn; yields their medians so far, after each round."""
    times: list[list[float]] = [[] for _ in entries]
    for _ in range(rounds):
        for own, entry in zip(times, entries, strict=True):
            own.append(_time(entry.decide_all, entry.times_over))
        yield [
            Timing(entry.contestant.name, entry.rules, 1e6 * median(own) / entry.handshakes, entry.handshakes)
            for own, entry in zip(times, entries, strict=True)
        ]


def _time(decide_all: Round, times_over: int) -> float:
    """The seconds of the processor that a round takes, on average of so many.

    Other processes do not count; threads of a contestant do.
    """
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        for _ in range(times_over):
            decide_all()
        return (time.process_time() - begun) / times_over
    finally:
        gc.enable()


def _load_contestants() -> list[Contestant]:
    peers = [importlib.import_module(f"bench.contest.peers.{name}").CONTESTANTS for name in PEERS]
    return [*CONTESTANTS, *(contestant for each in peers for contestant in each)]


def main() -> None:
    """Check all contestants with every number of rules, then time them."""
    contestants = _load_contestants()
    fields = {rules: [each for each in contestants if rules <= each.max_rules] for rules in SIZES}
    steps = sum(map(len, fields.values())) + ROUNDS
    entries: list[Entry] = []
    for rules, field in fields.items():
        for entry in enter(field, rules, HANDSHAKES):
            entries.append(entry)
            _print({"done": len(entries), "of": steps})
    # Collecting the garbage between rounds would look at all policies again and again.
    gc.freeze()
    timings: list[Timing] = []
    for done, timings in enumerate(measure(entries, ROUNDS), len(entries) + 1):  # noqa: B007 - the last ones are final
        _print({"done": done, "of": steps})
    _print({"timings": [asdict(each) for each in timings]})


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
