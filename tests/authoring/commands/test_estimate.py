"""`responder estimate`: a table, JSON, and whether the schedule fits as the exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from authoring.cli import main
from authoring.commands.options import Schedule
from infra.configuration import read_configuration
from invitation_responder.organization.batches import LISTINGS_A_SECOND, cut


def estimate(accounts: int | str, *options: str) -> Result:
    return CliRunner().invoke(main, ["estimate", "--accounts", str(accounts), *options])


def test_the_default_schedule_and_rate_are_those_of_a_deployment() -> None:
    fields = json.loads(estimate(400).stdout)
    assert fields["schedule"]["minutes"] * 60 == read_configuration({}, root=Path()).schedule.total_seconds()
    assert fields["listings_a_second"] == LISTINGS_A_SECOND


def test_a_schedule_that_fits_is_exit_status_0() -> None:
    result = estimate(400, "--format", "table")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "The schedule of 15m fits; the tightest that does is 2m." in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_schedule_that_does_not_fit_is_exit_status_1_with_advice() -> None:
    result = estimate("10000", "--format", "table")
    assert (result.exit_code, result.stderr) == (1, "")
    text = " ".join(result.stdout.split())
    tightest = json.loads(estimate(10_000).stdout)["schedule"]["tightest_minutes"]
    assert "The schedule of 15m does not fit: a start is skipped while a sweep runs" in text
    assert f"Set it to {tightest}m or more." in text
    assert estimate(10_000, "--schedule", f"{tightest}m").exit_code == 0
    assert estimate(10_000, "--schedule", f"{tightest - 1}m").exit_code == 1


def test_a_higher_rate_is_advised_only_if_it_helps() -> None:
    seconds = json.loads(estimate(10_000, "--rate", "6").stdout)["sweep"]["minutes"]
    schedule = f"{int(seconds) + 1}m"
    helped = estimate(10_000, "--schedule", schedule, "--format", "table")
    assert f"At 6 listings a second, the organization's whole quota, {schedule} would fit." in " ".join(
        helped.stdout.split()
    )
    assert "would fit" not in estimate(10_000, "--format", "table").stdout


def test_what_is_no_terminal_gets_one_json_object() -> None:
    fields = json.loads(estimate(1000, "--schedule", "1h", "--rate", "2.5").stdout)
    assert (fields["accounts"], fields["listings_a_second"], fields["schedule"]["minutes"]) == (1000, 2.5, 60)
    assert fields["sweep"]["batches"] == len(cut([""] * 1000, 2.5))


@pytest.mark.parametrize("accounts", ["0", "-1", "50001"])
def test_more_or_fewer_accounts_than_an_organization_can_have_are_refused(accounts: str) -> None:
    result = estimate(accounts)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"{accounts} is not a number of accounts (AWS allows an organization up to 50,000, by request)" in result.stderr
    )


def test_the_largest_organization_is_estimated() -> None:
    assert json.loads(estimate(50_000).stdout)["first_limit"]["limit"] == "schedule"


@pytest.mark.parametrize("rate", ["0", "0.09", "6.1", "nan", "inf", "-inf"])
def test_a_rate_that_aws_does_not_give_is_refused(rate: str) -> None:
    result = estimate(10, "--rate", rate)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{rate} is not a rate (expected from 0.1 to 6 listings a second, the organization's quota)" in result.stderr


@pytest.mark.parametrize("schedule", ["0m", "25h", "1441m", "15", "15s", "", "m", "1d", "15m "])
def test_what_is_no_schedule_of_a_deployment_is_refused(schedule: str) -> None:
    result = estimate(10, "--schedule", schedule)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"`{schedule}` is not a schedule (expected a time from 1m to 24h, like `15m`)" in result.stderr


@pytest.mark.parametrize("schedule", ["1m", "15m", "1h", "24h", "1440m"])
def test_a_schedule_means_what_it_means_to_a_deployment(schedule: str) -> None:
    deployed = read_configuration({"schedule": schedule}, root=Path()).schedule
    assert Schedule().convert(schedule, None, None) == deployed


def test_without_a_number_of_accounts_it_was_used_wrongly() -> None:
    result = CliRunner().invoke(main, ["estimate"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Missing option '--accounts'" in result.stderr


@pytest.mark.parametrize("form", ["json", "table"])
def test_a_full_disk_is_told_in_one_line(form: str) -> None:
    command = [str(Path(sys.executable).parent / "responder"), "estimate", "--accounts", "10", "--format", form]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: stdout can't be written (no space left on device)\n")
