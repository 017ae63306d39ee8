"""`make cloud`: that it goes as it came; what it shows."""

import json
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest

from local.cloud import ROOT
from local.playground import log_line, readable

pytestmark = pytest.mark.xdist_group("cloud")


def is_open(address: str) -> bool:
    """Whether anybody listens there."""
    host, port = address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["kill", "a closed terminal"])
def test_a_signal_ends_the_whole_cloud(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "local.playground"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as playground:
        assert playground.stdout
        address = playground.stdout.readline().split()[-1]
        assert is_open(address)
        playground.send_signal(number)
        rest = playground.communicate(timeout=60)[0]
    assert rest.endswith("The local cloud is gone, with all that was in it.\n")
    assert playground.returncode == 0
    assert not is_open(address)


DECISION = {
    "timestamp": "2026-11-22 12:00:01,000+0000",
    "level": "INFO",
    "message": "would_decline",
    "handshake_id": "h-0a1b2c3d4e5f",
    "reason": "no rule matches",
}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param(DECISION, "12:00:01 would decline h-0a1b2c3d4e5f: no rule matches", id="a decision"),
        pytest.param(
            {"timestamp": "2026-11-22 12:00:01,000+0000", "level": "ERROR", "message": "PutEvents failed"},
            "12:00:01 PutEvents failed",
            id="an error",
        ),
        pytest.param({"_aws": {}}, None, id="metrics"),
        pytest.param("START RequestId: 1", None, id="what Lambda writes"),
        pytest.param("Traceback \x1b[2J", "Traceback \\x1b[2J", id="anything else, escaped"),
    ],
)
def test_log_lines_for_people(line: Any, shown: str | None) -> None:
    found = log_line(line if isinstance(line, str) else json.dumps(line))
    assert (found.plain if found else None) == shown


def test_an_alarms_message_for_people() -> None:
    message = json.dumps({"AlarmName": "Breach", "NewStateValue": "ALARM", "AlarmDescription": "Act."})
    assert readable(message) == "Breach is ALARM\nAct."
    assert readable('"Handshake Breach"') == '"Handshake Breach"'
