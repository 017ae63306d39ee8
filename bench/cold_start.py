"""The time of a cold start, from a new process to the end of its first sweep.

An account is swept every few minutes, and there is hardly anything new in it: the cold start is most of what such a
sweep costs. Measured are the bundle, as it ships, and a floor: a process that imports boto3, makes its client of
Organizations and lists handshakes once, with the same packages as pip installs them. Each start is a process of its own
on one core, against the embedded AWS in this process. The contestants take turns; a figure is the median of the rounds'
ratios to the floor. Nothing is encrypted; docs/decisions/0018-the-cold-start.md says what TLS adds.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Literal

from bench.processes import own_environment
from bench.report import ROOT, Claim, Observe, Report
from infra.bundle import REQUIREMENTS, build, find_python, install
from invitation_responder.core.policy import Policy
from local.embedded.function import create_ledger_table, create_organization_table
from local.embedded.server import serve

ROUNDS: Final = 12
ROUNDS_WITHOUT_BYTECODE: Final = 4
MAX_SWEEP: Final = 1.1  # times the floor
_HUB, _MEMBER = "111111111111", "222222222222"
_SETTINGS: Final = {
    "HUB": _HUB,
    "MEMBER": _MEMBER,
    "LEDGER_TABLE": "ledger",
    "ORGANIZATION_TABLE": "organization",
    "MEMBER_ROLE": "InvitationResponder",
    "EXTERNAL_ID": "invitation-responder",
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way of `bench.start`, and whether it has the bundle's packages or the installed ones."""

    name: str
    way: str
    bundle: bool


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of the processor, and seconds by the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Folders:
    """The packages that contestants import, with bytecode or all without, and the Python that does."""

    python: str
    bundle: Path
    installed: Path


FLOOR: Final = Contestant("one client and one call of boto3: the floor", "boto3", bundle=False)
SWEEP: Final = Contestant("a sweep with nothing new", "sweep", bundle=True)
BATCH: Final = Contestant("a batch with its first account", "batch", bundle=True)
CONTESTANTS: Final = (
    FLOOR,
    Contestant("three clients and one call of boto3", "three", bundle=False),
    Contestant("the floor, with the bundle's packages", "boto3", bundle=True),
    SWEEP,
    BATCH,
)


@dataclass(frozen=True, slots=True)
class Round:
    """The start of each contestant, and that of the floor with bytecode, in times of which all are given."""

    starts: Mapping[Contestant, Start]
    floor: Start


def measure(observe: Observe) -> Report:
    """Start all contestants in turns. Raises `BundleError`, or `subprocess.CalledProcessError` if a start fails."""
    folders = make_folders(ROOT / "build" / "bundle")
    rounds: list[Round] = []
    bare_rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as scratch, serve_hub() as environment:
        bare = strip_bytecode(folders, Path(scratch))
        start_all(folders, environment)  # what the machine caches is in its cache then
        for number in range(ROUNDS):
            observe(number, ROUNDS)
            starts = start_all(folders, environment, backwards=number % 2 == 1)
            rounds.append(Round(starts, starts[FLOOR]))
            if number < ROUNDS_WITHOUT_BYTECODE:
                bare_rounds.append(Round(start_all(bare, environment), starts[FLOOR]))
        observe(ROUNDS, ROUNDS)
    return report(rounds, bare_rounds)


def make_folders(into: Path) -> Folders:
    """The bundle with an empty policy, and the packages that it was made of."""
    bundle = build(Policy(mode="enforce").to_json(), into=into)
    python = find_python()
    return Folders(python or sys.executable, bundle.path, install(REQUIREMENTS, python, into=into))


def strip_bytecode(folders: Folders, scratch: Path) -> Folders:
    """Copies without bytecode."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Folders(
        folders.python,
        shutil.copytree(folders.bundle, scratch / "bundle", ignore=ignored),
        shutil.copytree(folders.installed, scratch / "installed", ignore=ignored),
    )


@contextmanager
def serve_hub() -> Iterator[dict[str, str]]:
    """The environment of a hub that has one member, with nothing in its tables and no handshakes."""
    with serve() as aws:
        home = aws.add_organization("o-exampleorgid", management_account=_HUB)
        aws.account(_MEMBER, organization=home)
        aws.add_role(_MEMBER, _SETTINGS["MEMBER_ROLE"], trusts=_HUB, external_id=_SETTINGS["EXTERNAL_ID"])
        dynamodb = aws.client("dynamodb", _HUB)
        create_ledger_table(dynamodb, _SETTINGS["LEDGER_TABLE"])
        create_organization_table(dynamodb, _SETTINGS["ORGANIZATION_TABLE"])
        yield own_environment() | aws.environment(_HUB) | _SETTINGS


def start_all(folders: Folders, environment: Mapping[str, str], *, backwards: bool = False) -> dict[Contestant, Start]:
    """Start each contestant once."""
    turns = CONTESTANTS[::-1] if backwards else CONTESTANTS
    return {contestant: start(contestant, folders, environment) for contestant in turns}


def start(contestant: Contestant, folders: Folders, environment: Mapping[str, str]) -> Start:
    """Start one contestant in a new process, which imports nothing but the folder's packages and writes no bytecode."""
    folder = folders.bundle if contestant.bundle else folders.installed
    command: list[str | Path] = [folders.python, "-I", "-S", "-B", ROOT / "bench" / "start.py", contestant.way, folder]
    began = time.time()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own module
    cpu, ended = map(float, done.stdout.splitlines()[-1].split())
    return Start(cpu, ended - began)


def report(rounds: Sequence[Round], bare_rounds: Sequence[Round]) -> Report:
    """The table of ratios, and the claims."""
    kinds = (rounds, bare_rounds)
    rows = (
        (
            contestant.name,
            *(f"{times_floor(each, contestant, 'cpu'):.2f}" for each in kinds),
            *(f"{times_floor(each, contestant, 'wall'):.2f}" for each in kinds),
        )
        for contestant in CONTESTANTS
    )
    return Report(
        name="cold_start",
        table=(("times the floor", "CPU", "without bytecode", "time", "without bytecode"), *rows),
        notes=(
            f"Medians of {len(rounds)} rounds with bytecode, as it ships, and {len(bare_rounds)} without; all in times "
            "of the floor with bytecode."
        ),
        claims=(
            Claim(
                "the cold start of a sweep with nothing new, in times of one client and one call of boto3",
                times_floor(rounds, SWEEP, "cpu"),
                at_most=MAX_SWEEP,
            ),
            Claim("that of a batch, with its first account", times_floor(rounds, BATCH, "cpu")),
            Claim("that of a sweep whose bundle has no bytecode", times_floor(bare_rounds, SWEEP, "cpu")),
        ),
    )


def times_floor(rounds: Sequence[Round], contestant: Contestant, measured: Literal["cpu", "wall"]) -> float:
    """The median of a contestant's ratios to the floor."""
    starts = [(each.starts[contestant], each.floor) for each in rounds]
    if measured == "cpu":
        return median(own.cpu / floor.cpu for own, floor in starts)
    return median(own.wall / floor.wall for own, floor in starts)
