"""`responder coverage` on the table that sweeps of an organization have written."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from authoring.cli import main
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from support.hub import HUB, LEDGER, TABLE, ExecutionError, Hub, create_tables

MEMBERS = ("222222222222", "333333333333", "444444444444")
NOBODY = "No account was swept yet: the table has no coverage.\n"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """An organization, and an environment that leads to its hub."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with mock_aws():
        yield Hub(EmbeddedAws.install(), monkeypatch, tmp_path)


def coverage(*options: str, table: str = TABLE) -> Result:
    return CliRunner().invoke(main, ["coverage", "--table", table, *options])


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def sweep_all_but(hub: Hub, *without_role: str) -> None:
    """Add the members, some of them without a role, and run a whole execution."""
    hub.members(*(account for account in MEMBERS if account not in without_role))
    hub.members(*without_role, role=False)
    if without_role:
        with pytest.raises(ExecutionError):
            hub.execute()
    else:
        hub.execute()


def test_every_account_is_shown_after_a_sweep(hub: Hub) -> None:
    sweep_all_but(hub)
    result = coverage()
    assert (result.exit_code, result.stderr) == (0, "")
    assert {(each["account"], each["outcome"]) for each in objects(result)} == {
        (account, "swept") for account in (HUB, *MEMBERS)
    }


def test_what_was_not_swept_comes_first_and_is_exit_status_1(hub: Hub) -> None:
    sweep_all_but(hub, "333333333333")
    result = coverage()
    assert (result.exit_code, result.stderr) == (1, "")
    first, *others = objects(result)
    assert (first["account"], first["outcome"], first["last_swept_at"]) == ("333333333333", "no_role", None)
    assert first["not_swept_since"].endswith("Z")
    assert len(first["not_swept_since"]) == len("2026-11-26T09:30:00Z")
    assert "can't be assumed: AccessDenied" in first["detail"]
    assert {each["outcome"] for each in others} == {"swept"}


def test_the_table_ends_with_the_counts(hub: Hub) -> None:
    sweep_all_but(hub, "333333333333")
    result = coverage("--format", "table")
    assert result.exit_code == 1
    assert max(map(len, result.stdout.splitlines())) <= 80
    *_, first, second = result.stdout.splitlines()
    assert f"{first} {second}".startswith(
        "3 of 4 accounts were swept at their last try; the longest without a sweep is 333333333333, which was never"
    )


def test_only_what_was_not_swept_is_shown_and_everything_is_counted(hub: Hub) -> None:
    sweep_all_but(hub, "333333333333", "444444444444")
    assert [each["account"] for each in objects(coverage("--not-swept"))] == ["333333333333", "444444444444"]
    shown = coverage("--not-swept", "--format", "table").stdout
    assert "│ swept" not in shown
    assert "\n2 of 4 accounts were swept at their last try" in shown


def test_no_table_is_shown_if_there_is_nothing_to_show(hub: Hub) -> None:
    sweep_all_but(hub)
    result = coverage("--not-swept", "--format", "table")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("4 of 4 accounts were swept at their last try")
    assert coverage("--not-swept").stdout == ""


def test_an_empty_table_says_that_nothing_was_swept_yet(hub: Hub) -> None:
    shown, machine = coverage("--format", "table"), coverage()
    assert (shown.exit_code, shown.stdout, shown.stderr) == (1, NOBODY, "")
    assert (machine.exit_code, machine.stdout, machine.stderr) == (1, "", NOBODY)


def test_an_item_of_another_version_is_exit_status_2(hub: Hub) -> None:
    OrganizationTable(hub.client("dynamodb"), TABLE).put("account", "222222222222", {"outcome": "swept"})
    result = coverage()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "Error: the coverage has an item that this version did not write: KeyError('first_tried_at')\n"
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        pytest.param("nowhere", "ResourceNotFoundException: ", id="no such table"),
        pytest.param(LEDGER, "ValidationException: ", id="another table of the stack"),
    ],
)
def test_a_table_that_is_not_the_one_is_exit_status_2(hub: Hub, table: str, reason: str) -> None:
    result = coverage(table=table)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: the table {table} can't be read: {reason}")
    assert line.endswith(" (expected the stack's output OrganizationTable, and the Region of the stack)")


def test_a_name_that_no_table_can_have_is_exit_status_2(hub: Hub) -> None:
    result = coverage(table="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: the table  can't be read: ParamValidationError: ")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param(
            {"AWS_DEFAULT_REGION": None}, "there is no AWS Region: set AWS_DEFAULT_REGION\n", id="without a Region"
        ),
        pytest.param({"AWS_ENDPOINT_URL": "notaurl"}, "Invalid endpoint: notaurl\n", id="an endpoint that is no URL"),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n",
            id="without credentials",
        ),
    ],
)
def test_an_environment_that_leads_nowhere_is_exit_status_2(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    result = coverage()
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {message}")


def test_no_table_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["coverage"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Missing option '--table'" in result.stderr


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_reader_that_has_seen_enough_is_no_finding(form: str) -> None:
    """In a process of its own, with a real endpoint and a pipe that is closed already."""
    with serve() as aws:
        client = aws.client("dynamodb", HUB)
        create_tables(client)
        Coverage(OrganizationTable(client, TABLE)).record(
            "222222222222", "swept", detail="", sweep="s", now=datetime.now(UTC)
        )
        reading, writing = os.pipe()
        os.close(reading)
        command = [str(Path(sys.executable).parent / "responder"), "coverage", "--table", TABLE, "--format", form]
        with os.fdopen(writing, "w") as pipe:
            done = subprocess.run(
                command,
                env={**os.environ, **aws.environment(HUB)},
                stdout=pipe,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
    assert (done.returncode, done.stderr) == (141, "")
