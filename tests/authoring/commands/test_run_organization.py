"""`responder run --organization`: every account of an organization, one after the other."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from authoring.cli import main
from authoring.commands import organization as command
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender
from support.embedded import invitation

HUB, ROLE, EXTERNAL_ID = "111111111111", "responder", "three-o-clock"
MEMBERS = ("222222222222", "333333333333", "444444444444")
POLICY = "version: 1\nmode: enforce\nrules: []\n"
ORGANIZATION = ("--organization", "--role-name", ROLE, "--external-id", EXTERNAL_ID)


class House:
    """An organization on an embedded AWS, whose members have the role."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.aws = aws
        self.organization: Sender = aws.add_organization("o-exampleorgid", management_account=HUB)
        for account in MEMBERS:
            aws.account(account, organization=self.organization)
            aws.add_role(account, ROLE, trusts=HUB, external_id=EXTERNAL_ID)

    def invite(self, account: str, number: int) -> None:
        now = datetime.now(UTC)
        times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(days=14)}
        self.aws.receive(account, invitation(number, "o-stranger0001", **times))

    def states(self, account: str) -> list[str]:
        return [handshake["State"] for handshake in self.aws.received(account)]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with serve() as aws:
        for name, value in aws.environment(HUB).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(command, "LISTINGS_A_SECOND", 1000.0)
        yield House(aws)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY)
    return path


def run(policy: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["run", "--policy", str(policy), *ORGANIZATION, *options])


def records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_account_is_swept_the_own_one_without_a_role(house: House, policy: Path) -> None:
    for number, account in enumerate((HUB, *MEMBERS), 1):
        house.invite(account, number)
    result = run(policy)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [(each["receiver"], each["outcome"]) for each in records(result)] == [
        (account, "declined") for account in (HUB, *MEMBERS)
    ]
    assert [house.states(account) for account in (HUB, *MEMBERS)] == [["DECLINED"]] * 4
    assert (house.aws.count("AssumeRole"), house.aws.count("ListAccounts")) == (0, 1)


def test_audit_answers_nothing(house: House, policy: Path) -> None:
    house.invite(MEMBERS[0], 1)
    assert [each["outcome"] for each in records(run(policy, "--audit"))] == ["would_decline"]
    assert house.states(MEMBERS[0]) == ["OPEN"]


def test_accounts_that_are_named_are_swept_alone_and_once_and_nothing_is_listed(house: House, policy: Path) -> None:
    for number, account in enumerate(MEMBERS, 1):
        house.invite(account, number)
    result = run(policy, "--accounts", f"{MEMBERS[2]}, {MEMBERS[0]},{MEMBERS[2]}")
    assert [each["receiver"] for each in records(result)] == [MEMBERS[2], MEMBERS[0]]
    assert house.aws.count("ListAccounts") == 0
    assert house.states(MEMBERS[1]) == ["OPEN"]


def test_an_account_that_is_not_swept_is_named_with_its_reason_and_stops_nobody(house: House, policy: Path) -> None:
    house.aws.lock(MEMBERS[0])
    house.aws.deny(MEMBERS[1])
    house.invite(MEMBERS[2], 1)
    result = run(policy)
    assert result.exit_code == 1
    assert [each["receiver"] for each in records(result)] == [MEMBERS[2]]
    no_role, denied = result.stderr.splitlines()
    assert no_role.startswith(
        f"Error: account {MEMBERS[0]} was not swept (no_role): arn:aws:iam::{MEMBERS[0]}:role/{ROLE} can't be assumed: "
        "AccessDenied: "
    )
    assert denied.startswith(f"Error: account {MEMBERS[1]} was not swept (denied): ")


def test_a_role_that_asks_for_another_external_id_is_no_role(house: House, policy: Path) -> None:
    house.aws.add_role(MEMBERS[0], ROLE, trusts=HUB, external_id="another")
    assert "was not swept (no_role)" in run(policy).stderr


def test_a_listing_that_is_denied_is_the_accounts_own_failure(house: House, policy: Path) -> None:
    house.aws.fail("ListHandshakesForAccount", "AccessDeniedException", account=MEMBERS[0])
    result = run(policy)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(
        f"Error: account {MEMBERS[0]} was not swept (denied): ListHandshakesForAccount failed: AccessDeniedException"
    )
    assert house.aws.count("ListHandshakesForAccount", account=MEMBERS[1]) == 1


