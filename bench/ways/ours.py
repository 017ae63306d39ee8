"""Ours: the handler of a batch. Its settings are read when it is imported."""

from datetime import UTC, datetime, timedelta
from typing import Final

import boto3

from invitation_responder.organization import batch_handler as handler
from invitation_responder.organization.batches import FUNCTION_TIMEOUT
from local.embedded.function import Context

_ACCOUNTS_A_SECOND: Final = 1e9


class BatchContext(Context):
    """An invocation with the time that a batch has."""

    def get_remaining_time_in_millis(self) -> int:
        """The time left; none has passed."""
        return FUNCTION_TIMEOUT // timedelta(milliseconds=1)


def sweep(accounts: list[str], rate: float = _ACCOUNTS_A_SECOND) -> None:
    """Invoke the handler for one batch, with so many listings a second. Raises `RuntimeError` if accounts are left."""
    hub: str = boto3.client("sts").get_caller_identity()["Account"]
    ends_at = datetime.now(UTC) + FUNCTION_TIMEOUT
    batch = {"sweep": "bench", "accounts": accounts, "rate": rate, "ends_at": ends_at.isoformat()}
    result = handler.handle(batch, BatchContext(hub))  # type: ignore[arg-type] # all that is read of a context
    if result["swept"] != len(accounts):
        raise RuntimeError(f"not all accounts were swept: {result}")
