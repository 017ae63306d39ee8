"""The Lambda function on this machine: its context, its ledger table, and one invocation of the real handler.

`python -m local.embedded.function` invokes the handler once in a new process, which is a cold start. Settings,
credentials and endpoints come from the environment. Its output is what Lambda would log.
"""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

ACCOUNT_VARIABLE = "LOCAL_FUNCTION_ACCOUNT"
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Context:
    """Lambda's context object, as far as the handler and Powertools read it."""

    account: str
    function_name: str = "invitation-responder"
    memory_limit_in_mb: int = 256
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN, with its account."""
        return f"arn:aws:lambda:us-east-1:{self.account}:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """The time left for the invocation, in milliseconds."""
        return int(1000 * (TIMEOUT_SECONDS - (time.monotonic() - self.started)))


def create_ledger_table(client: Any, name: str) -> None:
    """Create the ledger's table, with the keys that the functions use."""
    _create_table(client, name, "receiver", "handshake_id")


def create_organization_table(client: Any, name: str) -> None:
    """Create the table of organization scope."""
    _create_table(client, name, "kind", "id")


def create_marks_table(client: Any, name: str) -> None:
    """Create the table of the marks."""
    _create_table(client, name, "id")


def _create_table(client: Any, name: str, *names: str) -> None:
    keys = dict(zip(names, ("HASH", "RANGE"), strict=False))
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )


def main() -> None:
    """Invoke the handler once, in the account of `LOCAL_FUNCTION_ACCOUNT`."""
    import os  # noqa: PLC0415 - with the handler, whose import reads the environment

    from invitation_responder.handler import handle  # noqa: PLC0415

    handle({}, Context(account=os.environ[ACCOUNT_VARIABLE]))  # type: ignore[arg-type] # all that is read of a context


if __name__ == "__main__":
    main()