def test_what_may_pass_is_tried_again_after_all_others(house: House, policy: Path) -> None:
    for number, account in enumerate(MEMBERS, 1):
        house.invite(account, number)
    house.aws.fail("ListHandshakesForAccount", "ServiceException", account=MEMBERS[0])
    result = run(policy)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [each["receiver"] for each in records(result)] == [MEMBERS[1], MEMBERS[2], MEMBERS[0]]


def test_what_can_not_be_swept_in_its_state_is_left_out_and_named(house: House, policy: Path) -> None:
    house.aws.suspend(MEMBERS[0], house.organization)
    house.aws.suspend(MEMBERS[1], house.organization, "PENDING_CLOSURE")
    result = run(policy, "--format", "table")
    assert result.exit_code == 0
    assert "2 of 2 accounts swept: nothing pending, nothing new." in result.stdout
    assert f"left out: {MEMBERS[0]}, which is SUSPENDED\nleft out: {MEMBERS[1]}, which is PENDING_CLOSURE" in (
        result.stdout
    )


def test_a_table_is_grouped_by_account_and_ends_with_what_was_not_swept(house: House, policy: Path) -> None:
    house.invite(MEMBERS[1], 1)
    house.invite(MEMBERS[2], 2)
    house.aws.lock(MEMBERS[0])
    result = run(policy, "--format", "table")
    assert result.exit_code == 1
    positions = [
        result.stdout.index(text)
        for text in (
            f"account {MEMBERS[1]}",
            "h-00000001",
            f"account {MEMBERS[2]}",
            "h-00000002",
            "3 of 4 accounts swept: 2 declined.",
            "Not swept",
            MEMBERS[0],
            "no role",
        )
    ]
    assert positions == sorted(positions)
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_an_organization_that_can_not_be_listed_is_not_swept(
    house: House, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in house.aws.environment(MEMBERS[0]).items():
        monkeypatch.setenv(name, value)
    result = run(policy)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ListAccounts failed: AccessDeniedException")
    assert result.stderr.endswith("; nothing was answered\n")
    assert house.aws.count("ListHandshakesForAccount") == 0


def test_everything_listed_is_recorded_with_its_receiver(house: House, policy: Path, tmp_path: Path) -> None:
    house.invite(MEMBERS[0], 1)
    house.invite(MEMBERS[1], 2)
    file = tmp_path / "listed.jsonl"
    assert run(policy, "--audit", "--record", str(file)).exit_code == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["receiver"], line["handshake"]["Id"]) for line in lines] == [
        (MEMBERS[0], "h-00000001"),
        (MEMBERS[1], "h-00000002"),
    ]


def test_a_file_that_can_not_be_written_ends_the_run_before_an_answer(house: House, policy: Path) -> None:
    house.invite(MEMBERS[0], 1)
    result = run(policy, "--record", "/dev/full")
    assert result.exit_code == 2
    assert "/dev/full can't be written: no space left on device" in result.stderr
    assert house.states(MEMBERS[0]) == ["OPEN"]


def test_an_interruption_ends_it_after_the_account_in_hand(house: House, policy: Path) -> None:
    for number, account in enumerate(MEMBERS, 1):
        house.invite(account, number)
    house.aws.before("DeclineHandshake", lambda _: os.kill(os.getpid(), signal.SIGINT))
    result = run(policy)
    assert threading.current_thread() is threading.main_thread()
    assert result.exit_code == 130
    assert [each["receiver"] for each in records(result)] == [MEMBERS[0]]
    assert result.stderr == (f"Error: interrupted: 2 accounts were not swept: {MEMBERS[1]}, {MEMBERS[2]}\n")
    assert [house.states(account) for account in MEMBERS] == [["DECLINED"], ["OPEN"], ["OPEN"]]


def test_an_interruption_while_accounts_are_listed_is_no_success(
    house: House, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "list_accounts", interrupt)
    result = run(policy)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("Error: interrupted: ")
    assert house.aws.count("ListHandshakesForAccount") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--organization"], "--organization needs --role-name"),
        (["--role-name", "responder"], "--role-name, --external-id and --accounts belong to --organization"),
        (["--accounts", "111111111111"], "--role-name, --external-id and --accounts belong to --organization"),
        (["--organization", "--role-name", "a role"], "`a role` is not a role's name"),
        (
            ["--organization", "--role-name", "r", "--accounts", "1234"],
            "`1234` is not an account number (expected 12 digits)",
        ),
    ],
)
def test_wrong_use_is_refused_before_any_call(policy: Path, options: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["run", "--policy", str(policy), *options])
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n", " ")
