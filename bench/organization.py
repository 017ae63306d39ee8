"""The processor's time and the memory of a sweep over an organization: `python -m bench.organization [accounts]`.

Measured are the handler of a batch, and the plain way: a session and clients of its own for each account. Each runs in
a process of its own, against the embedded AWS in this one. Nothing waits for the quota of listings, and one account in
twenty has an invitation to decline. Ends with 1 if what must hold does not.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from invitation_responder.core.policy import Policy
from local.embedded.function import create_ledger_table, create_organization_table
from local.embedded.server import serve
from local.embedded.world import EmbeddedAws

Way = Literal["ours", "plain"]
ACCOUNTS: Final = 1000
WARM_UP: Final = 50  # accounts after which everything is loaded that is loaded once
MAX_GROWTH: Final = 20.0  # MiB
MIN_RATIO: Final = 6.0
_HUB, _STRANGER = "111111111111", "999999999999"
_SETTINGS: Final = {
    "LEDGER_TABLE": "ledger",
    "ORGANIZATION_TABLE": "organization",
    "MEMBER_ROLE": "InvitationResponder",
    "EXTERNAL_ID": "invitation-responder",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of accounts that are swept: milliseconds of CPU an account, and MiB of memory before and after them."""

    cpu: float
    before: float
    after: float

    @property
    def growth(self) -> float:
        """The memory that the accounts added, in MiB."""
        return self.after - self.before


def measure(way: Way, accounts: int, warm_up: int = WARM_UP) -> Cost:
    """Sweep some accounts, of which the first ones warm up; returns the cost of the others."""
    with _serve_organization(accounts) as (aws, names), tempfile.TemporaryDirectory() as folder:
        policy = Path(folder, "policy.json")
        policy.write_bytes(Policy(mode="enforce").to_json())
        measured = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.batches", way, str(warm_up)],
            input=json.dumps(names),
            env=_own_environment() | aws.environment(_HUB) | _SETTINGS | {"POLICY_FILE": str(policy)},
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return Cost(**json.loads(measured.stdout.splitlines()[-1]))


def _own_environment() -> dict[str, str]:
    """This process's environment without settings of AWS and of proxies, and without files of them."""
    is_foreign = re.compile(r"(AWS|POWERTOOLS)_.*|.*_PROXY", re.IGNORECASE).fullmatch
    own = {name: value for name, value in os.environ.items() if not is_foreign(name)}
    return own | {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


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


def describe(ours: Cost, plain: Cost, accounts: int) -> str:
    """The costs, as a table and a sentence."""
    rows: list[tuple[str, ...]] = [("", "CPU an account", f"RSS after {WARM_UP}", f"after {accounts}", "growth")]
    rows += [
        (name, f"{cost.cpu:.1f} ms", *(f"{size:.1f} MiB" for size in (cost.before, cost.after, cost.growth)))
        for name, cost in (("ours", ours), ("plain", plain))
    ]
    table = [f"{name:6}" + "".join(f"{cell:>16}" for cell in cells) for name, *cells in rows]
    ratio = f"The plain way takes {plain.cpu / ours.cpu:.1f} times our CPU (at least {MIN_RATIO:.0f} times)"
    return "\n".join([*table, f"{ratio}; our memory grows by {ours.growth:.1f} MiB (less than {MAX_GROWTH:.0f})."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both ways, and print what they cost."""
    parser = argparse.ArgumentParser(prog="python -m bench.organization", description=__doc__)
    parser.add_argument("accounts", type=int, nargs="?", default=ACCOUNTS, help=f"{ACCOUNTS} by default")
    accounts = parser.parse_args(arguments).accounts
    if accounts <= WARM_UP:
        parser.error(f"the first {WARM_UP} accounts warm up: it takes more than that")
    ours, plain = measure("ours", accounts), measure("plain", accounts)
    sys.stdout.write(f"{describe(ours, plain, accounts)}\n")
    return int(ours.growth >= MAX_GROWTH or plain.cpu < MIN_RATIO * ours.cpu)


if __name__ == "__main__":
    sys.exit(main())
