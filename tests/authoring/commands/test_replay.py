"""`responder replay` on the records of the real handler and of real sweeps; and the recordings of `run --record`."""

import importlib
import io
import json
import logging
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.handlers
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws
from rich.console import Console

from authoring.cli import main
from authoring.language.compiler import load_policy
from authoring.replay.comparison import Comparison
from authoring.replay.known_handshake import KnownHandshake
from authoring.replay.partial_decision import PartialDecider
from authoring.reports.replay import make_table
from invitation_responder.core.handshake import read_handshake
from invitation_responder.core.policy import Policy
from local.embedded.function import Context
from local.embedded.world import EmbeddedAws
from support.embedded import TABLE, Account, invitation
from support.strategies import NOW, RECEIVER

OTHER_ACCOUNT = "333333333333"
ENFORCING = """\
version: 1
mode: enforce
rules:
  - {name: corporate, effect: allow, organizations: [o-exampleorgid]}
"""
DRAFT = """\
version: 1
mode: audit
rules:
  - {name: corporate, effect: allow, organizations: [o-exampleorgid, o-stranger0002]}
  - {name: gifts, effect: decline, notes: {any: [gift card]}, actions: [TRANSFER_RESPONSIBILITY]}
"""
ASKING = """\
version: 1
mode: audit
rules:
  - {name: corporate, effect: allow, organizations: [o-exampleorgid]}
  - {name: gifts, effect: decline, organizations: [o-exampleorgid], notes: {any: [gift card]}}
"""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The receiver on an embedded AWS, and an environment that leads to it."""
    with mock_aws():
        account = Account(EmbeddedAws.install())
        for name, value in account.aws.environment(RECEIVER).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield account


@pytest.fixture
def calls(account: Account, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls to AWS of all sessions that are created from now on."""
    sent: list[str] = []

    def note(model: Any, **_: Any) -> None:
        sent.append(model.name)

    monkeypatch.setattr(
        botocore.handlers, "BUILTIN_HANDLERS", [*botocore.handlers.BUILTIN_HANDLERS, ("before-call", note)]
    )
    return sent


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a file."""

    def write(text: str, name: str = "policy.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


Write = Callable[..., Path]


@pytest.fixture
def policy(write: Write) -> Path:
    """The policy of all recorded decisions."""
    return write(ENFORCING)


def responder(command: str, *arguments: str | Path, stdin: str = "") -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [command, *map(str, arguments)], input=stdin)


def replay(*arguments: str | Path, stdin: str = "") -> Result:
    """Run `responder replay`."""
    return responder("replay", *arguments, stdin=stdin)


def objects(result: Result) -> dict[str, dict[str, Any]]:
    """The printed objects, by handshake."""
    return {fields["handshake_id"]: fields for fields in map(json.loads, result.stdout.splitlines())}


def on_the_real_clock(number: int, organization: str = "o-stranger0001", **members: Any) -> dict[str, Any]:
    """An invitation that is pending now."""
    now = datetime.now(UTC)
    times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(days=14)}
    return invitation(number, organization, **{**times, **members})


def receive_each_kind(account: Account, make: Callable[..., dict[str, Any]] = invitation) -> None:
    """Two strangers' invitations, the company's own, and one that can't be judged."""
    account.receive(
        make(1), make(2, "o-stranger0002"), make(3, "o-exampleorgid"), make(4, "o-exampleorgid", Action="SELL_ACCOUNT")
    )


