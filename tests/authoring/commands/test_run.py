"""`responder run`: one sweep, as a user and as a machine see it."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from authoring.cli import main
from authoring.reports.run import make_table
from invitation_responder.core.record import Record
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from support.embedded import invitation
from support.strategies import RECEIVER

ENFORCING = """\
version: 1
mode: enforce
rules:
  - name: corporate
    effect: allow
    organizations: [o-exampleorgid]
"""
NAMES = [
    "handshake_id",
    "receiver",
    "action",
    "state",
    "organization",
    "management_account",
    "requested_at",
    "expires_at",
    "effect",
    "rules",
    "reason",
    "outcome",
    "mode",
    "policy_sha256",
    "answer_by",
]


def fresh(number: int, organization: str = "o-stranger0001", **members: Any) -> dict[str, Any]:
    """An invitation on the real clock, by which the command judges."""
    now = datetime.now(UTC)
    times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(days=14)}
    return invitation(number, organization, **{**times, **members})


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy file."""
    path = tmp_path / "policy.yaml"
    path.write_text(ENFORCING)
    return path


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAws]:
    """A server, and the environment of a client that is the receiver."""
    with serve() as aws:
        for name, value in aws.environment(RECEIVER).items():
            monkeypatch.setenv(name, value)
        yield aws


