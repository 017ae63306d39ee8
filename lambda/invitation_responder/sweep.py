"""One run over one account's handshakes: list, decide, answer, record, publish.

A failure at one handshake becomes its outcome or an error of the report, and the sweep goes on. Only a failure that
makes every decision doubtful (the listing or the ledger can't be read) ends the sweep.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from invitation_responder.aws.event_bus import EventBus
from invitation_responder.aws.ledger import Conflict, Ledger, LedgerError
from invitation_responder.aws.organizations import Organizations
from invitation_responder.breaches import StandingCheck, remind_of_breaches
from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import CLOSED_STATES, Handshake
from invitation_responder.core.plan import Intent, Step, count_acceptable_invitations, plan
from invitation_responder.core.reconcile import reconcile_closed, reconcile_vanished
from invitation_responder.core.record import Kind, Outcome, Record, make_record, sender_text_of
from invitation_responder.core.reminders import is_open_breach, remind_to_answer
from invitation_responder.leases import LeasedEntries
from invitation_responder.outbox import publish_due

# The least time that must be left to begin another answer. A call that hangs at every attempt takes longer: Lambda then
# kills the sweep, and the next sweep reconciles the answer.
TIME_FOR_ONE_ANSWER: Final = timedelta(seconds=30)
# The longest time for which AWS's listing may still show a closed handshake as pending.
LISTING_LAG: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Report:
    """The result of a sweep. `errors` are failures that no record carries.

    `pending` counts the pending handshakes.
    """

    records: list[Record] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pending: int = 0

    def count(self, kind: Kind) -> int:
        """The number of records of a kind: an outcome, `undecided` or `breach`."""
        return sum(record.kind == kind for record in self.records)

    def summary(self) -> dict[str, int]:
        """The number of records of each kind that occurs."""
        return dict(sorted(Counter(record.kind for record in self.records).items()))

    @property
    def has_failed(self) -> bool:
        """True if an answer, a write or an event failed."""
        return bool(self.errors) or self.count("failed") > 0


@dataclass(slots=True, kw_only=True)
class Sweep:
    """One sweep and its dependencies.

    `now` returns the time (timezone-aware). `deadline` is the latest time at which the sweep can still be running. `id`
    names the sweep in the ledger. `observe` is called with each record as soon as the record is final. Without
    `events`, nothing is published. With `sender_text`, records carry the sender's text, escaped. Without `answers`, the
    sweep leaves what it would answer to the next one. `on_open_breach` is called before anything is published if there
    is a breach that is neither undone nor acknowledged.
    """

    id: str
    receiver: str
    decider: Decider
    organizations: Organizations
    ledger: Ledger
    events: EventBus | None
    deadline: datetime
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    observe: Callable[[Record], None] = lambda _: None
    sender_text: bool = False
    answers: bool = True
    on_open_breach: Callable[[], None] = lambda: None

    report: Report = field(init=False, default_factory=Report)
    _entries: LeasedEntries = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the entries; nothing is read yet."""
        self._entries = LeasedEntries(ledger=self.ledger, sweep=self.id, deadline=self.deadline, now=self.now)

    def run(self) -> Report:
        """Sweep once; each `Sweep` runs only once.

        Raises `ListingError` or `LedgerError` if the handshakes or the ledger can't be read; nothing is answered then.
        """
        now = self.now()
        # The account's own requests await no answer from it; some endpoints list them, too.
        received = self.organizations.received(self.receiver)
        listed = [handshake for handshake in received if not handshake.is_own_request]
        self._entries.read(self.receiver)

        self._record_vanished({handshake.id for handshake in listed})
        pending: list[tuple[Handshake, Decision]] = []
        for handshake in listed:
            if handshake.is_pending(now):
                pending.append((handshake, self.decider.decide(handshake, now)))
            else:
                self._record_closed(handshake, now)
        self.report.pending = len(pending)
        ours = [(handshake, decision) for handshake, decision in pending if self._is_ours(handshake.id, now)]
        failed = {entry.record.handshake_id for entry in self._entries if entry.record.outcome == "failed"}
        invitations = count_acceptable_invitations(pending)
        for step in plan(ours, self.decider.policy, now, invitations=invitations, failed=failed):
            if self.answers or (step.intent is None and step.outcome != "deferred"):
                self._take(step)
        if any(is_open_breach(entry) for entry in self._entries):
            self.on_open_breach()
        if self.events is not None:
            self.report.errors.extend(remind_of_breaches(self._entries, StandingCheck(self.organizations).ask))
            self.report.errors.extend(publish_due(self._entries, self.events))
        return self.report

    def _is_ours(self, handshake_id: str, listed_at: datetime) -> bool:
        """True if no other sweep holds the handshake, and no sweep has just recorded it as closed."""
        entry = self._entries.get(handshake_id)
        if entry is None:
            return True
        if self._entries.is_leased_by_other(entry):
            return False
        closed = entry.record.state in CLOSED_STATES
        return not (closed and entry.updated_at is not None and entry.updated_at > listed_at - LISTING_LAG)

    def _record_closed(self, handshake: Handshake, now: datetime) -> None:
        entry = self._entries.get(handshake.id)
        if entry is None or not self._entries.is_leased_by_other(entry):
            record = reconcile_closed(handshake, entry, self.decider, now)
            if record:
                self._record(self._with_sender_text(record, handshake))

    def _record_vanished(self, listed: set[str]) -> None:
        for entry in self._entries:
            if entry.record.handshake_id not in listed and entry.intent and not self._entries.is_leased_by_other(entry):
                self._record(replace(reconcile_vanished(entry), sender_text=None))

    def _take(self, step: Step) -> None:
        if step.intent is None:
            self._record(self._make_record(step, step.outcome, step.detail))
        elif self.now() + TIME_FOR_ONE_ANSWER > self.deadline:
            self._record(self._make_record(step, "deferred", "put off to the next sweep: this one's time is up"))
        else:
            self._answer(step, step.intent)

    def _answer(self, step: Step, intent: Intent) -> None:
        """Write the intent to the ledger, answer AWS, write the outcome to the ledger: always in this order."""
        intended = self._make_record(step, None)
        entry = self._entries.of(intended)
        try:
            self._entries.save(replace(entry, record=intended, intent=intent))
        except Conflict:
            return
        except LedgerError as error:
            self._report(self._make_record(step, "failed", f"not answered, since {error}"))
            return
        send = self.organizations.decline if intent == "decline" else self.organizations.accept
        answer = send(step.handshake.id)
        record = self._make_record(step, answer.outcome, answer.detail, state=answer.state)
        self._record(record, intent=None if answer.is_certain else intent, answered=True)

    def _make_record(self, step: Step, outcome: Outcome | None, detail: str = "", state: str | None = None) -> Record:
        record = make_record(
            step.handshake,
            step.decision,
            self.decider.policy,
            outcome=outcome,
            state=state or step.handshake.state,
            detail=detail,
        )
        return self._with_sender_text(record, step.handshake)

    def _with_sender_text(self, record: Record, handshake: Handshake) -> Record:
        return replace(record, sender_text=sender_text_of(handshake) if self.sender_text else None)

    def _record(self, record: Record, *, intent: Intent | None = None, answered: bool = False) -> None:
        """Write a final record to the ledger with the event that is now due, and report it.

        Nothing is written if the ledger has the record already and no event is due.

        If another sweep wrote the handshake's entry first, only a record of our own answer (`answered`) is reported.
        The entry keeps `intent` if it is unknown whether AWS took the answer.
        """
        entry, now = self._entries.of(record), self.now()
        changed = remind_to_answer(entry.with_record(record, now, intent=intent), now)
        try:
            if entry.version == 0 or changed != entry:
                self._entries.save(changed)
        except Conflict:
            if not answered:
                return
        except LedgerError as error:
            self.report.errors.append(f"{record.handshake_id}: {error}")
        self._report(record)

    def _report(self, record: Record) -> None:
        self.report.records.append(record)
        self.observe(record)
