"""The time of the author's commands as policies and ledgers grow: `check`, `test`, `diff` and `replay`.

A command that takes minutes in a pull request is not run, so each must stay linear. Measured is the processor's time of
a whole command in a process of its own, on policies of 10 to 10,000 rules and ledgers of 1,000 to 100,000 items
(`bench.sources`). Growth is claimed without the start of the interpreter, which `responder --version` shows.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.processes import own_environment
from bench.report import Claim, Observe, Plot, Report, round_figure
from bench.sources import edit, make_mixed_policy, write_cases, write_ledger, write_policy
from bench.workload import NOW

RULES: Final = (10, 100, 1_000, 10_000)
ITEMS: Final = (1_000, 10_000, 100_000)
START: Final = "start"
MAX_GROWTH: Final = 15.0  # over ten times the rules, or items
_RULES_OF_REPLAY: Final = 1_000
_ROUNDS: Final = 3  # in which the sizes take turns; the quickest counts. Once a command has taken long, it is enough
_LONG: Final = 15.0  # seconds
_RESPONDER: Final = Path(sys.executable).with_name("responder")
_STATUSES: Final = (0, 1)  # it worked, and found something or not

# The seconds of each command, by the number of rules or items.
Times = Mapping[str, Mapping[int, float]]


def measure(observe: Observe) -> Report:
    """Write the workload into a temporary folder, and measure the commands on it."""
    return report(measure_times(RULES, ITEMS, observe))


def measure_times(rules: Sequence[int], items: Sequence[int], observe: Observe) -> dict[str, dict[int, float]]:
    """The seconds of each command with so many rules or, for `replay`, so many items; and of the start, under 0."""
    with tempfile.TemporaryDirectory() as folder:
        lines = _write_workload(Path(folder), rules, items)
        runs: dict[str, dict[int, list[float]]] = {name: {size: [] for size in each} for name, each in lines.items()}
        steps = [(name, size) for _ in range(_ROUNDS) for name, each in lines.items() for size in each]
        for done, (name, size) in enumerate(steps, 1):
            if sum(runs[name][size]) < _LONG:
                runs[name][size].append(_run(lines[name][size]))
            observe(done, len(steps))
    return {name: {size: min(times) for size, times in each.items()} for name, each in runs.items()}


def _write_workload(folder: Path, rules: Sequence[int], items: Sequence[int]) -> dict[str, dict[int, list[str]]]:
    """Write what the commands read; returns their command lines, by command and size."""
    at = ["--at", NOW.isoformat()]
    lines: dict[str, dict[int, list[str]]] = {START: {0: ["--version"]}, "check": {}, "test": {}, "diff": {}}
    for size in rules:
        policy = make_mixed_policy(size)
        old = write_policy(policy, folder / f"old-{size}")
        new = write_policy(edit(policy), folder / f"new-{size}")
        cases = write_cases(policy, folder / f"cases-{size}.yaml", old)
        lines["check"][size] = ["check", str(old), *at]
        lines["test"][size] = ["test", str(cases)]
        lines["diff"][size] = ["diff", str(old), str(new), *at]
    policy = make_mixed_policy(_RULES_OF_REPLAY)
    new = write_policy(edit(policy), folder / "replayed")
    ledgers = {size: write_ledger(policy, size, folder / f"ledger-{size}.jsonl") for size in items}
    lines["replay"] = {size: ["replay", str(new), "--file", str(ledger), *at] for size, ledger in ledgers.items()}
    return lines


def _run(arguments: Sequence[str]) -> float:
    """The processor's seconds that a command takes. Raises if it could not work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own command
        [_RESPONDER, *arguments], env=own_environment(), stdout=subprocess.DEVNULL, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in _STATUSES:
        raise subprocess.CalledProcessError(done.returncode, done.args)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(times: Times) -> Report:
    """The report about measured times."""
    (start,) = times[START].values()
    work = {name: {size: time - start for size, time in each.items()} for name, each in times.items() if name != START}
    claims = (*(_claim(name, work, "rules") for name in ("check", "test", "diff")), _claim("replay", work, "items"))
    whole = {name: {size: 1 + time / start for size, time in each.items()} for name, each in work.items()}
    replay, unit = {"replay": whole.pop("replay")}, "times the start alone"
    return Report(
        name="commands",
        table=tuple(_table(work)),
        notes=(
            "The processor's time of the commands without the start of the interpreter, in times of the smallest. In "
            "the policies one rule in five names no sender; `diff` compares versions that differ in one rule of a "
            f"hundred; `test` has a hundred cases; `replay` decides by {_RULES_OF_REPLAY:,} rules. Each figure is the "
            f"least of {_ROUNDS} runs, or of fewer if they take long. The plots show whole commands, in times of "
            "the start alone."
        ),
        claims=claims,
        plots=(
            Plot("commands", "A command, by the rules of the policy", "rules", unit, whole),
            Plot("replay", "responder replay, by the items of the ledger", "items", unit, replay),
        ),
    )


def _claim(command: str, work: Times, unit: str) -> Claim:
    times = work[command]
    *_, fewer, more = sorted(times)
    subject = f"`responder {command}` with {more:,} {unit} beside {fewer:,}"
    return Claim(subject, times[more] / times[fewer], at_most=MAX_GROWTH)


def _table(work: Times) -> Iterator[tuple[str, ...]]:
    columns = max(map(len, work.values()))
    yield ("times the smallest", "the smallest", *(f"{10**power:,} times as much" for power in range(1, columns)))
    for name, times in work.items():
        smallest, *_ = sorted(times)
        unit = "items" if name == "replay" else "rules"
        figures = [round_figure(times[size] / times[smallest]) for size in sorted(times)]
        yield (f"{name}, from {smallest:,} {unit}", *figures, *["-"] * (columns - len(figures)))