class TestLedger:
    """Replay of a ledger that sweeps wrote."""

    @pytest.fixture(autouse=True)
    def swept(self, account: Account, policy: Path) -> None:
        """One sweep over four handshakes."""
        receive_each_kind(account)
        account.sweep(load_policy(policy))

    def test_the_policy_that_decided_agrees_with_itself(self, account: Account, policy: Path) -> None:
        result = replay(policy, "--ledger", TABLE)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
        everything = objects(replay(policy, "--ledger", TABLE, "--all"))
        ledger = account.ledger()
        assert {name: fields["was"]["effect"] for name, fields in everything.items()} == {
            name: item["effect"] for name, item in ledger.items()
        }
        assert everything["h-00000001"] == {
            "handshake_id": "h-00000001",
            "receiver": RECEIVER,
            "action": "INVITE",
            "organization": "o-stranger0001",
            "management_account": "999999999999",
            "judged_at": ledger["h-00000001"]["updated_at"].replace("+00:00", "Z"),
            "verdict": "alike",
            "was": {"effect": "decline", "rules": []},
            "now": {"effect": "decline", "rules": [], "reason": ledger["h-00000001"]["reason"]},
        }
        assert {fields["verdict"] for fields in everything.values()} == {"alike"}

    def test_a_changed_policy_shows_what_differs(self, write: Write) -> None:
        result = replay(write(DRAFT, "draft.yaml"), "--ledger", TABLE)
        assert result.exit_code == 1
        (fields,) = objects(result).values()
        assert (fields["handshake_id"], fields["verdict"]) == ("h-00000002", "differently")
        assert (fields["was"], fields["now"]) == (
            {"effect": "decline", "rules": []},
            {
                "effect": "allow",
                "rules": ["corporate"],
                "reason": "rule corporate allows INVITE from organization o-stranger0002 "
                "(management account 999999999999)",
            },
        )

    def test_what_asks_for_text_that_is_not_there_is_no_guess(self, write: Write) -> None:
        result = replay(write(ASKING, "draft.yaml"), "--ledger", TABLE)
        assert result.exit_code == 1
        (fields,) = objects(result).values()
        assert fields["possible"] == [
            {"effect": "decline", "rules": ["gifts"]},
            {"effect": "allow", "rules": ["corporate"]},
        ]
        assert fields["verdict"] == "depends"
        assert fields["reason"] == (
            "it depends on what its sender wrote: decline by rule gifts or allow by rule corporate"
        )
        assert "now" not in fields

    def test_the_table_for_people(self, write: Write) -> None:
        draft = write(DRAFT + ASKING.splitlines()[-1] + "\n", "draft.yaml")
        draft.write_text(draft.read_text().replace("name: gifts", "name: transfers", 1))
        result = replay(draft, "--ledger", TABLE, "--format", "text")
        assert result.exit_code == 1
        lines = result.stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert "4 handshakes: 2 decided alike, 1 differently, 1 depends on what its sender wrote" in lines
        assert lines[-1] == f"policy {load_policy(draft).sha256[:12]}"
        assert "h-00000001" not in result.stdout
        assert all(text in result.stdout for text in ("h-00000002", "h-00000003", "decline", "or allow", "Then", "Now"))

    def test_with_sender_text_it_is_exact(self, account: Account, write: Write, policy: Path) -> None:
        account.receive(invitation(5, "o-exampleorgid"))
        account.sweep(load_policy(policy), name="sweep-2", sender_text=True)
        result = replay(write(ASKING, "draft.yaml"), "--ledger", TABLE)
        assert objects(result)["h-00000005"]["now"]["rules"] == ["gifts"]
        assert objects(result)["h-00000005"]["verdict"] == "differently"
        assert not any(text in result.stdout for text in ("gift card", "mallory", "Mallory"))

    def test_another_policy_to_compare_with(self, write: Write, policy: Path) -> None:
        draft = write(DRAFT, "draft.yaml")
        result = replay(draft, "--ledger", TABLE, "--against", policy)
        assert result.exit_code == 1
        (fields,) = objects(result).values()
        assert (fields["against"]["effect"], fields["now"]["effect"]) == ("decline", "allow")
        asking = replay(policy, "--ledger", TABLE, "--against", write(ASKING, "asking.yaml"), "--all")
        assert [each["effect"] for each in objects(asking)["h-00000003"]["possible_against"]] == ["decline", "allow"]
        assert replay(draft, "--ledger", TABLE, "--against", draft).exit_code == 0
        text = replay(draft, "--ledger", TABLE, "--against", policy, "--format", "text").stdout
        assert "Against" in text
        assert f"policy {load_policy(draft).sha256[:12]} against {load_policy(policy).sha256[:12]}" in text

    def test_as_at_another_time(self, write: Write) -> None:
        expiring = write(ENFORCING.replace("]}", "], expires: 2026-12-01}"), "expiring.yaml")
        assert replay(expiring, "--ledger", TABLE).exit_code == 0
        (fields,) = objects(replay(expiring, "--ledger", TABLE, "--at", "2026-12-01")).values()
        assert (fields["handshake_id"], fields["judged_at"]) == ("h-00000003", "2026-12-01T00:00:00Z")

    def test_what_expired_after_its_rule_is_judged_as_when_it_was_pending(self, account: Account, write: Write) -> None:
        expiring = write(ENFORCING.replace("]}", "], expires: 2026-12-01}"), "expiring.yaml")
        account.receive(invitation(5, "o-exampleorgid"))
        account.sweep(load_policy(expiring), name="sweep-2")
        account.later(days=15)
        account.sweep(load_policy(expiring), name="sweep-3")
        assert account.ledger()["h-00000005"]["outcome"] == "already_closed"
        assert objects(replay(expiring, "--ledger", TABLE, "--all"))["h-00000005"]["verdict"] == "alike"

    def test_one_account_or_all(self, account: Account, policy: Path) -> None:
        item = account.client("dynamodb").scan(TableName=TABLE)["Items"][0]
        account.client("dynamodb").put_item(TableName=TABLE, Item={**item, "receiver": {"S": OTHER_ACCOUNT}})
        found = [
            result.stdout.count("handshake_id")
            for result in (
                replay(policy, "--ledger", TABLE, "--all"),
                replay(policy, "--ledger", TABLE, "--all", "--receiver", RECEIVER),
                replay(policy, "--ledger", TABLE, "--all", "--receiver", OTHER_ACCOUNT),
            )
        ]
        assert found == [5, 4, 1]

    def test_every_page_is_read(self, account: Account, policy: Path, calls: list[str]) -> None:
        client = account.client("dynamodb")
        item = client.scan(TableName=TABLE)["Items"][0]
        for number in range(100, 108):
            named = {"handshake_id": {"S": f"h-00000{number}"}, "padding": {"S": "x" * 300_000}}
            client.put_item(TableName=TABLE, Item={**item, **named})
        calls.clear()
        assert len(objects(replay(policy, "--ledger", TABLE, "--all"))) == 12
        assert calls.count("Scan") > 1

    def test_it_only_reads(self, account: Account, write: Write, calls: list[str]) -> None:
        before = account.ledger()
        replay(write(DRAFT, "draft.yaml"), "--ledger", TABLE)
        replay(write(DRAFT, "draft.yaml"), "--ledger", TABLE, "--receiver", RECEIVER)
        assert calls[-2:] == ["Scan", "Query"]
        assert set(calls) <= {"Scan", "Query"}
        assert account.ledger() == before

    def test_items_that_no_responder_wrote_are_all_told(self, account: Account, policy: Path) -> None:
        client = account.client("dynamodb")
        for name in ("h-00000008", "\x1b[2J"):
            client.put_item(TableName=TABLE, Item={"receiver": {"S": RECEIVER}, "handshake_id": {"S": name}})
        result = replay(policy, "--ledger", TABLE)
        assert (result.exit_code, result.stdout) == (2, "")
        missing = "`effect` is missing (expected decline, allow, accept or undecided)"
        assert result.stderr.splitlines() == [
            rf"`{TABLE}`: item `{RECEIVER}`, `\x1b[2J`: {missing}",
            f"`{TABLE}`: item `{RECEIVER}`, `h-00000008`: {missing}",
            "Error: not all of it can be read, so nothing was decided",
        ]


