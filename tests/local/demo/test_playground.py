"""`make cloud`: it ends without leftovers, and prints decisions and messages."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from typing import Any, cast

import pytest
from rich.console import Console

from local.cloud.cloud import ACCOUNT, ROOT, Mail, wait_for
from local.demo import playground
from local.demo.playground import format_log_line, format_mail
from local.embedded.server import serve

pytestmark = pytest.mark.xdist_group("cloud")


def is_open(address: str) -> bool:
    """True if a server listens there."""
    host, port = address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):  # closed, or just being closed
        return False
    return True


def end_by(number: signal.Signals) -> tuple[int, str, str]:
    """Start `make cloud`, and send it a signal; returns its exit status, its last output, and the cloud's address."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "local.demo.playground"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        address = started.stdout.readline().split()[-1]
        assert is_open(address)
        started.send_signal(number)
        rest = started.communicate(timeout=60)[0]
    return started.returncode, rest, address


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["kill", "a closed terminal"])
def test_a_signal_ends_the_whole_cloud(number: signal.Signals) -> None:
    status, rest, address = end_by(number)
    assert rest.endswith("The local cloud is gone, with all that was in it.\n")
    assert status == 0
    assert not is_open(address)


def test_where_it_could_not_even_say_so_the_cloud_ends_all_the_same() -> None:
    status, _, address = end_by(signal.SIGKILL)
    assert status == -signal.SIGKILL
    assert wait_for(lambda: not is_open(address), seconds=10)


class PassingCloud:
    """A cloud for `watch` whose stack comes and goes: `topics` has a topic's ARN, or None, for each poll."""

    def __init__(self, topics: list[str | None]) -> None:
        """Each poll takes the first topic; after the last one it raises KeyboardInterrupt, as Ctrl-C does."""
        self.topics = topics
        self.listened: list[str] = []

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack, empty if there is none."""
        if not self.topics:
            raise KeyboardInterrupt
        topic = self.topics.pop(0)
        self.topic = topic
        return {"TopicArn": topic} if topic else {}

    def subscribe(self) -> str:
        """Subscribe to the current topic."""
        self.listened.append(str(self.topic))
        return "queue"

    def log_lines(self) -> list[str]:
        """One line of the current function."""
        return [f"a line of {self.topic}"] if self.topic else []

    def take_mails(self, queue: str) -> list[Mail]:
        """One message."""
        return [Mail("1 handshake declined", f"a message to {queue}")]


def test_it_watches_whatever_stack_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playground, "_SECONDS", 0)
    cloud = PassingCloud([None, "one", "one", None, "two"])
    console = Console(file=io.StringIO(), width=100)
    with pytest.raises(KeyboardInterrupt):
        playground.watch(cast("Any", cloud), console)
    printed = [line for line in console.file.getvalue().splitlines() if "line of" in line or "stack" in line]  # type: ignore[attr-defined]
    assert printed == ["a line of one", "The stack is gone.", "The stack is there again.", "a line of two"]
    assert cloud.listened == ["one", "two"]


def test_what_it_prints_to_send_a_handshake_sends_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as aws:
        playground.add_stranger(aws)
        stranger = aws.credentials(playground.STRANGER)["aws_access_key_id"]  # moto's, since ministack is not there
        printed = playground.TRY.format(stranger=stranger, account=ACCOUNT, LedgerTable="t", LogGroupName="g")
        [line] = re.findall(r"python -c \"(.*?)\"", printed, re.DOTALL)
        environment = {"AWS_ENDPOINT_URL": str(aws.endpoint_url), "AWS_ACCESS_KEY_ID": stranger}
        others = {"AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "eu-west-1", "PATH": os.defpath}
        subprocess.run([sys.executable, "-c", line], env=environment | others, check=True)
        [handshake] = aws.received(ACCOUNT)
    assert (handshake["Action"], handshake["State"]) == ("INVITE", "OPEN")


DECISION = {
    "timestamp": "2026-11-22 12:00:01,000+0000",
    "level": "INFO",
    "message": "would_decline",
    "handshake_id": "h-0a1b2c3d4e5f",
    "reason": "no rule matches",
}


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        pytest.param(DECISION, "12:00:01 would decline h-0a1b2c3d4e5f: no rule matches", id="a decision"),
        pytest.param(
            {"timestamp": "2026-11-22 12:00:01,000+0000", "level": "ERROR", "message": "PutEvents failed"},
            "12:00:01 PutEvents failed",
            id="an error",
        ),
        pytest.param(
            {"timestamp": "2026-11-22 12:00:01,000+0000", "level": "INFO", "message": "sent", "subject": "1 left"},
            "12:00:01 sent 1 left",
            id="a message",
        ),
        pytest.param({"_aws": {}}, None, id="metrics"),
        pytest.param("START RequestId: 1", None, id="what Lambda writes"),
        pytest.param("Traceback \x1b[2J", "Traceback \\x1b[2J", id="anything else, escaped"),
    ],
)
def test_log_lines_for_people(line: Any, printed: str | None) -> None:
    found = format_log_line(line if isinstance(line, str) else json.dumps(line))
    assert (found.plain if found else None) == printed


def test_mails_for_people() -> None:
    alarm = json.dumps({"AlarmName": "Breach", "NewStateValue": "ALARM", "AlarmDescription": "Act."})
    assert format_mail(Mail("ALARM: Breach", alarm)) == "Subject: ALARM: Breach\n\nBreach is ALARM\nAct."
    assert format_mail(Mail("1 left", "A handshake.")) == "Subject: 1 left\n\nA handshake."
