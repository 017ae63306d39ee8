"""Whether a schedule fits, and which one does."""

from datetime import timedelta

import pytest

from authoring.estimate.schedule import MAX_SCHEDULE, ScheduleEstimate

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("schedule", "sweep", "fits", "every", "tightest"),
    [
        pytest.param(15, 7, True, 15, 7, id="time is left"),
        pytest.param(15, 15, True, 15, 15, id="it ends when the next one starts"),
        pytest.param(15, 15.01, False, 30, 16, id="the next start is skipped"),
        pytest.param(15, 36.8, False, 45, 37, id="two starts are skipped"),
        pytest.param(1, 0.2, True, 1, 1, id="no schedule is shorter than a minute"),
        pytest.param(60, 24 * 60, False, 24 * 60, 24 * 60, id="a day"),
        pytest.param(24 * 60, 24 * 60 + 1, False, 48 * 60, None, id="no schedule is longer than a day"),
    ],
)
def test_a_start_is_skipped_while_a_sweep_runs(
    schedule: int, sweep: float, fits: bool, every: int, tightest: int | None
) -> None:
    estimate = ScheduleEstimate(schedule * MINUTE, sweep * MINUTE)
    assert (estimate.fits, estimate.every) == (fits, every * MINUTE)
    assert estimate.tightest == (None if tightest is None else tightest * MINUTE)


def test_the_tightest_schedule_is_one_that_fits() -> None:
    sweep = timedelta(minutes=36, seconds=48)
    tightest = ScheduleEstimate(MAX_SCHEDULE, sweep).tightest
    assert tightest is not None
    assert ScheduleEstimate(tightest, sweep).fits
    assert not ScheduleEstimate(tightest - MINUTE, sweep).fits
