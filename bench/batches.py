"""The process that `bench.organization` measures: sweeps the accounts that stdin names, and says what they cost.

The settings are those of the batch handler, which reads them when it is imported.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import boto3

from invitation_responder.aws.client import CLIENT_CONFIG
from invitation_responder.aws.organizations import Organizations
from invitation_responder.invocation import log_record
from invitation_responder.organization import batch_handler as handler
from invitation_responder.organization.batches import FUNCTION_TIMEOUT
from invitation_responder.sweep import Sweep
from local.embedded.function import Context

_ACCOUNTS_A_SECOND: Final = 1e9
_STATUS: Final = Path("/proc/self/status")


class BatchContext(Context):
    """An invocation with the time that a batch has."""

    def get_remaining_time_in_millis(self) -> int:
        """The time left; none has passed."""
        return FUNCTION_TIMEOUT // timedelta(milliseconds=1)


def sweep_our_way(hub: str, accounts: list[str]) -> None:
    """Invoke the handler of a batch."""
    ends_at = datetime.now(UTC) + FUNCTION_TIMEOUT
    batch = {"sweep": "bench", "accounts": accounts, "rate": _ACCOUNTS_A_SECOND, "ends_at": ends_at.isoformat()}
    result = handler.handle(batch, BatchContext(hub))  # type: ignore[arg-type] # all that is read of a context
    if result["swept"] != len(accounts):
        sys.exit(f"not all accounts were swept: {result}")


def sweep_plainly(_hub: str, accounts: list[str]) -> None:
    """Make a session and clients for each account. Ledger, coverage, log and the sweep itself are the handler's."""
    for account in accounts:
        session = boto3.Session()
        credentials = session.client("sts", config=CLIENT_CONFIG).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{handler.role_name}",
            RoleSessionName="bench",
            ExternalId=handler.external_id,
        )["Credentials"]
        client = session.client(
            "organizations",
            config=CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        Sweep(
            id="bench",
            receiver=account,
            decider=handler.decider,
            organizations=Organizations(client),
            ledger=handler.ledger,
            events=handler.events,
            deadline=datetime.now(UTC) + FUNCTION_TIMEOUT,
            observe=partial(log_record, handler.logger),
        ).run()
        handler.coverage.record(account, "swept", detail="", sweep="bench", now=datetime.now(UTC))


def resident_memory() -> float:
    """The memory of this process in MiB: now, or where the system does not say, the most so far."""
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


def main(way: str, warm_up: int) -> None:
    """Sweep, and print the cost of the accounts after the first ones as the last line."""
    hub: str = boto3.client("sts").get_caller_identity()["Account"]
    accounts: list[str] = json.load(sys.stdin)
    sweep: Callable[[str, list[str]], None] = {"ours": sweep_our_way, "plain": sweep_plainly}[way]
    sweep(hub, accounts[:warm_up])
    before, begun = resident_memory(), time.process_time()
    sweep(hub, accounts[warm_up:])
    milliseconds = 1000 * (time.process_time() - begun)
    cost = {"cpu": milliseconds / len(accounts[warm_up:]), "before": before, "after": resident_memory()}
    sys.stdout.write(f"{json.dumps(cost)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