def run(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


def records(result: Result) -> list[dict[str, Any]]:
    """The printed records."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_it_answers_and_prints_a_record_a_line(aws: EmbeddedAws, policy: Path) -> None:
    aws.receive(RECEIVER, fresh(1))
    aws.receive(RECEIVER, fresh(2, "o-exampleorgid"))
    result = run("--policy", policy, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert [(record["handshake_id"], record["outcome"]) for record in records(result)] == [
        ("h-00000001", "declined"),
        ("h-00000002", "left"),
    ]
    assert [list(record) for record in records(result)] == [NAMES, NAMES]
    assert {record["receiver"] for record in records(result)} == {RECEIVER}
    assert aws.handshake("h-00000001")["State"] == "DECLINED"
    assert result.stderr == ""


def test_a_machine_gets_json_without_asking(aws: EmbeddedAws, policy: Path) -> None:
    aws.receive(RECEIVER, fresh(1))
    assert records(run("--policy", policy))[0]["outcome"] == "declined"


def test_audit_answers_nothing(aws: EmbeddedAws, policy: Path) -> None:
    aws.receive(RECEIVER, fresh(1))
    (record,) = records(run("--policy", policy, "--audit"))
    assert (record["outcome"], record["mode"]) == ("would_decline", "audit")
    assert aws.count("DeclineHandshake") == 0


@pytest.mark.parametrize(
    ("members", "failing", "kind"),
    [
        pytest.param({"Action": "SELL_ACCOUNT"}, None, "undecided", id="undecided"),
        pytest.param({"State": "ACCEPTED"}, None, "breach", id="a breach"),
        pytest.param({}, "AccessDeniedException", "failed", id="an answer that failed"),
    ],
)
def test_what_somebody_should_look_at_is_exit_status_1(
    aws: EmbeddedAws, policy: Path, members: dict[str, Any], failing: str | None, kind: str
) -> None:
    aws.receive(RECEIVER, fresh(1, **members))
    if failing:
        aws.fail("DeclineHandshake", failing)
    result = run("--policy", policy, "--format", "table")
    assert result.exit_code == 1
    assert kind in result.stdout


def test_a_broken_policy_is_exit_status_2_with_every_mistake_and_answers_nothing(
    aws: EmbeddedAws, tmp_path: Path
) -> None:
    broken = tmp_path / "policy.yaml"
    broken.write_text("version: 1\nmode: enforced\nrules: [{name: a, effect: alow}]\n")
    aws.receive(RECEIVER, fresh(1))
    result = run("--policy", broken)
    assert result.exit_code == 2
    assert f"{broken}:2:7: mode: `enforced`" in result.stderr
    assert f"{broken}:3:27: effect: `alow`" in result.stderr
    assert "nothing was done" in result.stderr
    assert result.stdout == ""
    assert aws.calls == []


def test_a_listing_that_aws_refuses_is_exit_status_2(aws: EmbeddedAws, policy: Path) -> None:
    aws.fail("ListHandshakesForAccount", "AccessDeniedException", message="not you", times=None)
    assert "Nothing was done." in run("--policy", policy, "--format", "table").stdout
    result = run("--policy", policy)
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: ListHandshakesForAccount failed: AccessDeniedException: not you; nothing was answered\n"
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "credentials", id="no credentials"),
        pytest.param({"AWS_PROFILE": "nobody"}, "nobody", id="an unknown profile"),
        pytest.param({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "connect", id="nobody listens"),
    ],
)
def test_what_keeps_it_from_working_is_one_line_and_exit_status_2(
    policy: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    result = run("--policy", policy)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--policy", "x", "--format", "xml"], ["--polcy", "x"]])
def test_wrong_usage_is_exit_status_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_nothing_pending_says_so(aws: EmbeddedAws, policy: Path) -> None:
    result = run("--policy", policy, "--format", "table")
    assert result.exit_code == 0
    assert "Nothing pending, nothing new." in result.stdout
    assert aws.count("ListHandshakesForAccount") == 1


def test_sender_text_is_shown_when_asked_for_and_then_escaped(aws: EmbeddedAws, policy: Path) -> None:
    aws.receive(RECEIVER, fresh(1))
    assert "gift" not in run("--policy", policy, "--audit").stdout
    (record,) = records(run("--policy", policy, "--audit", "--sender-text"))
    assert record["sender_text"] == {
        "emails": ["mallory@evil.example"],
        "names": ["Mallory Ltd"],
        "notes": "a gift card\\nfor you",
    }
    assert "a gift card\\nfor you" in run("--policy", policy, "--audit", "--sender-text", "--format", "table").stdout


def test_the_installed_command_works_in_a_process_of_its_own(aws: EmbeddedAws, policy: Path) -> None:
    aws.receive(RECEIVER, fresh(1))
    command = Path(sys.executable).parent / "responder"
    arguments: list[str | Path] = ["run", "--policy", policy, "--format", "json"]
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["outcome"] == "declined"


def test_the_table_is_readable_at_80_columns_and_reads_no_markup() -> None:
    reason = "no rule matches INVITE from organization o-x (management account 1), and the default is [bold]decline[/]"
    record = Record(
        handshake_id="h-" + "a" * 32,
        receiver=RECEIVER,
        action="ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
        state="OPEN",
        organization="o-" + "b" * 32,
        management_account="111111111111",
        requested_at=None,
        expires_at=None,
        effect="decline",
        rules=(),
        reason=reason,
        outcome="would_decline",
        mode="audit",
        policy_sha256="0" * 64,
    )
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(make_table([record]))
    printed = console.export_text()
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "[bold]" in printed
    assert "h-aaaaaaaaaa" in printed


class OrganizationsOnly(BaseHTTPRequestHandler):
    """A service that speaks only ListHandshakesForAccount and DeclineHandshake."""

    handshakes: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        """Answer an Organizations client's call; status 404 for any other operation."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        match self.headers.get("X-Amz-Target"):
            case "AWSOrganizationsV20161128.ListHandshakesForAccount":
                self.reply(200, {"Handshakes": self.handshakes})
            case "AWSOrganizationsV20161128.DeclineHandshake":
                handshake_id = json.loads(body)["HandshakeId"]
                (declined,) = [handshake for handshake in self.handshakes if handshake["Id"] == handshake_id]
                declined["State"] = "DECLINED"
                self.reply(200, {"Handshake": declined})
            case _:
                self.reply(404, {})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        """Send JSON, with timestamps in seconds."""
        payload = json.dumps(body, default=datetime.timestamp).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def organizations_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[OrganizationsOnly]]:
    """The service, and an environment that leads to it by `AWS_ENDPOINT_URL` alone."""
    OrganizationsOnly.handshakes = [fresh(1), fresh(2, "o-exampleorgid")]
    with ThreadingHTTPServer(("127.0.0.1", 0), OrganizationsOnly) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
        yield OrganizationsOnly
        server.shutdown()
        thread.join()


def test_any_endpoint_will_do_that_speaks_organizations(organizations_only: Any, policy: Path) -> None:
    result = run("--policy", policy, "--format", "json")
    assert result.exit_code == 0
    assert [record["outcome"] for record in records(result)] == ["declined", "left"]
    assert [handshake["State"] for handshake in organizations_only.handshakes] == ["DECLINED", "OPEN"]
    assert {record["receiver"] for record in records(result)} == {None}
    assert "GetCallerIdentity does not say which account this is" in result.stderr