def test_what_the_real_handler_decided_is_decided_again(
    account: Account, policy: Path, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled = write("", "policy.json")
    compiled.write_bytes(load_policy(policy).to_json())
    monkeypatch.setenv("POLICY_FILE", str(compiled))
    monkeypatch.setenv("LEDGER_TABLE", TABLE)
    monkeypatch.delitem(sys.modules, "invitation_responder.handler", raising=False)
    logging.Logger.manager.loggerDict.pop("invitation-responder", None)  # it keeps the stdout of its first test
    receive_each_kind(account, on_the_real_clock)
    importlib.import_module("invitation_responder.handler").handle({}, Context(RECEIVER))
    logged = [line for line in capsys.readouterr().out.splitlines() if "handshake_id" in line]
    log = write("\n".join(logged), "log.jsonl")
    draft = write(DRAFT, "draft.yaml")
    for source in (("--ledger", TABLE), ("--file", str(log))):
        assert replay(policy, *source).exit_code == 0
        assert len(objects(replay(policy, *source, "--all"))) == 4
        assert list(objects(replay(draft, *source))) == ["h-00000002"]


class TestFile:
    """Replay of recordings and records of `run`."""

    @pytest.fixture(autouse=True)
    def received(self, account: Account) -> None:
        """Four handshakes, received by the account."""
        account.aws.clock.set(datetime.now(UTC))
        receive_each_kind(account, on_the_real_clock)

    def test_what_run_recorded_is_decided_as_run_did(self, policy: Path, tmp_path: Path) -> None:
        file = tmp_path / "listed.jsonl"
        ran = responder("run", "--policy", policy, "--record", file, "--audit")
        decided = {name: fields["effect"] for name, fields in objects(ran).items()}
        replayed = replay(policy, "--file", file)
        assert replayed.exit_code == 0
        assert {name: fields["now"]["effect"] for name, fields in objects(replayed).items()} == decided
        assert {(fields["verdict"], fields["was"]) for fields in objects(replayed).values()} == {("uncompared", None)}
        text = replay(policy, "--file", file, "--format", "text").stdout
        assert "4 handshakes: 4 with no decision to compare with" in text
        assert "not known" in text

    def test_together_with_the_records_it_is_exact_and_compared(
        self, policy: Path, write: Write, tmp_path: Path
    ) -> None:
        file = tmp_path / "listed.jsonl"
        ran = responder("run", "--policy", policy, "--record", file)
        both = file.read_text() + ran.stdout
        assert {
            fields["verdict"] for fields in objects(replay(policy, "--file", "-", "--all", stdin=both)).values()
        } == {"alike"}
        (fields,) = objects(replay(write(ASKING, "asking.yaml"), "--file", "-", stdin=both)).values()
        assert (fields["handshake_id"], fields["verdict"]) == ("h-00000003", "differently")
        assert objects(replay(write(ASKING, "asking.yaml"), "--file", "-", stdin=ran.stdout))["h-00000003"]["possible"]

    def test_recording_appends_and_records_closed_ones_too(
        self, account: Account, policy: Path, tmp_path: Path
    ) -> None:
        file = tmp_path / "listed.jsonl"
        responder("run", "--policy", policy, "--record", file)
        responder("run", "--policy", policy, "--record", file)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert [line["handshake"]["State"] for line in lines] == ["OPEN"] * 4 + ["DECLINED", "DECLINED", "OPEN", "OPEN"]
        assert {line["receiver"] for line in lines} == {RECEIVER}
        listed = account.aws.received(RECEIVER)[0]
        assert lines[4]["handshake"] == json.loads(json.dumps(listed, default=datetime.isoformat))
        assert len(objects(replay(policy, "--file", file))) == 4

    def test_what_is_recorded_is_what_is_listed_on_every_page(
        self, account: Account, policy: Path, tmp_path: Path
    ) -> None:
        account.receive(*(on_the_real_clock(number, "o-exampleorgid") for number in range(10, 60)))
        file = tmp_path / "listed.jsonl"
        responder("run", "--policy", policy, "--audit", "--record", file)
        assert len(file.read_text().splitlines()) == 54

    def test_what_the_account_has_sent_itself_is_left_out(self, account: Account, policy: Path, tmp_path: Path) -> None:
        arn = f"arn:aws:organizations::{RECEIVER}:handshake/o-exampleorgid/invite/h-00000007"
        account.receive(on_the_real_clock(7, Arn=arn))
        file = tmp_path / "listed.jsonl"
        responder("run", "--policy", policy, "--audit", "--record", file)
        assert "h-00000007" in file.read_text()
        assert "h-00000007" not in replay(policy, "--file", file, "--all").stdout
        assert "h-00000007" not in replay(policy, "--pending", "--all").stdout

    def test_a_recorded_file_harms_no_terminal(self, account: Account, policy: Path, tmp_path: Path) -> None:
        hostile = "\x1b[2J\u202egift card\r\n日"
        account.receive(on_the_real_clock(5, Resources=[{"Type": "NOTES", "Value": hostile}]))
        file = tmp_path / "listed.jsonl"
        responder("run", "--policy", policy, "--audit", "--record", file)
        assert file.read_text().isascii()
        assert all(line.isprintable() for line in file.read_text().splitlines())
        result = replay(policy, "--file", file, "--format", "text", "--all")
        assert not any(text in result.stdout for text in ("gift", "\x1b", "\u202e"))

    def test_a_file_that_cannot_be_written_answers_nothing(
        self, account: Account, policy: Path, tmp_path: Path
    ) -> None:
        result = responder("run", "--policy", policy, "--record", tmp_path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"Error: {tmp_path} can't be written: is a directory; nothing was answered\n"
        assert account.aws.count("ListHandshakesForAccount") == 0

    def test_a_disk_that_is_full_answers_nothing(self, account: Account, policy: Path) -> None:
        result = responder("run", "--policy", policy, "--record", "/dev/full")
        assert result.exit_code == 2
        assert "/dev/full can't be written: no space left on device; nothing was answered" in result.stderr
        assert account.aws.count("DeclineHandshake") == 0

    def test_a_disk_that_fills_up_leaves_whole_lines(self, account: Account, policy: Path, tmp_path: Path) -> None:
        file = tmp_path / "listed.jsonl"
        responder("run", "--policy", policy, "--audit", "--record", file)
        before = file.read_bytes()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
        try:
            result = responder("run", "--policy", policy, "--record", file)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert result.exit_code == 2
        assert "listed.jsonl can't be written: file too large; nothing was answered" in result.stderr
        assert file.read_bytes() == before
        assert account.aws.count("DeclineHandshake") == 0

    def test_a_listing_that_fails_is_not_recorded(self, account: Account, policy: Path, tmp_path: Path) -> None:
        account.aws.fail("ListHandshakesForAccount", "AccessDeniedException")
        file = tmp_path / "listed.jsonl"
        assert responder("run", "--policy", policy, "--record", file).exit_code == 2
        assert file.read_text() == ""

    def test_bad_lines_are_all_told_and_nothing_is_decided(self, policy: Path, write: Write) -> None:
        bad = '{}\n\n{"handshake_id": 1}\n'
        file = write(bad, "bad.jsonl")
        assert replay(policy, "--file", "-", stdin=bad).stderr.startswith("<stdin>:1: it has neither")
        result = replay(policy, "--file", file)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines() == [
            f"{file}:1: it has neither `handshake` nor `handshake_id` "
            "(expected a line of `responder run --record`, or a decision record)",
            f"{file}:3: `effect` is missing (expected decline, allow, accept or undecided)",
            "Error: not all of it can be read, so nothing was decided",
        ]

    def test_nothing_is_no_handshake(self, policy: Path) -> None:
        result = replay(policy, "--file", "-", "--format", "text")
        assert result.exit_code == 0
        assert result.stdout.startswith("No handshakes.\n")


class TestPending:
    """Replay of the handshakes that are pending now."""

    def test_what_is_pending_is_judged_and_nothing_else_is_done(
        self, account: Account, policy: Path, write: Write, calls: list[str]
    ) -> None:
        account.aws.clock.set(datetime.now(UTC))
        receive_each_kind(account, on_the_real_clock)
        account.receive(on_the_real_clock(5, State="DECLINED"))
        result = replay(policy, "--pending")
        assert result.exit_code == 0
        effects = {name: fields["now"]["effect"] for name, fields in objects(result).items()}
        assert effects == {
            "h-00000001": "decline",
            "h-00000002": "decline",
            "h-00000003": "allow",
            "h-00000004": "undecided",
        }
        changed = replay(write(DRAFT, "draft.yaml"), "--pending", "--against", policy)
        assert list(objects(changed)) == ["h-00000002"]
        assert set(calls) == {"GetCallerIdentity", "ListHandshakesForAccount"}

    def test_what_aws_refuses(self, account: Account, policy: Path) -> None:
        account.aws.fail("ListHandshakesForAccount", "AccessDeniedException", message="not you")
        result = replay(policy, "--pending")
        assert result.exit_code == 2
        assert result.stderr == (
            "Error: ListHandshakesForAccount failed: AccessDeniedException: not you; nothing was decided\n"
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "it takes exactly one of --ledger, --file and --pending", id="no source"),
        pytest.param(["--pending", "--ledger", "t"], "it takes exactly one of", id="two sources"),
        pytest.param(["--pending", "--receiver", RECEIVER], "--receiver goes with --ledger", id="a lonely account"),
        pytest.param(["--ledger", "t", "--receiver", "me"], "`me` is not an account number", id="no account"),
        pytest.param(["--pending", "--at", "soon"], "'soon' is not a time", id="no time"),
        pytest.param(["--file", "/nowhere/at/all"], "'/nowhere/at/all' does not exist", id="no file"),
        pytest.param(["--ledger", "nowhere"], "the ledger can't be read: ResourceNotFoundException", id="no table"),
    ],
)
def test_wrong_usage_is_exit_status_2(account: Account, policy: Path, arguments: list[str], message: str) -> None:
    result = replay(policy, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("source", "environment", "message"),
    [
        pytest.param(
            "--ledger", {"AWS_DEFAULT_REGION": None}, "there is no AWS Region: set AWS_DEFAULT_REGION", id="r"
        ),
        pytest.param("--ledger", {"AWS_ENDPOINT_URL": "notaurl"}, "Invalid endpoint: notaurl", id="no URL"),
        pytest.param("--pending", {"AWS_ENDPOINT_URL": "notaurl"}, "Invalid endpoint: notaurl", id="no URL either"),
        pytest.param(
            "--pending",
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "there are no AWS credentials: set AWS_PROFILE",
            id="no credentials",
        ),
        pytest.param(
            "--ledger",
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "the ledger can't be read: NoCredentialsError",
            id="no credentials for the ledger",
        ),
    ],
)
def test_an_environment_that_leads_nowhere_is_exit_status_2(
    policy: Path, monkeypatch: pytest.MonkeyPatch, source: str, environment: dict[str, str | None], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    result = replay(policy, source, *([TABLE] if source == "--ledger" else []))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.endswith("; nothing was decided\n")


def test_a_broken_policy_is_exit_status_2_with_every_mistake(policy: Path, write: Write) -> None:
    broken = write("version: 1\nmode: enforced\nrules: [{name: a, effect: alow}]\n", "broken.yaml")
    both: list[list[str | Path]] = [[broken, "--file", "-"], [policy, "--file", "-", "--against", broken]]
    for arguments in both:
        result = replay(*arguments)
        assert result.exit_code == 2
        assert "mode: `enforced`" in result.stderr
        assert "effect: `alow`" in result.stderr


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_disk_that_is_full_is_told(policy: Path, write: Write, form: str) -> None:
    command: list[str | Path] = [Path(sys.executable).parent / "responder", "replay", policy, "--file"]
    line: dict[str, Any] = {"format": 1, "receiver": None, "listed_at": "2026-11-22T12:00Z", "handshake": {}}
    file = write(json.dumps(line), "listed.jsonl")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, file, "--format", form], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "Error: stdout can't be written (no space left on device): not all of it was shown\n"


