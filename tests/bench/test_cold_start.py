"""The benchmark of the cold start, with one start for each contestant."""

from pathlib import Path

import pytest

from bench.cold_start import (
    BATCH,
    CONTESTANTS,
    FLOOR,
    MAX_SWEEP,
    SWEEP,
    Contestant,
    Round,
    Start,
    make_folders,
    report,
    serve_hub,
    start,
    start_all,
    strip_bytecode,
)

pytestmark = pytest.mark.xdist_group("infra")


def test_each_contestant_starts(bundles: Path, tmp_path: Path) -> None:
    folders = make_folders(bundles)
    bare = strip_bytecode(folders, tmp_path)
    with serve_hub() as environment:
        starts = start_all(folders, environment)
        without = start(SWEEP, bare, environment)
    assert starts.keys() == set(CONTESTANTS)
    assert all(each.cpu > 0 and each.wall > 0 for each in starts.values())
    assert without.cpu > starts[SWEEP].cpu
    assert not list(tmp_path.rglob("*.pyc"))


def round_of(floor: float, **others: float) -> Round:
    """A round in which each contestant takes so long by the clock, and half of that of the processor."""
    names = {"sweep": SWEEP, "batch": BATCH}
    times: dict[Contestant, float] = dict.fromkeys(CONTESTANTS, floor) | {names[key]: others[key] for key in others}
    starts = {contestant: Start(time / 2, time) for contestant, time in times.items()}
    return Round(starts, starts[FLOOR])


def test_the_table_has_the_medians_of_the_ratios_of_each_round() -> None:
    rounds = [round_of(1.0, sweep=0.9, batch=1.2), round_of(2.0, sweep=1.9, batch=2.2), round_of(9.0, sweep=9, batch=9)]
    bare = [Round(round_of(4.0, sweep=4.4).starts, rounds[0].floor)]
    found = report(rounds, bare)
    assert found.table[0] == ("times the floor", "CPU", "without bytecode", "time", "without bytecode")
    assert found.table[1] == (FLOOR.name, "1.00", "4.00", "1.00", "4.00")
    assert (SWEEP.name, "0.95", "4.40", "0.95", "4.40") in found.table
    assert len(found.table) == 1 + len(CONTESTANTS)
    assert found.notes.startswith("Medians of 3 rounds with bytecode, as it ships, and 1 without")
    sweep, batch, without = found.claims
    assert (sweep.measured, sweep.at_most) == (0.95, MAX_SWEEP)
    assert (batch.measured, without.measured) == (1.1, 4.4)