def test_without_sts_the_credentials_may_name_the_account(
    organizations_only: Any, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCOUNT_ID", RECEIVER)
    result = run("--policy", policy, "--format", "json")
    assert {record["receiver"] for record in records(result)} == {RECEIVER}
    assert result.stderr == ""


@pytest.mark.parametrize("condition", ["accounts", "not_accounts"])
def test_a_policy_that_asks_for_the_account_is_not_used_without_it(
    organizations_only: Any, policy: Path, condition: str
) -> None:
    policy.write_text(ENFORCING + f'    {condition}: ["222222222222"]\n')
    result = run("--policy", policy)
    assert result.exit_code == 2
    assert f"set AWS_ACCOUNT_ID, since rules of the policy name `{condition}`; nothing was answered" in result.stderr
    assert [handshake["State"] for handshake in organizations_only.handshakes] == ["OPEN", "OPEN"]


class TestTroubleWithTheTerminal:
    """No trouble with stdout stops a sweep, and all of it is reported."""

    @pytest.fixture(autouse=True)
    def strangers(self, aws: EmbeddedAws) -> None:
        """Three invitations to decline."""
        for number in (1, 2, 3):
            aws.receive(RECEIVER, fresh(number))

    def start(self, policy: Path, form: str, **streams: Any) -> "subprocess.Popen[str]":
        """Start the command in a process of its own."""
        command: list[str | Path] = [Path(sys.executable).parent / "responder", "run", "--policy", policy]
        return subprocess.Popen([*command, "--format", form], stderr=subprocess.PIPE, text=True, **streams)

    def test_a_reader_that_goes_away(self, aws: EmbeddedAws, policy: Path) -> None:
        with self.start(policy, "json", stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stderr
            assert json.loads(process.stdout.readline())["outcome"] == "declined"
            process.stdout.close()
            assert process.stderr.read() == (
                "Error: stdout can't be written (broken pipe): the sweep was finished, but not all of it shown\n"
            )
        assert process.returncode == 2
        assert aws.count("DeclineHandshake") == 3

    @pytest.mark.parametrize("form", ["json", "table"])
    def test_a_disk_that_is_full(self, aws: EmbeddedAws, policy: Path, form: str) -> None:
        with Path("/dev/full").open("w") as full, self.start(policy, form, stdout=full) as process:
            assert process.stderr
            errors = process.stderr.read()
        assert errors.splitlines()[-1].startswith("Error: stdout can't be written (no space left on device)")
        assert process.returncode == 2
        assert aws.count("DeclineHandshake") == 3

    def test_no_stdout_at_all(self, aws: EmbeddedAws, policy: Path) -> None:
        with self.start(policy, "table", preexec_fn=lambda: os.close(1)) as process:
            assert process.stderr
            assert "Traceback" not in process.stderr.read()
        assert process.returncode == 0
        assert aws.count("DeclineHandshake") == 3

    def test_an_interruption_shows_what_was_done(self, aws: EmbeddedAws, policy: Path) -> None:
        # Enough work to be interrupted, however late the signal is sent.
        for number in range(5, 15):
            aws.receive(RECEIVER, fresh(number))
        with self.start(policy, "table", stdout=subprocess.PIPE) as process:
            while aws.count("DeclineHandshake") == 0:
                time.sleep(0.02)
            time.sleep(0.3)  # the sweep pauses for a second between answers
            process.send_signal(signal.SIGINT)
            printed, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        counted = re.search(r"^(\d+) declined\.$", printed, flags=re.MULTILINE)
        assert counted is not None
        # The answer in flight at the signal is not shown.
        assert 0 <= aws.count("DeclineHandshake") - int(counted[1]) <= 1
        assert aws.count("DeclineHandshake") < 10
        assert "Error: interrupted: an answer that was under way may have been given, and is not shown" in errors

    def test_a_terminal_that_knows_few_characters(
        self, aws: EmbeddedAws, policy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONIOENCODING", "ascii")
        aws.receive(RECEIVER, fresh(4, Resources=[{"Type": "NOTES", "Value": "日本"}]))
        command: list[str | Path] = [Path(sys.executable).parent / "responder", "run", "--policy", policy]
        done = subprocess.run(
            [*command, "--audit", "--sender-text", "--format", "table"], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "notes: \\u65e5\\u672c" in done.stdout


def test_an_endpoint_that_is_no_url_is_exit_status_2(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "notaurl")
    result = run("--policy", policy)
    assert result.exit_code == 2
    assert result.stderr == "Error: Invalid endpoint: notaurl; nothing was answered\n"