def test_the_table_is_readable_at_80_columns() -> None:
    handshake = replace(
        read_handshake(invitation(), RECEIVER),
        id="h-" + "a" * 32,
        action="ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
        problems=("[bold]it[/] " * 5,),
    )
    known = KnownHandshake(handshake, judged_at=NOW)
    partial = PartialDecider(Policy(mode="audit")).decide(known, NOW)
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(make_table([Comparison(known, NOW, partial, partial)], before="Against", now="Policy"))
    printed = console.export_text()
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "[bold]" in printed
    assert "undecided" in printed
    assert "h-aaaaaaaaaa" in printed


def test_the_receivers_are_told_for_which_two_policies_differ(write: Write) -> None:
    line = {"format": 1, "receiver": None, "listed_at": "2026-11-22T12:00:00Z"}
    line["handshake"] = json.loads(json.dumps(invitation(), default=str))
    listed = write(json.dumps(line), "listed.jsonl")
    policies = [
        write(
            "version: 1\nmode: audit\nrules:\n"
            f"  - {{name: a, effect: allow, organizations: [o-stranger0001], not_accounts: {json.dumps(excluded)}}}\n",
            f"{len(excluded)}.yaml",
        )
        for excluded in (["222222222221"], [f"22222222222{number}" for number in range(6)])
    ]
    result = replay(policies[0], "--file", listed, "--against", policies[1])
    (compared,) = objects(result).values()
    assert (compared["verdict"], compared["receivers"]) == (
        "depends",
        [f"22222222222{number}" for number in (0, 2, 3, 4, 5)],
    )
    printed = replay(policies[0], "--file", listed, "--against", policies[1], "--format", "text").stdout
    assert [f"22222222222{number}" in printed for number in range(6)] == [True, False, True, True, False, False]
    alike = objects(replay(policies[0], "--file", listed, "--against", policies[0], "--all"))
    assert "receivers" not in next(iter(alike.values()))


