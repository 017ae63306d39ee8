"""The process that `bench.cold_start` measures: `start.py <way> <folder>` starts once, with that folder's packages.

It imports nothing before it must. Settings, credentials and endpoints come from the environment. Prints the seconds of
the processor since the process began, and the time.
"""

import os
import sys
import time

if hasattr(os, "sched_setaffinity"):  # as Lambda does it: one core at most
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
sys.path.insert(0, sys.argv[2])


class Context:
    """Lambda's context object, as far as the handlers and Powertools read it."""

    function_name = "invitation-responder"
    memory_limit_in_mb = 512
    aws_request_id = "start"
    invoked_function_arn = f"arn:aws:lambda:us-east-1:{os.environ['HUB']}:function:invitation-responder"

    def get_remaining_time_in_millis(self) -> int:
        """The time left; none has passed."""
        return 900_000


def call_by_boto3() -> None:
    """Make one client, and list handshakes once."""
    import boto3  # noqa: PLC0415 - measured, as the others below

    boto3.client("organizations").list_handshakes_for_account()


def call_with_three_clients() -> None:
    """Make a client for each service that a sweep uses, and list handshakes once."""
    import boto3  # noqa: PLC0415

    organizations = boto3.client("organizations")
    boto3.client("dynamodb")
    boto3.client("events")
    organizations.list_handshakes_for_account()


def sweep() -> None:
    """Sweep one account, with nothing new in it."""
    from invitation_responder.handler import handle  # noqa: PLC0415

    if handle({}, Context()) != {}:  # type: ignore[arg-type] # all that is read of a context
        sys.exit("there was something new in the account")


def sweep_batch() -> None:
    """Sweep a batch of one account, with nothing new in it."""
    from invitation_responder.organization.batch_handler import handle  # noqa: PLC0415

    batch = {"sweep": "bench", "accounts": [os.environ["MEMBER"]], "rate": 1e9, "ends_at": "9999-12-31T00:00:00+00:00"}
    if handle(batch, Context()) != {"accounts": 1, "swept": 1}:  # type: ignore[arg-type] # all that is read of a context
        sys.exit("the account was not swept")


WAYS = {
    "boto3": call_by_boto3,
    "three": call_with_three_clients,
    "sweep": sweep,
    "batch": sweep_batch,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
    sys.stdout.write(f"{time.process_time()} {time.time()}\n")
