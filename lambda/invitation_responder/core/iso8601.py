"""Times as text: ISO 8601 in UTC, as in `2026-12-01T09:30:00Z`. Pure."""

from datetime import UTC, datetime


def write_time(time: datetime) -> str:
    """A timezone-aware time, to the microsecond."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_seconds(time: datetime) -> str:
    """A timezone-aware time without its fraction of a second."""
    return write_time(time.replace(microsecond=0))