def test_a_line_that_names_no_receiver_is_said_to_depend_on_it(write: Write) -> None:
    inputs = Path(__file__).parents[1] / "replay" / "inputs"
    transfer = json.loads((inputs / "transfer-nested.json").read_bytes())["Handshakes"][0]
    line = {"format": 1, "receiver": None, "listed_at": "2026-11-25T00:00:00Z", "handshake": transfer}
    listed = write(json.dumps(line), "listed.jsonl")
    allowing = write(
        "version: 1\nmode: audit\nrules:\n  - {name: r, effect: allow, organizations: [o-reseller001]}\n", "a.yaml"
    )
    result = replay(inputs / "transfer-nested-policy.yaml", "--file", listed, "--against", allowing)
    assert result.exit_code == 1
    (compared,) = objects(result).values()
    assert compared["verdict"] == "depends"
    assert [each["effect"] for each in compared["possible"]] == ["decline", "undecided"]
    assert [each["effect"] for each in compared["possible_against"]] == ["allow", "undecided"]
    assert "a line whose `receiver` is null does not say which account received it: write its number" in result.stderr
    known = replay(allowing, "--file", write(json.dumps({**line, "receiver": RECEIVER}), "known.jsonl"))
    assert [each["now"]["effect"] for each in objects(known).values()] == ["allow"]
    assert known.stderr == ""
