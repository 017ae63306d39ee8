"""Times as text: ISO 8601 in UTC, as in `2026-12-01T09:30:00Z`. Pure."""

from datetime import UTC, datetime


def write_time(time: datetime) -> str:
    """A timezone-aware time, exactly."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_seconds(time: datetime) -> str:
    """A timezone-aware time without the fraction of its second."""
    return write_time(time.replace(microsecond=0))
