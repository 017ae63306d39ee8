"""The lease of a sweep over a whole organization: two of them never overlap. It ends by itself if its sweep dies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from invitation_responder.aws.organization_table import ConditionFailed, OrganizationTable
from invitation_responder.core.iso8601 import write_seconds, write_time

_KEY: Final = ("sweep", "lease")


class SweepUnderWay(Exception):  # noqa: N818 - no error: the other sweep does the work
    """Another sweep of the organization is running."""


@dataclass(frozen=True, slots=True)
class SweepLease:
    """The lease, as one sweep takes it, extends it and gives it back. Each operation raises `TableError`."""

    table: OrganizationTable
    sweep: str

    def take(self, now: datetime, until: datetime) -> None:
        """Take the lease, or change the end of the own one; raises `SweepUnderWay`."""
        held = self.table.get(*_KEY)
        if held and held["sweep"] != self.sweep and datetime.fromisoformat(held["until"]) > now:
            end = write_seconds(datetime.fromisoformat(held["until"]))
            raise SweepUnderWay(f"the sweep {held['sweep']} is running, until {end} at the latest")
        read = {name: held[name] for name in ("sweep", "until")} if held else None
        try:
            self.table.put_over(*_KEY, {"sweep": self.sweep, "until": write_time(until)}, read=read)
        except ConditionFailed as error:
            # botocore retries a write whose answer was lost; the retry then fails over the first write.
            if (self.table.get(*_KEY) or {}).get("sweep") != self.sweep:
                raise SweepUnderWay("another sweep began at the same time") from error

    def give_back(self) -> None:
        """End the own lease; that of another sweep stays."""
        try:
            self.table.delete(*_KEY, only_if={"sweep": self.sweep})
        except ConditionFailed:
            return
