"""The end of a round of a sweep: another round, or the sweep's events, and the lease given back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from invitation_responder.aws.batch_store import BatchStore
from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger_index import LedgerIndex
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.aws.sweep_lease import SweepLease
from invitation_responder.core.coverage import AccountCoverage
from invitation_responder.core.event import Event, make_event_about
from invitation_responder.core.iso8601 import write_time
from invitation_responder.organization.batches import read_batch
from invitation_responder.organization.campaigns import WINDOW, find_campaigns
from invitation_responder.organization.planning import round_key, write_batches
from invitation_responder.organization.summary import NO_WORD, Summary, summarize, without_word

ROUNDS: Final = 2


class PublishError(Exception):
    """EventBridge did not take an event. Raised so that the state machine tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Summarizes a round of a sweep, and ends the sweep after the last one. `schedule` is the time between starts."""

    lease: SweepLease
    coverage: Coverage
    store: BatchStore
    table: OrganizationTable
    index: LedgerIndex
    events: EventBus
    rate: float
    schedule: timedelta
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def close(self, plan: Mapping[str, Any]) -> tuple[Summary, dict[str, AccountCoverage], dict[str, Any] | None]:
        """Summarize the round of a plan: the summary, the coverage of all accounts, and the plan of another round.

        Without a plan the sweep has ended, and is not to be closed again.

        Raises `TableError`, `BatchStoreError`, `LedgerError` or `PublishError`; it can be called again then.
        """
        accounts = self._accounts(plan)
        known = self._coverage(accounts, plan["sweep"])
        summary = summarize(accounts, known)
        ends_at = datetime.fromisoformat(plan["ends_at"])
        again = summary.to_try_again
        if again and plan["round"] < ROUNDS and self.now() < ends_at:
            number = plan["round"] + 1
            batches = write_batches(self.store, plan["sweep"], number, again, rate=self.rate, ends_at=ends_at)
            return (
                summary,
                known,
                {
                    **plan,
                    "round": number,
                    "key": round_key(plan["sweep"], number),
                    "batches": batches,
                },
            )
        self._publish_result(summary, plan)
        self._publish_campaigns()
        self.lease.give_back()
        self.store.delete(round_key(plan["sweep"], number) for number in range(1, plan["round"] + 1))
        return summary, known, None

    def _accounts(self, plan: Mapping[str, Any]) -> list[str]:
        """All accounts of the sweep: those of its first round."""
        batches = self.store.read(round_key(plan["sweep"], 1))
        return [account for batch in batches for account in read_batch(batch).accounts]

    def _coverage(self, accounts: list[str], sweep: str) -> dict[str, AccountCoverage]:
        """The coverage after the round, with a result for the accounts that no function has had a word about."""
        known = self.coverage.read()
        silent = without_word(accounts, known, sweep)
        for account in silent:
            self.coverage.record(account, "failed", detail=NO_WORD, sweep=sweep, now=self.now())
        return self.coverage.read() if silent else known

    def _publish_result(self, summary: Summary, plan: Mapping[str, Any]) -> None:
        """Publish what is new since the last sweep: accounts not swept any more, a schedule that has become too tight.

        The last sweep is the one of the whole organization that was summarized last, and not one that died. Its name
        is in the events' ids: they stay the same if this summary dies before it has written the table.
        """
        if not plan["whole"]:
            return
        last = self.table.get("sweep", "last") or {}
        started_at, since = datetime.fromisoformat(plan["started_at"]), last.get("ended_at")
        sweep: str = plan["sweep"]
        taken = self.now() - started_at
        due = []
        if summary.newly_not_swept(datetime.fromisoformat(since) if since else None):
            about = {
                "sweep": sweep,
                "accounts": summary.accounts,
                "not_swept": len(summary.not_swept),
                "by_outcome": summary.by_outcome,
                "examples": summary.examples(),
                "reason": summary.cause(),
            }
            due.append(_make_event("accounts_not_swept", last, about))
        is_too_tight = taken > self.schedule
        if is_too_tight and not last.get("is_too_tight"):
            minutes, every = ceil_minutes(taken), ceil_minutes(self.schedule)
            reason = f"the sweep takes {minutes} minutes and starts every {every}"
            about = {"sweep": sweep, "accounts": summary.accounts, "minutes": minutes, "starts_every_minutes": every}
            due.append(_make_event("schedule_too_tight", last, {**about, "reason": reason}))
        self._publish(due)
        mark = {"sweep": sweep, "started_at": write_time(started_at), "ended_at": write_time(self.now())}
        self.table.put("sweep", "last", {**mark, "accounts": summary.accounts, "is_too_tight": is_too_tight})

    def _publish_campaigns(self) -> None:
        """Publish each campaign when it is first seen, and when it has grown tenfold; forget those that are over."""
        now = self.now()
        days = {(now - timedelta(days=number)).date() for number in range(WINDOW.days + 1)}
        campaigns = find_campaigns((sighting for day in sorted(days) for sighting in self.index.seen_on(day)), now)
        known = {item["id"]: item for item in self.table.query("campaign")}
        for campaign in campaigns:
            before = known.pop(campaign.sender, None)
            if not campaign.is_due(int(before["accounts"]) if before else None):
                continue
            began_at = before["began_at"] if before else write_time(campaign.first_seen_at)
            number = int(before["events"]) + 1 if before else 1
            about = {
                "organization": campaign.organization,
                "management_account": campaign.management_account,
                "accounts": campaign.accounts,
                "handshakes": campaign.handshakes,
                "first_seen_at": write_time(campaign.first_seen_at),
            }
            event_id = f"campaign/{campaign.sender}/{began_at}/{number}"
            self._publish([make_event_about("campaign", event_id, about)])
            mark = {"accounts": campaign.accounts, "events": number, "began_at": began_at}
            self.table.put("campaign", campaign.sender, mark)
        for sender in known:
            self.table.delete("campaign", sender)

    def _publish(self, events: list[Event]) -> None:
        _, errors = self.events.publish(events)
        if errors:
            raise PublishError("; ".join(errors))


def _make_event(kind: str, last: Mapping[str, Any], about: Mapping[str, Any]) -> Event:
    return make_event_about(kind, f"{kind}/{last.get('sweep', 'none')}", about)


def ceil_minutes(time: timedelta) -> int:
    """Whole minutes, rounded up."""
    return -(-time // timedelta(minutes=1))
