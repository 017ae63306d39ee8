"""The time of a decision, beside what users would decide with instead.

Measured is the time from a parsed handshake to its decision, with policies of 10 to 10,000 rules that look like real
ones. It is what a sweep pays for each handshake, and what shows if rules about others cost anything. Ours gives the
effect and, if somebody reads it, the reason; the peers give a bare yes or no. Before anything is timed, every answer is
compared with ours. The contestants take turns, and a figure is the median of their rounds.
"""

import json
import os
import subprocess
from collections.abc import Iterable
from typing import Final

from bench.contest.ours import BY_HAND, OURS, OURS_WITH_REASON
from bench.contest.race import HANDSHAKES, Timing
from bench.processes import PEERS_PYTHON
from bench.report import ROOT, Claim, Observe, Plot, Report, round_figure
from bench.workload import SIZES

MAX_GROWTH: Final = 1.3  # times, from the fewest rules to the most
MIN_RATIO: Final = 3.0  # times ours, from so many rules on
_MANY: Final = 1_000
_NO_PEERS: Final = {OURS.name, OURS_WITH_REASON.name, BY_HAND.name}


def measure(observe: Observe) -> Report:
    """Check and time all contestants. Raises `subprocess.CalledProcessError` if one of them disagrees with ours."""
    return report(time_all(observe))


def time_all(observe: Observe) -> list[Timing]:
    """Check and time all contestants in the peers' environment.

    Raises `subprocess.CalledProcessError` if a contestant fails or disagrees with ours; what it said is on stderr.
    """
    timings: list[Timing] = []
    command = [str(PEERS_PYTHON), "-m", "bench.contest.race"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        for line in process.stdout or ():
            step = json.loads(line)
            if "timings" in step:
                timings = [Timing(**each) for each in step["timings"]]
            else:
                observe(step["done"], step["of"])
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return timings


def report(timings: Iterable[Timing]) -> Report:
    """The table of ratios, the claims and the plot."""
    times: dict[str, dict[int, Timing]] = {}
    for each in timings:
        times.setdefault(each.contestant, {})[each.rules] = each
    return Report(
        name="decisions",
        table=(
            ("times ours", *(f"{rules:,} rules" for rules in SIZES)),
            *((name, *(_cell(row.get(rules), times[OURS.name]) for rules in SIZES)) for name, row in times.items()),
        ),
        notes=(
            f"Medians of interleaved rounds over {HANDSHAKES:,} handshakes; * over fewer, at least "
            f"{min(each.handshakes for row in times.values() for each in row.values()):,}. "
            "A dash: so many rules don't fit."
        ),
        claims=tuple(_claims({name: _microseconds(row) for name, row in times.items()})),
        plots=(
            Plot(
                "decisions",
                "A decision, by the rules of the policy",
                "rules",
                f"times ours with {SIZES[0]} rules",
                {name: _relative(_microseconds(row), times[OURS.name]) for name, row in times.items()},
            ),
        ),
    )


def _claims(times: dict[str, dict[int, float]]) -> Iterable[Claim]:
    own, peers = times[OURS.name], {name: row for name, row in times.items() if name not in _NO_PEERS}
    yield Claim(
        f"a decision with {max(own):,} rules, in times of one with {min(own):,}",
        own[max(own)] / own[min(own)],
        at_most=MAX_GROWTH,
    )
    for rules, time in own.items():
        ratio, name = min((row[rules] / time, name) for name, row in peers.items() if rules in row)
        subject = f"the fastest peer with {rules:,} rules ({name}), in times of ours"
        yield Claim(subject, ratio, at_least=MIN_RATIO if rules >= _MANY else None)


def _microseconds(row: dict[int, Timing]) -> dict[int, float]:
    return {rules: timing.microseconds for rules, timing in row.items()}


def _relative(row: dict[int, float], own: dict[int, Timing]) -> dict[int, float]:
    return {rules: round(time / own[min(own)].microseconds, 2) for rules, time in row.items()}


def _cell(timing: Timing | None, own: dict[int, Timing]) -> str:
    if timing is None:
        return "-"
    mark = "" if timing.handshakes == HANDSHAKES else "*"
    return round_figure(timing.microseconds / own[timing.rules].microseconds) + mark
