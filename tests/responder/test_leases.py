"""The ledger's entries as one sweep holds them."""

from dataclasses import replace
from datetime import timedelta

from invitation_responder.aws.ledger import DynamoLedger
from invitation_responder.core.decision import Decision
from invitation_responder.core.handshake import Handshake
from invitation_responder.core.ledger_entry import Entry
from invitation_responder.core.record import Record, make_record
from invitation_responder.leases import LeasedEntries
from support.embedded import POLICY, RETENTION, TABLE, Account, invitation
from support.strategies import NOW, RECEIVER


def leased(account: Account) -> LeasedEntries:
    """Entries of a sweep that has five minutes left."""
    ledger = DynamoLedger(account.client("dynamodb"), TABLE, retention=RETENTION)
    return LeasedEntries(ledger=ledger, sweep="sweep-1", deadline=NOW + timedelta(minutes=5), now=account.aws.clock.now)


def record(number: int = 1) -> Record:
    """The fate of a stranger's invitation."""
    handshake = Handshake(f"h-{number:08}", RECEIVER)
    return make_record(handshake, Decision("decline", "no rule matches"), POLICY, outcome="declined", state="DECLINED")


def test_a_ledger_that_is_not_read_yet_has_nothing(account: Account) -> None:
    entries = leased(account)
    assert (list(entries), entries.get("h-00000001")) == ([], None)


def test_what_was_written_together_can_be_written_again(account: Account) -> None:
    entries = leased(account)
    entries.save_together([entries.of(record(1)), entries.of(record(2))])
    for entry in entries:
        assert entries.save(replace(entry, intent="decline")).version == 2
    assert len(list(entries)) == 2


def test_entries_can_be_written_while_they_are_gone_through(account: Account) -> None:
    entries = leased(account)
    entries.save(Entry(record(1)))
    seen = [entries.save(entries.of(record(number))) for number, _ in enumerate(entries, start=2)]
    assert [entry.record.handshake_id for entry in seen] == ["h-00000002"]


def test_only_what_has_open_work_is_leased_and_until_the_sweep_is_dead(account: Account) -> None:
    entries = leased(account)
    begun = entries.save(Entry(record(1), intent="decline"))
    done = entries.save(Entry(record(2)))
    assert (begun.lease_until, done.lease_until) == (NOW + timedelta(minutes=5), None)
    assert (begun.sweep, begun.updated_at) == ("sweep-1", NOW)


def test_an_entry_keeps_the_time_at_which_its_handshake_was_first_seen(account: Account) -> None:
    account.receive(invitation())
    account.sweep(replace(POLICY, mode="audit"))
    account.later()
    account.sweep(name="sweep-2")
    item = account.ledger()["h-00000001"]
    assert (item["first_seen_at"], item["updated_at"]) == ("2026-11-22T12:00:00Z", "2026-11-22T12:15:00Z")
