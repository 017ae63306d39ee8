"""`responder run --organization`: the sweep of each account of the organization, from a terminal."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from botocore.exceptions import BotoCoreError
from rich.console import Console

from invitation_responder.aws.accounts import Account, list_accounts
from invitation_responder.aws.client import create_members_session
from invitation_responder.aws.ledger import NoLedger
from invitation_responder.aws.member_roles import MemberRoles
from invitation_responder.aws.organizations import Organizations
from invitation_responder.aws.pace import Pace
from invitation_responder.aws.pages import ListingError
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy
from invitation_responder.core.record import Kind, Record
from invitation_responder.organization.account_sweep import AccountResult, sweep_account, sweep_accounts
from invitation_responder.organization.batches import LISTINGS_A_SECOND
from invitation_responder.sweep import Sweep

from ..replay.recording import RecordingError, RecordingOrganizations
from ..reports.organization import AccountTables, make_failures_table, show_progress
from ..reports.run import JsonLines, Output
from .aws import AccountError, describe_with_advice, open_organization
from .errors import FOUND_SOMETHING, INTERRUPTED, RefusalError, complain, warn
from .interruption import between_steps

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_MAX_NAMED: Final = 10
# IAM's names of roles, with their path (IAM API reference, CreateRole).
ROLE_NAME: Final = re.compile(r"[\w+=,.@/-]{1,512}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Members:
    """The accounts to sweep, every active one if `accounts` is empty, and the role to sweep them by."""

    role_name: str
    external_id: str
    accounts: tuple[str, ...] = ()


@dataclass(slots=True)
class OrganizationRun:
    """A run over an organization, and what came of it so far.

    `left_out` are accounts that can't be swept in their state, `waiting` those that have no result yet.
    """

    policy: Policy
    members: Members
    file: Path | None
    sender_text: bool
    observe: Callable[[Record], None]
    results: list[AccountResult] = field(default_factory=list)
    left_out: list[Account] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def run(self, warn: Callable[[str], None]) -> None:
        """Sweep each account once, until all are done or somebody interrupts: then after the account in hand.

        Raises `AccountError`, `ListingError` or a `BotoCoreError` before anything is swept, `RecordingError` at the
        first account whose handshakes can't be recorded.
        """
        session, client, own = open_organization(warn)
        self.waiting = list(self.members.accounts) or self._active(list_accounts(client))
        roles = MemberRoles(
            session,
            create_members_session(session),
            own,
            role_name=self.members.role_name,
            external_id=self.members.external_id,
            sweep="run",
            partition=session.get_partition_for_region(client.meta.region_name),
        )
        decider, listing = Decider(self.policy), Pace(1 / LISTINGS_A_SECOND)

        def make_sweep(account: str, client: "OrganizationsClient") -> Sweep:
            organizations = (
                Organizations(client, listing=listing)
                if self.file is None
                else RecordingOrganizations(client, self.file, listing=listing)
            )
            return Sweep(
                id="run",
                receiver=account,
                decider=decider,
                organizations=organizations,
                ledger=NoLedger(),
                events=None,
                deadline=datetime.max.replace(tzinfo=UTC),
                observe=self.observe,
                sender_text=self.sender_text,
            )

        def sweep(account: str) -> AccountResult:
            return sweep_account(account, roles, make_sweep)

        with show_progress(len(self.waiting)) as advance, between_steps() as interruption:
            for result in sweep_accounts(tuple(self.waiting), sweep, is_over=lambda: interruption.is_requested):
                self.results.append(result)
                self.waiting.remove(result.account)
                advance()

    def _active(self, accounts: Sequence[Account]) -> list[str]:
        self.left_out = [account for account in accounts if not account.is_active]
        active = [account.id for account in accounts if account.is_active]
        if not active:
            raise AccountError("ListAccounts gives no active account")
        return active

    def count(self) -> Counter[Kind]:
        """The number of records of each kind, in all accounts."""
        records = (record for result in self.results if result.report for record in result.report.records)
        return Counter(record.kind for record in records)

    @property
    def swept(self) -> list[AccountResult]:
        """The accounts that were swept."""
        return [result for result in self.results if result.outcome == "swept"]

    @property
    def not_swept(self) -> list[AccountResult]:
        """The accounts that could not be swept."""
        return [result for result in self.results if result.outcome != "swept"]


def sweep_organization(
    policy: Policy, members: Members, file: Path | None, *, is_table: bool, sender_text: bool
) -> NoReturn:
    """Sweep the organization, print what came of it, and exit."""
    output: Output = AccountTables() if is_table else JsonLines()
    run = OrganizationRun(policy, members, file, sender_text, output.show)
    problem: Exception | None = None
    is_interrupted = False
    try:
        run.run(warn)
    except KeyboardInterrupt:
        is_interrupted = True
        complain("interrupted: an answer that was under way may have been given, and is not shown")
    except (AccountError, BotoCoreError, ListingError, RecordingError) as error:
        problem = error
    output.finish(_summary(run) if run.results else "Nothing was done.")
    _print_failures(run, is_table=is_table)
    if problem:
        done = "nothing was answered" if not run.results else f"{len(run.waiting)} accounts were not swept"
        raise RefusalError(f"{describe_with_advice(problem)}; {done}") from problem
    if run.waiting:
        complain(f"interrupted: {len(run.waiting)} accounts were not swept: {_some(run.waiting)}")
    if run.waiting or is_interrupted:
        sys.exit(INTERRUPTED)
    if output.lost:
        raise RefusalError(f"stdout can't be written ({output.lost}): the sweep was finished, but not all of it shown")
    has_failed = any(result.report and result.report.has_failed for result in run.results)
    counts = run.count()
    sys.exit(FOUND_SOMETHING if run.not_swept or has_failed or counts["undecided"] or counts["breach"] else 0)


def _summary(run: OrganizationRun) -> str:
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(run.count().items()))
    total = len(run.results) + len(run.waiting)
    left_out = "".join(f"\nleft out: {account.id}, which is {account.state}" for account in run.left_out)
    policy = f"policy {run.policy.sha256[:12]}, mode {run.policy.mode}"
    return (
        f"{len(run.swept)} of {total} accounts swept: {counts or 'nothing pending, nothing new'}.\n{policy}{left_out}"
    )


def _print_failures(run: OrganizationRun, *, is_table: bool) -> None:
    """The accounts that were not swept: below the table, or else on stderr."""
    if is_table and run.not_swept:
        Console(highlight=False).print(make_failures_table(run.not_swept))
    for result in () if is_table else run.not_swept:
        complain(f"account {result.account} was not swept ({result.outcome}): {result.detail}")
    for result in run.swept:
        for error in result.report.errors if result.report else ():
            complain(f"account {result.account}: {error}")


def _some(accounts: Sequence[str]) -> str:
    more = f" and {len(accounts) - _MAX_NAMED} more" if len(accounts) > _MAX_NAMED else ""
    return ", ".join(accounts[:_MAX_NAMED]) + more
