"""The output of `make demo`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("demo")  # it runs once

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def printed() -> str:
    """The demo's output on a wide terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "local.demo.demo"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def rows(part: str) -> dict[int, list[str]]:
    """The rows of a table by their number."""
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in part.splitlines() if line.startswith("│")]
    return {int(row[0]): row[1:] for row in cells if row[0].isdigit()}


def test_a_good_dozen_senders_come_in(printed: str) -> None:
    came_in = rows(printed.split("What came in")[1].split("in audit mode", maxsplit=1)[0])
    assert len(came_in) == 14
    assert came_in[1][0] == "Bill's company (the AWS documentation's example)"
    assert "o-exampleorgid" in printed
    assert {row[1] for row in came_in.values()} >= {"INVITE", "TRANSFER_RESPONSIBILITY", "ENABLE_ALL_FEATURES"}


def test_the_hostile_note_is_shown_escaped(printed: str) -> None:
    assert r"\x1b[2J\u202e" in printed
    assert "\x1b[2J" not in printed
    assert "\u202e" not in printed


def test_as_shipped_nothing_is_answered(printed: str) -> None:
    part = printed.split("in audit mode")[1].split("in enforce mode", maxsplit=1)[0]
    assert "0 answers were sent, 0 of them came too late." in part
    outcomes = {number: (row[0], row[2]) for number, row in rows(part).items()}
    assert outcomes == {
        1: ("left", "OPEN"),
        2: ("would decline", "OPEN"),
        3: ("would decline", "OPEN"),
        4: ("would decline", "OPEN"),
        5: ("would decline", "OPEN"),
        6: ("would decline", "OPEN"),
        7: ("breach", "ACCEPTED"),
        8: ("waiting", "REQUESTED"),
        9: ("waiting", "OPEN"),
        11: ("left", "OPEN"),
        12: ("left", "OPEN"),
        13: ("undecided", "OPEN"),
        14: ("undecided", "OPEN"),
    }


def test_enforced_strangers_are_declined_and_aws_agrees(printed: str) -> None:
    part = printed.split("in enforce mode")[1]
    assert "5 answers were sent, 2 of them came too late." in part
    assert "New on EventBridge: 1 already closed, 1 breach, 3 declined." in part
    outcomes = {number: (row[0], row[2]) for number, row in rows(part).items()}
    assert outcomes == {
        1: ("left", "OPEN"),
        2: ("declined", "DECLINED"),
        3: ("declined", "DECLINED"),
        4: ("declined", "DECLINED"),
        5: ("already closed", "CANCELED"),
        6: ("breach", "ACCEPTED"),
        8: ("waiting", "REQUESTED"),
        9: ("waiting", "OPEN"),
        11: ("left", "OPEN"),
        12: ("left", "OPEN"),
        13: ("undecided", "OPEN"),
        14: ("undecided", "OPEN"),
    }
