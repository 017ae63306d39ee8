"""The demo, `make demo`: the real Lambda handler answers handshakes on the embedded AWS.

An account has received handshakes from a good dozen senders. The handler sweeps it over HTTP, in audit mode and then in
enforce mode, with the demo's policy or with yours (`make demo POLICY=policies`).
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

from authoring.diagnostics.diagnostic import InvalidPolicy
from authoring.language.compiler import load_policy
from authoring.reports.run import STYLES
from invitation_responder.core.escaping import printable
from invitation_responder.core.handshake import read_handshake
from invitation_responder.core.policy import Policy
from local.demo.scenario import SUSAN, Arrival, arrivals
from local.embedded.function import ACCOUNT_VARIABLE, create_ledger_table
from local.embedded.listener import Listener
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws

POLICY = Path("local/policies")
TABLE = "invitation-responder-ledger"


def main() -> None:
    """Run the demo."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else POLICY
    try:
        demonstrate(load_policy(path), path, Console(highlight=False))
    except InvalidPolicy as error:
        sys.exit(f"{error}\nThe demo can't run a policy that has mistakes.")
    except KeyboardInterrupt:
        sys.exit(130)


def demonstrate(policy: Policy, path: Path, console: Console) -> None:
    """Let handshakes arrive, sweep the account in both modes of the policy, and print the results."""
    started = time.monotonic()
    now = datetime.now(UTC)
    cast = arrivals(now)
    with serve() as aws, tempfile.TemporaryDirectory() as folder:
        listener = prepare(aws, cast)
        console.rule("What came in")
        console.print(f"Account {SUSAN} has received {len(cast)} handshakes:\n")
        console.print(tabulate_arrivals(cast, now))
        console.print(f"\nThe policy, {path}: {describe_policy(policy)}.\n")
        for mode in ("audit", "enforce"):
            chosen = replace(policy, mode=mode)
            console.rule(f"The policy in {mode} mode")
            if mode == "enforce":
                for arrival in cast:
                    prepare_race(aws, arrival)
            records = number_records(invoke(aws, chosen, Path(folder)), cast)
            console.print(tabulate_records(records, aws))
            numbers = {str(number) for number in range(1, len(cast) + 1)} - {record["number"] for record in records}
            console.print(f"Nothing new of {', '.join(sorted(numbers, key=int))}: closed earlier, or told before.")
            answers = [call for call in aws.calls if call.operation in ("DeclineHandshake", "AcceptHandshake")]
            late = sum(call.error is not None for call in answers)
            console.print(f"{len(answers)} answers were sent, {late} of them came too late.")
            console.print(f"New on EventBridge: {count_by_kind(listener.take_events())}.\n")
        entries = aws.client("dynamodb", SUSAN).scan(TableName=TABLE, Select="COUNT")["Count"]
    console.print(f"The ledger keeps all {entries} that were decided about.")
    console.print(f"That took {time.monotonic() - started:.1f} seconds.")


def prepare(aws: EmbeddedAws, cast: list[Arrival]) -> Listener:
    """Create the ledger's table, let all handshakes arrive, and return a listener to the events."""
    aws.account(SUSAN, email="susan@example.com", name="Susan")
    create_ledger_table(aws.client("dynamodb", SUSAN), TABLE)
    for arrival in cast:
        aws.receive(SUSAN, arrival.handshake)
    return Listener(aws, SUSAN)


def prepare_race(aws: EmbeddedAws, arrival: Arrival) -> None:
    """Run the arrival's `meanwhile`, if any, just before the responder's next decline is executed."""
    meanwhile = arrival.meanwhile
    if meanwhile is not None:
        aws.before("DeclineHandshake", lambda _: meanwhile(aws))


def invoke(aws: EmbeddedAws, policy: Policy, folder: Path) -> list[dict[str, Any]]:
    """Invoke the real handler with the compiled policy, in a new process; returns the records that it logged."""
    compiled = folder / "policy.json"
    compiled.write_bytes(policy.to_json())
    run = subprocess.run(
        [sys.executable, "-m", "local.embedded.function"],
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


def count_by_kind(events: list[dict[str, Any]]) -> str:
    """The number of events of each kind, in words."""
    counts = Counter(event["detail"]["kind"] for event in events)
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items())) or "nothing"


def describe_policy(policy: Policy) -> str:
    """The policy's default, wait and rules, on one line."""
    rules = ", ".join(f"{rule.name} ({rule.effect})" for rule in policy.rules)
    hours = policy.wait.total_seconds() / 3600
    return f"default {policy.default}, wait {hours:g}h, rules: {rules}"


def number_records(records: list[dict[str, Any]], cast: list[Arrival]) -> list[dict[str, Any]]:
    """The records in the order of their handshakes' arrival, each with its `number`, from 1."""
    numbers = {arrival.handshake["Id"]: number for number, arrival in enumerate(cast, start=1)}
    numbered = [{**record, "number": str(numbers[record["handshake_id"]])} for record in records]
    return sorted(numbered, key=lambda record: int(record["number"]))


def tabulate_arrivals(cast: list[Arrival], now: datetime) -> Table:
    """A table of the handshakes and their senders; senders' text is escaped for the terminal."""
    table = Table("#", "From")
    table.add_column("Asks for", overflow="fold")
    table.add_column("Ago", min_width=5)
    table.add_column("Says", overflow="fold", min_width=16)
    for number, arrival in enumerate(cast, start=1):
        handshake = arrival.handshake
        notes = [resource["Value"] for resource in handshake["Resources"] if resource["Type"] == "NOTES"]
        hours = (now - handshake["RequestedTimestamp"]).total_seconds() / 3600
        sender = read_handshake(handshake, SUSAN).organization or ""
        table.add_row(
            str(number),
            Text(f"{arrival.who}\n{sender}".strip()),
            Text(handshake["Action"]),
            f"{hours:.0f} h",
            Text(printable(notes[0], 120) if notes else ""),
        )
    return table


def tabulate_records(records: list[dict[str, Any]], aws: EmbeddedAws) -> Table:
    """A table of each handshake's outcome, its reason, and its state in AWS."""
    table = Table("#", "Outcome", "Why", "State in AWS", show_lines=True)
    for record in records:
        kind = record["message"]
        table.add_row(
            record["number"],
            Text(kind.replace("_", " "), style=STYLES[kind]),
            Text(record["reason"]),
            str(aws.handshake(record["handshake_id"])["State"]),
        )
    return table


if __name__ == "__main__":
    main()
