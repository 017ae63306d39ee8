"""A record of handshakes exactly as AWS lists them, made before any of them is answered."""

from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.core.handshake import Handshake

from ..diagnostics.wording import reason_of
from .lines import listed_line

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


class RecordingError(Exception):
    """The file can't be written. Nothing may be answered."""


class ListedOrganizations(Organizations):
    """`Organizations` that keeps AWS's answers to its last listing."""

    def __init__(self, client: "OrganizationsClient", *, listing: Pace | None = None) -> None:
        """Begin without a listing."""
        super().__init__(client, listing=listing)
        self._pages: list[dict[str, Any]] = []
        # `super().received` returns handshakes that are read already; this event has AWS's answers as the SDK parsed
        # them.
        client.meta.events.register("after-call.organizations.ListHandshakesForAccount", self._keep)

    def received(self, receiver: str) -> list[Handshake]:
        """All handshakes of a receiver; raises `ListingError`."""
        self._pages.clear()
        return super().received(receiver)

    @property
    def raw_handshakes(self) -> list[Any]:
        """The handshakes of the last listing, as the SDK parsed them; of one listed twice, the later entry counts."""
        return [raw for page in self._pages for raw in page.get("Handshakes") or ()]

    def _keep(self, parsed: dict[str, Any], **_: object) -> None:
        self._pages.append(parsed)


class RecordingOrganizations(ListedOrganizations):
    """`Organizations` that appends each listing to a file of JSON lines."""

    def __init__(self, client: "OrganizationsClient", file: Path, *, listing: Pace | None = None) -> None:
        """Raises `RecordingError` if the file can't be written."""
        super().__init__(client, listing=listing)
        self._file = file
        self._append("")

    def received(self, receiver: str) -> list[Handshake]:
        """All handshakes of a receiver, once they are on file.

        Raises `RecordingError` if they can't be written, and `ListingError`. A listing that failed is not recorded.
        """
        found = super().received(receiver)
        now = datetime.now(UTC)
        self._append("".join(listed_line(raw, receiver, now) for raw in self.raw_handshakes))
        return found

    def _append(self, lines: str) -> None:
        """Write whole lines or nothing, even if the disk is full."""
        try:
            with self._file.open("ab", buffering=0) as file:
                size = file.tell() if file.seekable() else 0
                try:
                    _write(file, lines.encode("ascii"))
                except OSError:
                    with suppress(OSError):  # not every file can be truncated
                        file.truncate(size)
                    raise
        except (OSError, ValueError) as error:
            raise RecordingError(f"{self._file} can't be written: {reason_of(error)}") from error


def _write(file: FileIO, content: bytes) -> None:
    while content:
        content = content[file.write(content) :]
