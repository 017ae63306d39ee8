"""One run over one account's handshakes: list, decide, answer, record, tell.

Nothing here dies of one handshake: what goes wrong with it is its outcome, or an error of the report, and the rest
goes on. Only what makes every decision doubtful (a listing or a ledger that can't be read) ends a sweep.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from invitation_responder.aws.event_bus import ENTRIES_PER_CALL, Events
from invitation_responder.aws.ledger import Conflict, Ledger, LedgerError
from invitation_responder.aws.organizations import Organizations
from invitation_responder.core.decision import Decider, Decision
from invitation_responder.core.handshake import CLOSED_STATES, Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.plan import Intent, Step, count_accepted_invitations, plan
from invitation_responder.core.reconcile import closing, vanishing
from invitation_responder.core.record import Kind, Outcome, Record, make_record, sender_text_of

# What must be left of the time before another answer is begun. A call that hangs at every attempt takes longer: then
# the sweep is killed, and the next one puts it right.
TIME_FOR_ONE_ANSWER: Final = timedelta(seconds=30)
# How old a listing may be that still shows as pending what has just been closed.
LISTING_LAG: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Report:
    """What a sweep did. `errors` are failures that no record tells of; `pending` counts handshakes found pending."""

    records: list[Record] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    pending: int = 0

    def count(self, kind: Kind) -> int:
        """How many records are of a kind: an outcome, `undecided` or `breach`."""
        return sum(record.kind == kind for record in self.records)

    def summary(self) -> dict[str, int]:
        """How many records there are of each kind that there is."""
        return dict(sorted(Counter(record.kind for record in self.records).items()))

    @property
    def has_failed(self) -> bool:
        """Whether something that should have been done was not."""
        return bool(self.errors) or self.count("failed") > 0


@dataclass(slots=True, kw_only=True)
class Sweep:
    """One sweep and everything that it works with.

    `now` tells the time (timezone-aware), `deadline` is when the sweep is dead at the latest, `id` names it in the
    ledger, `observe` is called with each record as soon as it stands.
    """

    id: str
    receiver: str
    decider: Decider
    organizations: Organizations
    ledger: Ledger
    events: Events | None
    deadline: datetime
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    observe: Callable[[Record], None] = lambda _: None
    sender_text: bool = False

    report: Report = field(init=False, default_factory=Report)
    _entries: dict[str, Entry] = field(init=False, default_factory=dict)

    def run(self) -> Report:
        """Sweep once; a sweep is used up by it.

        Raises `ListingError` or `LedgerError` where handshakes or ledger can't be read; then nothing was answered.
        """
        now = self.now()
        # What the account has sent itself is not for it to answer; some endpoints list it, too.
        received = self.organizations.received(self.receiver)
        listed = [handshake for handshake in received if not handshake.is_own_request]
        self._entries = self.ledger.entries(self.receiver)

        self._note_vanished({handshake.id for handshake in listed})
        pending: list[tuple[Handshake, Decision]] = []
        for handshake in listed:
            if handshake.is_pending(now):
                pending.append((handshake, self.decider.decide(handshake, now)))
            else:
                self._note_closed(handshake, now)
        self.report.pending = len(pending)
        ours = [(handshake, decision) for handshake, decision in pending if self._is_ours(handshake.id, now)]
        failed = {name for name, entry in self._entries.items() if entry.record.outcome == "failed"}
        invitations = count_accepted_invitations(pending)
        for step in plan(ours, self.decider.policy, now, invitations=invitations, failed=failed):
            self._take(step)
        self._tell()
        return self.report

    def _is_ours(self, handshake_id: str, listed_at: datetime) -> bool:
        """Whether no other sweep has this handshake in hand, and none has just found it closed."""
        entry = self._entries.get(handshake_id)
        if entry is None:
            return True
        if entry.is_held(self.now(), self.id):
            return False
        closed = entry.record.state in CLOSED_STATES
        return not (closed and entry.updated_at is not None and entry.updated_at > listed_at - LISTING_LAG)

    def _note_closed(self, handshake: Handshake, now: datetime) -> None:
        entry = self._entries.get(handshake.id)
        if entry is None or not entry.is_held(self.now(), self.id):
            record = closing(handshake, entry, self.decider, now)
            if record:
                self._record(self._with_sender_text(record, handshake))

    def _note_vanished(self, listed: set[str]) -> None:
        for handshake_id, entry in list(self._entries.items()):
            if handshake_id not in listed and entry.intent and not entry.is_held(self.now(), self.id):
                self._record(replace(vanishing(entry), sender_text=None))

    def _take(self, step: Step) -> None:
        if step.intent is None:
            self._record(self._make_record(step, step.outcome, step.detail))
        elif self.now() + TIME_FOR_ONE_ANSWER > self.deadline:
            self._record(self._make_record(step, "deferred", "put off to the next sweep: this one's time is up"))
        else:
            self._answer(step, step.intent)

    def _answer(self, step: Step, intent: Intent) -> None:
        """Intent into the ledger, answer to AWS, outcome into the ledger: in this order, whatever happens."""
        intended = self._make_record(step, None)
        entry = self._entry(intended)
        try:
            self._save(replace(entry, record=intended, intent=intent))
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
        """Write a record that stands into the ledger, unless it is there already, and report it.

        Where another sweep wrote the handshake's entry first, the record is its, unless we have `answered`. `intent`
        stays in the entry where nobody knows whether the answer was taken.
        """
        entry = self._entry(record)
        changed = entry.with_record(record, intent=intent)
        try:
            if entry.version == 0 or changed != entry:
                self._save(changed)
        except Conflict:
            if not answered:
                return
        except LedgerError as error:
            self.report.errors.append(f"{record.handshake_id}: {error}")
        self._report(record)

    def _report(self, record: Record) -> None:
        self.report.records.append(record)
        self.observe(record)

    def _entry(self, record: Record) -> Entry:
        return self._entries.get(record.handshake_id) or Entry(record=record, first_seen_at=self.now())

    def _save(self, entry: Entry) -> None:
        """Write an entry. One that another sweep wrote first is from now on that sweep's: raises `Conflict`."""
        handshake_id = entry.record.handshake_id
        try:
            self._entries[handshake_id] = self.ledger.save(self._stamped(entry))
        except Conflict:
            self._entries.pop(handshake_id, None)
            raise

    def _stamped(self, entry: Entry) -> Entry:
        """The entry as written by us now; with work still open it stays ours until this sweep must be dead."""
        lease = self.deadline if entry.has_open_work() else None
        return replace(entry, sweep=self.id, updated_at=self.now(), lease_until=lease)

    def _tell(self) -> None:
        """Send what the ledger says is news, from this sweep and from earlier ones that could not.

        When the same events can go out again: docs/decisions/0003-events-at-least-once.md.
        """
        if self.events is None:
            return
        due = [entry for entry in list(self._entries.values()) if entry.outbox and self._has_claimed(entry)]
        for start in range(0, len(due), ENTRIES_PER_CALL):
            ids = [entry.record.handshake_id for entry in due[start : start + ENTRIES_PER_CALL]]
            self._tell_some(self.events, [self._entries[handshake_id] for handshake_id in ids])

    def _has_claimed(self, entry: Entry) -> bool:
        """Whether this sweep, and no other, tells an entry's events. What an earlier sweep left is claimed first."""
        if entry.sweep == self.id:
            return True
        if entry.is_held(self.now(), self.id):
            return False
        try:
            self._save(entry)
        except Conflict:
            return False
        except LedgerError as error:
            self.report.errors.append(f"{entry.record.handshake_id}: not told, since {error}")
            return False
        return True

    def _tell_some(self, events: Events, entries: list[Entry]) -> None:
        taken, errors = events.tell([event for entry in entries for event in entry.outbox])
        self.report.errors.extend(errors)
        told = [
            self._stamped(replace(entry, outbox=tuple(event for event in entry.outbox if event.id not in taken)))
            for entry in entries
            if any(event.id in taken for event in entry.outbox)
        ]
        try:
            for entry in self.ledger.save_together(told) if told else ():
                self._entries[entry.record.handshake_id] = entry
        except LedgerError as error:
            self.report.errors.append(f"events were sent, but not marked as told, and will be sent again: {error}")
