"""The main job on an embedded AWS: `make demo`.

A server that speaks AWS's protocol, an account that has received handshakes from a good dozen senders, and the real
Lambda handler with the shipped policy: first in audit mode as it ships, then enforcing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from authoring.source import load_policy
from authoring.table import STYLES
from invitation_responder.events import SOURCE
from invitation_responder.policy import Policy
from invitation_responder.printable import printable
from local.cast import SUSAN, Arrival, arrivals
from local.function import ACCOUNT_VARIABLE, create_ledger_table
from local.server import serve
from local.world import World

POLICY = Path("policies")
TABLE = "invitation-responder-ledger"


def main() -> None:
    """Run the demo; the exit status is that of the worst that happened."""
    started = time.monotonic()
    console = Console(highlight=False)
    policy = load_policy(POLICY)
    now = datetime.now(UTC)
    cast = arrivals(now)
    with serve() as aws, tempfile.TemporaryDirectory() as folder:
        queue = prepare(aws, cast)
        console.rule("What came in")
        console.print(f"Account {SUSAN} has received {len(cast)} handshakes:\n")
        console.print(table_of_arrivals(cast, now))
        for mode in ("audit", "enforce"):
            chosen = replace(policy, mode=mode)
            console.rule(f"{POLICY}/ in {mode} mode")
            if mode == "enforce":
                for arrival in cast:
                    prepare_race(aws, arrival)
            records = invoke(aws, chosen, Path(folder))
            console.print(table_of_records(records, cast, aws))
            answers = aws.count("DeclineHandshake") + aws.count("AcceptHandshake")
            console.print(f"{answers} answers were sent. Told on EventBridge: {told(aws, queue)}.\n")
        entries = aws.client("dynamodb", SUSAN).scan(TableName=TABLE, Select="COUNT")["Count"]
    console.print(f"The ledger keeps {entries} handshakes. That took {time.monotonic() - started:.1f} seconds.")


def prepare(aws: World, cast: list[Arrival]) -> str:
    """Make the ledger's table, a queue that gets the responder's events (its URL is returned), and let all arrive."""
    aws.account(SUSAN, email="susan@example.com", name="Susan")
    create_ledger_table(aws.client("dynamodb", SUSAN), TABLE)
    sqs, events = aws.client("sqs", SUSAN), aws.client("events", SUSAN)
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="told", EventPattern=json.dumps({"source": [SOURCE]}))
    events.put_targets(Rule="told", Targets=[{"Id": "queue", "Arn": arn}])
    for arrival in cast:
        aws.receive(SUSAN, arrival.handshake)
    return str(queue)


def prepare_race(aws: World, arrival: Arrival) -> None:
    """Let somebody be faster than the responder, just before its answer to this handshake is executed."""
    meanwhile = arrival.meanwhile
    if meanwhile is not None:
        aws.before("DeclineHandshake", lambda _: meanwhile(aws))


def invoke(aws: World, policy: Policy, folder: Path) -> list[dict[str, Any]]:
    """Invoke the real handler with the compiled policy, in a process of its own; returns the decisions it logged."""
    compiled = folder / "policy.json"
    compiled.write_bytes(policy.to_json())
    run = subprocess.run(
        [sys.executable, "-m", "local.function"],
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **aws.environment(SUSAN),
            ACCOUNT_VARIABLE: SUSAN,
            "POLICY_FILE": str(compiled),
            "LEDGER_TABLE": TABLE,
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return [line for line in lines if "handshake_id" in line]


def told(aws: World, queue: str) -> str:
    """What subscribers heard since the last look, by kind."""
    sqs = aws.client("sqs", SUSAN)
    heard: Counter[str] = Counter()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            heard[json.loads(message["Body"])["detail"]["kind"]] += 1
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(heard.items())) or "nothing new"


def table_of_arrivals(cast: list[Arrival], now: datetime) -> Table:
    """Who sent what, and when. What senders write is escaped before it comes near a terminal."""
    table = Table("#", "From", "Asks for", "Ago", "Says")
    for number, arrival in enumerate(cast, start=1):
        handshake = arrival.handshake
        notes = [resource["Value"] for resource in handshake["Resources"] if resource["Type"] == "NOTES"]
        hours = (now - handshake["RequestedTimestamp"]).total_seconds() / 3600
        table.add_row(
            str(number),
            Text(arrival.who),
            Text(handshake["Action"]),
            f"{hours:.0f} h",
            Text(printable(notes[0], 60) if notes else ""),
        )
    return table


def table_of_records(records: list[dict[str, Any]], cast: list[Arrival], aws: World) -> Table:
    """What became of each handshake, why, and what AWS says of it now."""
    numbers = {arrival.handshake["Id"]: number for number, arrival in enumerate(cast, start=1)}
    table = Table("#", "Outcome", "Why", "State in AWS", show_lines=True)
    for record in sorted(records, key=lambda record: numbers[record["handshake_id"]]):
        kind = record["message"]
        table.add_row(
            str(numbers[record["handshake_id"]]),
            Text(kind.replace("_", " "), style=STYLES[kind]),
            Text(record["reason"]),
            str(aws.handshake(record["handshake_id"])["State"]),
        )
    return table


if __name__ == "__main__":
    main()
