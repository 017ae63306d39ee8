"""The state of an accepted handshake: undone, or still in force. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from invitation_responder.core.record import Record

# The statuses in which a transfer hands nothing over, or is withdrawn: nobody can do more against it (service model,
# ResponsibilityTransferStatus). A status that is not known here counts as ACCEPTED.
_NOT_STANDING: Final = frozenset({"REQUESTED", "DECLINED", "CANCELED", "EXPIRED", "WITHDRAWN"})


@dataclass(frozen=True, slots=True)
class Transfer:
    """A billing transfer by which another organization pays the bill; what AWS leaves out is None."""

    handshake_id: str | None
    management_account: str | None
    status: str | None


def has_left_sender(record: Record, organization: str | None) -> bool:
    """True if an account that is in `organization` (None: in none) is not in the sender's organization."""
    return record.organization is not None and organization != record.organization


def has_ended(record: Record, transfers: Iterable[Transfer]) -> bool:
    """True if none of an account's transfers to the sender of a record stands any more."""
    return not any(
        transfer.status not in _NOT_STANDING
        and (
            transfer.handshake_id == record.handshake_id
            or (transfer.management_account is not None and transfer.management_account == record.management_account)
        )
        for transfer in transfers
    )
