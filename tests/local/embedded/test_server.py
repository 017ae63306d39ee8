"""The embedded AWS over HTTP: in a thread of this process, and in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from local.embedded.server import main, serve

Letter = Callable[..., dict[str, Any]]
ACCOUNT = "222222222222"


def test_the_server_is_quiet_local_and_gone_afterwards(letter: Letter, capfd: pytest.CaptureFixture[str]) -> None:
    with serve() as aws:
        aws.receive(ACCOUNT, letter(ExpirationTimestamp=None))
        client = aws.client("organizations", ACCOUNT)
        assert len(client.list_handshakes_for_account()["Handshakes"]) == 1
        assert str(aws.endpoint_url).startswith("http://127.0.0.1:")
        port = int(str(aws.endpoint_url).rpartition(":")[2])
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    assert aws.received(ACCOUNT) == []


def test_a_reset_over_http_empties_it(letter: Letter) -> None:
    with serve() as aws:
        aws.receive(ACCOUNT, letter(ExpirationTimestamp=None))
        request = urllib.request.Request(f"{aws.endpoint_url}/moto-api/reset", method="POST")  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310
        assert aws.client("organizations", ACCOUNT).list_handshakes_for_account()["Handshakes"] == []


def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_process() -> None:
    with serve() as first:
        port = int(str(first.endpoint_url).rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), serve(port):
            pass


def test_the_command_says_in_one_line_that_a_port_is_taken() -> None:
    with serve() as first:
        port = str(first.endpoint_url).rpartition(":")[2]
        with pytest.raises(SystemExit, match=f"port {port} can't be had: address already in use"):
            main(["--port", port])


def test_other_services_are_there_too() -> None:
    with serve() as aws:
        events = aws.client("events", ACCOUNT)
        assert events.list_event_buses()["EventBuses"][0]["Name"] == "default"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_process_of_its_own_says_where_it_is_and_stops_when_told(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "local.embedded.server"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        session = boto3.Session(aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="x", region_name="us-east-1")
        client = session.client("organizations", endpoint_url=url)
        assert client.list_handshakes_for_account()["Handshakes"] == []
        process.send_signal(stop)
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0
