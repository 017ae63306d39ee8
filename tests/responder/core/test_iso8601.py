"""Times as text."""

from datetime import UTC, datetime, timedelta, timezone

from invitation_responder.core.iso8601 import write_seconds, write_time

EASTERN = timezone(timedelta(hours=-5))


def test_a_time_is_written_in_utc_exactly() -> None:
    assert write_time(datetime(2026, 12, 1, 4, 30, tzinfo=EASTERN)) == "2026-12-01T09:30:00Z"
    assert write_time(datetime(2026, 12, 1, 9, 30, 0, 123, tzinfo=UTC)) == "2026-12-01T09:30:00.000123Z"


def test_without_its_fraction_a_second_is_not_rounded() -> None:
    assert write_seconds(datetime(2026, 12, 1, 4, 30, 59, 999_999, tzinfo=EASTERN)) == "2026-12-01T09:30:59Z"
