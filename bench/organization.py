"""The cost of the sweep of a whole organization: the processor's time and the memory, account by account.

An organization can have 50,000 accounts, so this is what the bill and the function's memory size come from. Measured
are the handler of a batch and two other ways: a session and clients for each account, as a plain script does it, and
the sessions of c7n-org. Each runs in a process of its own, against the embedded AWS in this one. Nothing waits for the
quota of listings, but for a last run that is to keep its pace. One account in twenty has an invitation to decline.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.processes import PEERS_PYTHON, own_environment
from bench.report import ROOT, Claim, Observe, Report, round_figure
from invitation_responder.core.policy import Policy
from local.embedded.function import create_ledger_table, create_organization_table
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws

Way = Literal["ours", "paced", "plain", "c7n_org"]
WARM_UP: Final = 50  # accounts after which everything is loaded that is loaded once
MAX_GROWTH: Final = 20.0  # MiB
MAX_PEAK: Final = 100.0  # MiB
MIN_RATIO: Final = 6.0
RATE: Final = 10.0  # listings a second: all five workers together are given half of that
# The names of the ways, and their accounts.
_WAYS: Final[dict[Way, tuple[str, int]]] = {
    "ours": ("ours", 1_000),
    "plain": ("a session and clients for each account", 200),
    "c7n_org": ("c7n-org: sessions and listings alone", 200),
    "paced": ("ours, at a pace", 150),
}
_HUB, _STRANGER = "111111111111", "999999999999"
_SETTINGS: Final = {
    "LEDGER_TABLE": "ledger",
    "ORGANIZATION_TABLE": "organization",
    "MEMBER_ROLE": "InvitationResponder",
    "EXTERNAL_ID": "invitation-responder",
    "RATE": str(RATE),
}


@dataclass(frozen=True, slots=True)
class AccountCost:
    """The cost of accounts: ms of CPU an account, accounts a second, and MiB before them, after them and at most."""

    cpu: float
    a_second: float
    before: float
    after: float
    peak: float

    @property
    def growth(self) -> float:
        """The memory that the accounts added, in MiB."""
        return self.after - self.before


def measure(observe: Observe) -> Report:
    """Sweep an organization in each way. Raises `subprocess.CalledProcessError` if a way fails."""
    costs: dict[Way, AccountCost] = {}
    for way, (_, accounts) in _WAYS.items():
        observe(len(costs), len(_WAYS))
        costs[way] = sweep(way, accounts)
    observe(len(costs), len(_WAYS))
    return report(costs)


def sweep(way: Way, accounts: int, warm_up: int = WARM_UP) -> AccountCost:
    """Sweep some accounts, of which the first ones warm up; returns the cost of the others."""
    python = PEERS_PYTHON if way == "c7n_org" else sys.executable
    with _serve_organization(accounts) as (aws, names), tempfile.TemporaryDirectory() as folder:
        policy = Path(folder, "policy.json")
        policy.write_bytes(Policy(mode="enforce").to_json())
        measured = subprocess.run(  # noqa: S603 - our own module
            [python, "-m", "bench.ways.process", way, str(warm_up)],
            input=json.dumps(names),
            env=own_environment() | aws.environment(_HUB) | _SETTINGS | {"POLICY_FILE": str(policy)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return AccountCost(**json.loads(measured.stdout.splitlines()[-1]))


@contextmanager
def _serve_organization(accounts: int) -> Iterator[tuple[EmbeddedAws, list[str]]]:
    """An organization with so many accounts beside the hub, and their numbers."""
    names = [f"{number:012}" for number in range(200_000_000_000, 200_000_000_000 + accounts)]
    with serve() as aws:
        home = aws.add_organization("o-exampleorgid", management_account=_HUB)
        aws.add_organization("o-stranger0001", management_account=_STRANGER)
        for name in names:
            aws.account(name, organization=home)
            aws.add_role(name, _SETTINGS["MEMBER_ROLE"], trusts=_HUB, external_id=_SETTINGS["EXTERNAL_ID"])
        stranger, dynamodb = aws.client("organizations", _STRANGER), aws.client("dynamodb", _HUB)
        for name in names[::20]:
            stranger.invite_account_to_organization(Target={"Id": name, "Type": "ACCOUNT"})
        create_ledger_table(dynamodb, _SETTINGS["LEDGER_TABLE"])
        create_organization_table(dynamodb, _SETTINGS["ORGANIZATION_TABLE"])
        yield aws, names


def report(costs: Mapping[Way, AccountCost]) -> Report:
    """The table of ratios, and the claims."""
    ours, plain, c7n_org, paced = (costs[way] for way in ("ours", "plain", "c7n_org", "paced"))
    rows = (
        (name, round_figure(cost.cpu / ours.cpu), f"{cost.growth:.1f} MiB", f"{cost.peak:.0f} MiB", f"{accounts:,}")
        for way, cost in costs.items()
        if way != "paced"
        for name, accounts in (_WAYS[way],)
    )
    return Report(
        name="organization",
        table=(("", "CPU an account, times ours", "growth", "peak", "accounts"), *rows),
        notes=(
            f"One run each. Growth is what memory gains after the first {WARM_UP} accounts. c7n-org starts such a "
            "process for each core; one is measured. Nothing is encrypted here: with TLS, the other ways pay for "
            "another connection with each account, ours has one for all of them."
        ),
        claims=(
            Claim("the sweep of 1,000 accounts at its peak", ours.peak, at_most=MAX_PEAK, unit="MiB"),
            Claim(f"its growth after {WARM_UP} accounts", ours.growth, at_most=MAX_GROWTH, unit="MiB"),
            Claim("a session and clients for each account, times our CPU", plain.cpu / ours.cpu, at_least=MIN_RATIO),
            Claim("c7n-org's session and listing alone, times our CPU", c7n_org.cpu / ours.cpu, at_least=1.0),
            Claim("listings a second, in times of those asked for", paced.a_second / RATE, at_most=1.02, at_least=0.95),
        ),
    )
