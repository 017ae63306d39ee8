"""Handshakes, written down exactly as AWS lists them, before any of them is answered."""

from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authoring.diagnostics.wording import reason_of
from authoring.replay.lines import listed_line
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.core.handshake import Handshake

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient


class RecordingError(Exception):
    """The file can't be written. Nothing may be answered."""


class ListedOrganizations(Organizations):
    """`Organizations` that keeps what it lists."""

    def __init__(self, client: "OrganizationsClient", *, listing: Pace | None = None) -> None:
        """Nothing is listed yet."""
        super().__init__(client, listing=listing)
        self._pages: list[dict[str, Any]] = []
        # `super().received` gives what was made of AWS's answers; here they are as the SDK parsed them.
        client.meta.events.register("after-call.organizations.ListHandshakesForAccount", self._keep)

    def received(self, receiver: str) -> list[Handshake]:
        """All handshakes; raises `ListingError`."""
        self._pages.clear()
        return super().received(receiver)

    @property
    def raw_handshakes(self) -> list[Any]:
        """What AWS listed last, as the SDK parsed it. One may be in it twice: then its later word counts."""
        return [raw for page in self._pages for raw in page.get("Handshakes") or ()]

    def _keep(self, parsed: dict[str, Any], **_: object) -> None:
        self._pages.append(parsed)


class RecordedOrganizations(ListedOrganizations):
    """`Organizations` that appends what it lists to a file of JSON lines."""

    def __init__(self, client: "OrganizationsClient", file: Path, *, listing: Pace | None = None) -> None:
        """Raises `RecordingError` for a file that can't be written."""
        super().__init__(client, listing=listing)
        self._file = file
        self._append("")

    def received(self, receiver: str) -> list[Handshake]:
        """All handshakes, when they are on file; raises `RecordingError` where they can't be written.

        A listing that failed is not recorded.
        """
        found = super().received(receiver)
        now = datetime.now(UTC)
        self._append("".join(listed_line(raw, receiver, now) for raw in self.raw_handshakes))
        return found

    def _append(self, lines: str) -> None:
        """Write whole lines or nothing, also where the disk is full."""
        try:
            with self._file.open("ab", buffering=0) as file:
                size = file.tell() if file.seekable() else 0
                try:
                    _write(file, lines.encode("ascii"))
                except OSError:
                    with suppress(OSError):  # not every file can be cut
                        file.truncate(size)
                    raise
        except (OSError, ValueError) as error:
            raise RecordingError(f"{self._file} can't be written: {reason_of(error)}") from error


def _write(file: FileIO, content: bytes) -> None:
    while content:
        content = content[file.write(content) :]
