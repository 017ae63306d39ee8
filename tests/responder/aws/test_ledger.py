"""The ledger: the entries that are kept, and the events that are published of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from invitation_responder.aws.ledger import Conflict, DynamoLedger, LedgerError, NoLedger
from invitation_responder.core.decision import Decision
from invitation_responder.core.event import Event
from invitation_responder.core.handshake import read_handshake
from invitation_responder.core.ledger_entry import Acknowledgement, Entry
from invitation_responder.core.policy import Policy, Rule
from invitation_responder.core.record import Record, make_record
from invitation_responder.sweep import Report
from support.embedded import POLICY, RETENTION, TABLE, Account, invitation, kinds
from support.strategies import NOW, RECEIVER

ACCEPTING = Policy(mode="enforce", rules=(Rule("any", "accept"),))

DECISION = Decision("decline", "no rule matches", ("r1", "r2"))


def record(**changes: Any) -> Record:
    """A record of a stranger's invitation."""
    handshake = read_handshake(invitation(), RECEIVER)
    return replace(make_record(handshake, DECISION, POLICY, outcome="left", state="OPEN"), **changes)


@pytest.fixture
def ledger(account: Account) -> DynamoLedger:
    """A ledger in a table."""
    return DynamoLedger(account.client("dynamodb"), TABLE, retention=RETENTION)


def test_an_entry_comes_back_as_it_was_written(account: Account, ledger: DynamoLedger) -> None:
    entry = Entry(
        record(sender_text={"emails": ["a"], "names": [], "notes": ""}),
        intent="decline",
        lease_until=NOW,
        first_seen_at=NOW,
        updated_at=NOW,
        sweep="s",
        undone_at=NOW,
        acknowledgement=Acknowledgement("arn:aws:iam::222222222222:user/susan", NOW, "known"),
    ).with_record(record(outcome="declined"), NOW)
    saved = ledger.save(entry)
    assert saved == replace(entry, version=1)
    assert ledger.entries(RECEIVER) == {"h-00000001": saved}
    item = account.ledger()["h-00000001"]
    times = ("lease_until", "first_seen_at", "updated_at", "last_kind_at", "last_event_at", "undone_at")
    assert {item[name] for name in (*times, "acknowledged_at")} == {"2026-11-22T12:00:00Z"}


KNOWN = Acknowledgement("arn:aws:iam::222222222222:user/susan", NOW, "a test of ours")


def test_an_acknowledgement_changes_nothing_else_of_an_item(account: Account, ledger: DynamoLedger) -> None:
    entry = ledger.save(Entry(record(), updated_at=NOW, sweep="one"))
    account.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}},
        UpdateExpression="SET of_a_later_version = :it",
        ExpressionAttributeValues={":it": {"S": "it"}},
    )
    before = account.ledger()["h-00000001"]
    other = DynamoLedger(account.client("dynamodb"), TABLE, retention=timedelta(days=1))
    acknowledged = other.acknowledge(entry, KNOWN)
    assert acknowledged == replace(entry, acknowledgement=KNOWN, version=2)
    assert ledger.entries(RECEIVER) == {"h-00000001": acknowledged}
    assert account.ledger()["h-00000001"] == {
        **before,
        "version": 2,
        "acknowledged_by": "arn:aws:iam::222222222222:user/susan",
        "acknowledged_at": "2026-11-22T12:00:00Z",
        "acknowledged_reason": "a test of ours",
    }


def test_an_acknowledgement_stays_at_every_later_write(ledger: DynamoLedger) -> None:
    acknowledged = ledger.acknowledge(ledger.save(Entry(record(), updated_at=NOW)), KNOWN)
    ledger.save(acknowledged.with_record(record(outcome="declined"), NOW))
    assert ledger.entries(RECEIVER)["h-00000001"].acknowledgement == KNOWN


def test_an_acknowledgement_of_an_entry_that_was_written_since_is_a_conflict(ledger: DynamoLedger) -> None:
    first = ledger.save(Entry(record(), sweep="one"))
    ledger.save(replace(first, sweep="two"))
    with pytest.raises(Conflict):
        ledger.acknowledge(first, KNOWN)
    with pytest.raises(Conflict):
        ledger.acknowledge(Entry(record(handshake_id="h-00000009"), version=1), KNOWN)
    assert ledger.entries(RECEIVER)["h-00000001"].acknowledgement is None


def test_an_acknowledgement_that_botocore_sends_twice_is_one(ledger: DynamoLedger) -> None:
    entry = ledger.save(Entry(record()))
    assert ledger.acknowledge(entry, KNOWN) == ledger.acknowledge(entry, KNOWN)
    with pytest.raises(Conflict):
        ledger.acknowledge(entry, replace(KNOWN, reason="another one"))


def test_a_sweep_gives_way_to_an_acknowledgement(ledger: DynamoLedger) -> None:
    entry = ledger.save(Entry(record()))
    ledger.acknowledge(entry, KNOWN)
    with pytest.raises(Conflict):
        ledger.save(entry)


def test_an_entry_is_gone_when_its_time_is_over(account: Account, ledger: DynamoLedger) -> None:
    ledger.save(Entry(record(), updated_at=NOW))
    assert account.ledger()["h-00000001"]["ttl"] == int((NOW + RETENTION).timestamp())


def test_the_ledger_is_read_as_it_stands_and_not_as_it_stood(account: Account) -> None:
    client = account.client("dynamodb")
    asked: list[dict[str, Any]] = []
    client.meta.events.register("provide-client-params.dynamodb.Query", lambda params, **_: asked.append(params))
    DynamoLedger(client, TABLE, retention=RETENTION).entries(RECEIVER)
    assert [params["ConsistentRead"] for params in asked] == [True]


def test_accounts_do_not_see_each_others_entries(ledger: DynamoLedger) -> None:
    ledger.save(Entry(record(receiver="333333333333")))
    assert ledger.entries(RECEIVER) == {}


def test_an_entry_is_only_written_over_the_version_that_was_read(ledger: DynamoLedger) -> None:
    first = ledger.save(Entry(record(), sweep="one"))
    with pytest.raises(Conflict):
        ledger.save(Entry(record(), sweep="two"))
    second = ledger.save(replace(first, sweep="two"))
    with pytest.raises(Conflict):
        ledger.save(replace(first, sweep="three"))
    assert ledger.entries(RECEIVER)["h-00000001"] == second


def test_a_write_that_botocore_sends_twice_is_one_write(ledger: DynamoLedger) -> None:
    entry = Entry(record(), sweep="one", updated_at=NOW)
    assert ledger.save(entry) == ledger.save(entry)


def test_entries_are_written_together_or_not_at_all(ledger: DynamoLedger) -> None:
    first = ledger.save(Entry(record(handshake_id="h-00000001")))
    stale = Entry(record(handshake_id="h-00000002"))
    ledger.save(stale)
    with pytest.raises(LedgerError, match=r"the ledger can't be written: TransactionCanceledException"):
        ledger.save_together([replace(first, sweep="new"), stale])
    assert ledger.entries(RECEIVER)["h-00000001"] == first


def test_without_a_table_there_is_a_clear_error(account: Account) -> None:
    lost = DynamoLedger(account.client("dynamodb"), "nowhere", retention=RETENTION)
    with pytest.raises(LedgerError, match="the ledger can't be read: ResourceNotFoundException"):
        lost.entries(RECEIVER)
    with pytest.raises(LedgerError, match="the ledger can't be written: ResourceNotFoundException"):
        lost.save(Entry(record()))
    with pytest.raises(LedgerError, match="the ledger can't be written: ResourceNotFoundException"):
        lost.acknowledge(Entry(record()), KNOWN)


def test_an_item_that_somebody_else_wrote_is_a_clear_error(account: Account, ledger: DynamoLedger) -> None:
    item = {"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}}
    account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    with pytest.raises(LedgerError, match="the ledger has an item of 222222222222 that this version did not write"):
        ledger.entries(RECEIVER)


def test_no_ledger_keeps_nothing() -> None:
    nothing = NoLedger()
    entry = Entry(record())
    assert nothing.save(entry).version == 1
    assert nothing.save_together([entry]) == [replace(entry, version=1)]
    assert nothing.entries(RECEIVER) == {}


def test_what_is_not_known_yet_is_no_news() -> None:
    with pytest.raises(ValueError, match="not known yet"):
        Entry(record()).with_record(record(outcome=None), NOW)


class TestNews:
    """A decision is published once, not at every sweep."""

    def test_a_sweep_that_finds_nothing_new_writes_nothing_and_tells_nothing(self, account: Account) -> None:
        account.receive(invitation(1), invitation(2, "o-exampleorgid"), invitation(3, Action="SELL_ACCOUNT"))
        account.sweep()
        before = account.ledger()
        assert len(account.published()) == 3
        account.later()
        report = account.sweep(name="sweep-2")
        assert kinds(report) == {"h-00000002": "left", "h-00000003": "undecided"}
        assert account.ledger() == before
        assert account.published() == []

    def test_an_event_has_the_record_and_an_id(self, account: Account) -> None:
        account.receive(invitation())
        (found,) = account.sweep().records
        (event,) = account.published()
        assert event["source"] == "invitation-responder"
        assert event["detail-type"] == "Handshake Declined"
        assert event["detail"] == {"event_id": "h-00000001/1", "kind": "declined", **found.as_dict()}

    def test_another_outcome_is_news_and_another_reason_is_not(self, account: Account) -> None:
        account.receive(invitation())
        audit = replace(POLICY, mode="audit")
        account.sweep(audit)
        account.later()
        account.sweep(replace(audit, rules=()), name="sweep-2")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1"]
        assert account.ledger()["h-00000001"]["policy_sha256"] == replace(audit, rules=()).sha256
        account.later()
        account.sweep(name="sweep-3")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/2"]

    def test_what_comes_back_is_news_again(self, account: Account) -> None:
        account.receive(invitation())
        for number, policy in enumerate([Policy(mode="audit"), Policy(mode="audit", default="allow")] * 2):
            account.sweep(policy, name=f"sweep-{number}")
            account.later()
        printed = [(event["detail"]["event_id"], event["detail"]["kind"]) for event in account.published()]
        assert printed == [
            ("h-00000001/1", "would_decline"),
            ("h-00000001/2", "left"),
            ("h-00000001/3", "would_decline"),
            ("h-00000001/4", "left"),
        ]

    def test_more_events_than_one_call_takes(self, account: Account) -> None:
        for number in range(1, 24):
            account.receive(invitation(number, "o-exampleorgid"))
        account.sweep()
        assert len(account.published()) == 23


class Broken:
    """A client with one broken operation."""

    def __init__(self, client: Any, operation: str, answer: Any) -> None:
        """Replace `operation` by `answer`."""
        self._client = client
        setattr(self, operation, answer)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the client's own."""
        return getattr(self._client, name)


class TestTroubleWithTheLedger:
    """An answer that is not in the ledger is not sent; an answer that was sent is found again."""

    def break_on(self, account: Account, number: int) -> Any:
        """Clients that fail in the nth write to the ledger."""
        client = account.client("dynamodb")
        writes = iter(range(1, 1000))

        def put_item(**request: Any) -> Any:
            if next(writes) == number:
                request["TableName"] = "nowhere"
            return client.put_item(**request)

        return lambda name: Broken(client, "put_item", put_item) if name == "dynamodb" else account.client(name)

    def test_without_an_intent_in_the_ledger_nothing_is_answered(self, account: Account) -> None:
        account.receive(invitation(1), invitation(2))
        report = account.sweep(clients=self.break_on(account, 1))
        assert kinds(report) == {"h-00000001": "failed", "h-00000002": "declined"}
        assert report.records[0].reason.endswith(
            "; not answered, since the ledger can't be written: ResourceNotFoundException: Requested resource not found"
        )
        assert account.answers(1) == 0
        account.later()
        assert kinds(account.sweep(name="sweep-2")) == {"h-00000001": "declined"}

    def test_an_answer_whose_outcome_could_not_be_written_is_put_right_by_the_next_sweep(
        self, account: Account
    ) -> None:
        account.receive(invitation())
        report = account.sweep(clients=self.break_on(account, 2))
        assert kinds(report) == {"h-00000001": "declined"}
        assert report.has_failed
        assert report.errors[0].startswith("h-00000001: the ledger can't be written")
        assert account.published() == []
        account.later()
        assert kinds(account.sweep(name="sweep-2")) == {"h-00000001": "declined"}
        assert account.answers() == 1
        assert len(account.published()) == 1

    def test_a_ledger_that_cannot_be_read_ends_the_sweep_before_any_answer(self, account: Account) -> None:
        account.receive(invitation())
        account.client("dynamodb").delete_table(TableName=TABLE)
        with pytest.raises(LedgerError):
            account.sweep()
        assert account.answers() == 0

    def test_an_intent_whose_handshake_is_listed_no_more_is_closed(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        ledger.save(Entry(record(outcome=None), intent="decline", lease_until=NOW, sweep="dead"))
        account.later()
        (found,) = account.sweep(name="sweep-2").records
        assert (found.kind, found.state) == ("already_closed", "OPEN")
        assert found.reason == "no rule matches; it is listed no more, so what became of it is not known"

    @pytest.mark.parametrize(
        ("intent", "state", "kind"),
        [
            ("decline", "DECLINED", "declined"),
            ("decline", "ACCEPTED", "breach"),
            ("decline", "CANCELED", "already_closed"),
            ("accept", "ACCEPTED", "accepted"),
            ("accept", "DECLINED", "already_closed"),
        ],
    )
    def test_what_became_of_an_intent_is_what_aws_says(
        self, account: Account, ledger: DynamoLedger, intent: Any, state: str, kind: str
    ) -> None:
        account.receive(invitation(1, State=state))
        ledger.save(Entry(record(outcome=None, effect=intent), intent=intent, lease_until=NOW, sweep="dead"))
        (found,) = account.sweep().records
        assert (found.kind, found.state) == (kind, state)

    def test_what_was_to_be_accepted_is_no_breach_when_a_person_accepts_it(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        account.receive(invitation(1, State="ACCEPTED"))
        ledger.save(Entry(record(outcome="would_accept", effect="accept"), sweep="earlier"))
        assert kinds(account.sweep()) == {"h-00000001": "already_closed"}

    def test_an_answer_that_aws_took_without_saying_so_is_found_and_stands_under_its_own_policy(
        self, account: Account
    ) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "ServiceException", status=500, times=1, takes_effect=True)
        account.aws.fail("DeclineHandshake", "ServiceException", status=500, times=3)
        (failed,) = account.sweep().records
        assert failed.kind == "failed"
        assert "; AWS did not say whether it took the answer: ServiceException" in failed.reason
        account.later()
        (found,) = account.sweep(Policy(mode="enforce", default="allow"), name="sweep-2").records
        assert (found.kind, found.effect, found.policy_sha256) == ("declined", "decline", POLICY.sha256)

    def test_a_stale_listing_does_not_take_a_breach_back(self, account: Account) -> None:
        patient = replace(POLICY, wait=timedelta(hours=24))
        account.receive(invitation())
        client = account.client("organizations")

        def meanwhile(**_: Any) -> None:
            account.aws.close("h-00000001", "ACCEPTED")
            account.sweep(patient, name="rival")

        client.meta.events.register_first("after-call.organizations.ListHandshakesForAccount", meanwhile)
        account.sweep(patient, clients=lambda name: client if name == "organizations" else account.client(name))
        account.later()
        account.sweep(patient, name="sweep-3")
        assert [event["detail"]["kind"] for event in account.published()] == ["breach"]

    def test_what_a_sweep_that_may_be_alive_holds_is_left_to_it(self, account: Account, ledger: DynamoLedger) -> None:
        account.receive(invitation(1), invitation(2, State="DECLINED"))
        lease = NOW + timedelta(minutes=5)
        for handshake_id in ("h-00000001", "h-00000002", "h-00000003"):
            held = record(handshake_id=handshake_id, outcome=None)
            ledger.save(Entry(held, intent="decline", lease_until=lease, sweep="alive"))
        assert account.sweep(name="sweep-2").records == []
        assert account.answers() == 0
        account.later(minutes=5)
        found = account.sweep(name="sweep-2")
        assert kinds(found) == {"h-00000003": "already_closed", "h-00000002": "declined", "h-00000001": "declined"}

    def test_a_listing_that_lags_behind_our_answer_is_not_answered_again(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        account.receive(invitation())
        ledger.save(Entry(record(outcome="declined", state="DECLINED"), updated_at=NOW, sweep="other"))
        account.later(seconds=59)
        assert account.sweep().records == []
        assert account.answers() == 0

    def test_what_aws_still_lists_as_pending_a_minute_later_is_answered_again(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        account.receive(invitation())
        ledger.save(Entry(record(outcome="declined", state="DECLINED"), updated_at=NOW, sweep="other"))
        account.later(minutes=1)
        assert kinds(account.sweep()) == {"h-00000001": "declined"}
        assert account.state() == "DECLINED"

    def test_of_a_record_that_another_sweep_wrote_first_only_that_one_speaks(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))

        def rival(**_: Any) -> None:
            account.sweep(name="rival")

        client = account.client("dynamodb")
        client.meta.events.register_first("before-call.dynamodb.PutItem", rival)
        report = account.sweep(clients=lambda name: client if name == "dynamodb" else account.client(name))
        assert report.records == []
        assert len(account.published()) == 1

    @pytest.mark.parametrize("policy", [POLICY, ACCEPTING], ids=["declining", "accepting"])
    def test_of_two_sweeps_that_read_the_ledger_before_either_writes_an_intent_one_answers(
        self, account: Account, policy: Policy
    ) -> None:
        account.receive(invitation())
        meanwhile: list[Report] = []

        def before_the_intent(**_: Any) -> None:
            if not meanwhile:
                meanwhile.append(Report())
                meanwhile[0] = account.sweep(policy, name="sweep-2")

        def clients(service: str) -> Any:
            client = account.client(service)
            client.meta.events.register("before-call.dynamodb.PutItem", before_the_intent)
            return client

        assert account.sweep(policy, clients=clients).records == []
        assert len(meanwhile[0].records) == 1
        assert account.answers() == 1

    def test_an_answer_that_outlived_its_lease_is_still_told_of(self, account: Account, ledger: DynamoLedger) -> None:
        account.receive(invitation())

        def take_over(_: Any) -> None:
            entry = ledger.entries(RECEIVER)["h-00000001"]
            ledger.save(replace(entry, sweep="other"))

        account.aws.before("DeclineHandshake", take_over)
        assert kinds(account.sweep()) == {"h-00000001": "declined"}
        account.later()
        assert kinds(account.sweep(name="sweep-2")) == {"h-00000001": "declined"}
        assert account.answers() == 1
        assert len(account.published()) == 1


class TestTroubleWithEvents:
    """No event is lost because EventBridge failed for a moment."""

    def refuse(self, account: Account, *codes: str | None) -> Any:
        """Clients whose PutEvents refuses each entry that has an error code, and accepts each that has None."""
        client = account.client("events")

        def put_events(*, Entries: list[Any]) -> Any:  # noqa: N803 - the API's
            taken = [entry for entry, code in zip(Entries, codes, strict=True) if code is None]
            if taken:
                client.put_events(Entries=taken)
            return {"Entries": [{"ErrorCode": code} if code else {"EventId": "e"} for code in codes]}

        return lambda name: Broken(client, "put_events", put_events) if name == "events" else account.client(name)

    def test_an_event_that_was_refused_goes_out_with_the_next_sweep_and_no_other_twice(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"), invitation(2, "o-exampleorgid"))
        report = account.sweep(clients=self.refuse(account, None, "InternalFailure"))
        assert report.errors == ["EventBridge refused event h-00000002/1: InternalFailure"]
        assert report.has_failed
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1"]
        account.later()
        account.sweep(name="sweep-2")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000002/1"]

    def test_of_two_events_about_one_handshake_only_the_refused_one_goes_again(self, account: Account) -> None:
        account.receive(invitation())
        account.sweep(Policy(mode="audit"), clients=self.refuse(account, "ThrottlingException"))
        account.later()
        account.sweep(name="sweep-2", clients=self.refuse(account, None, "ThrottlingException"))
        account.later()
        account.sweep(name="sweep-3")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1", "h-00000001/2"]

    def test_an_entry_is_written_with_its_event_and_once_more_when_that_is_published(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"), invitation(2, "o-exampleorgid"))
        account.sweep(clients=self.refuse(account, None, "ThrottlingException"))
        written = {handshake_id: item["version"] for handshake_id, item in account.ledger().items()}
        assert written == {"h-00000001": 2, "h-00000002": 1}

    def test_a_call_that_fails_altogether(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        client = account.client("events")

        def put_events(**_: Any) -> Any:
            raise client.exceptions.InternalException(
                {"Error": {"Code": "InternalException", "Message": "x"}}, "PutEvents"
            )

        report = account.sweep(
            clients=lambda name: Broken(client, "put_events", put_events) if name == "events" else account.client(name)
        )
        assert report.errors == ["PutEvents failed: InternalException: x"]
        account.later()
        account.sweep(name="sweep-2")
        assert len(account.published()) == 1

    def test_news_that_came_up_while_older_news_could_not_be_told_is_told_after_it(self, account: Account) -> None:
        account.receive(invitation())
        account.sweep(Policy(mode="audit"), clients=self.refuse(account, "ThrottlingException"))
        account.later()
        account.sweep(name="sweep-2")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1", "h-00000001/2"]

    def test_two_sweeps_that_find_the_same_news_left_over_tell_it_once(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep(clients=self.refuse(account, "ThrottlingException"))
        account.later()
        client = account.client("events")

        def rival(**_: Any) -> None:
            account.sweep(name="rival")

        client.meta.events.register_first("before-call.eventbridge.PutEvents", rival)
        report = account.sweep(
            name="sweep-2", clients=lambda name: client if name == "events" else account.client(name)
        )
        assert report.errors == []
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1"]

    def test_of_two_sweeps_that_claim_the_same_news_one_tells_it(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep(clients=self.refuse(account, "ThrottlingException"))
        account.later()
        client = account.client("dynamodb")
        rivals = iter(["rival"])

        def rival(**_: Any) -> None:
            for name in rivals:
                account.sweep(name=name)

        client.meta.events.register_first("before-call.dynamodb.PutItem", rival)
        report = account.sweep(
            name="sweep-2", clients=lambda name: client if name == "dynamodb" else account.client(name)
        )
        assert report.errors == []
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1"]

    def test_news_of_a_handshake_that_another_sweep_took_over_is_that_sweeps(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        account.receive(invitation())
        account.sweep(Policy(mode="audit"), clients=self.refuse(account, "ThrottlingException"))
        account.later()

        def take_over(_: Any) -> None:
            ledger.save(replace(ledger.entries(RECEIVER)["h-00000001"], sweep="other"))

        account.aws.before("DeclineHandshake", take_over)
        assert account.sweep(name="sweep-2").errors == []
        account.later()
        account.sweep(name="sweep-3")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1", "h-00000001/2"]

    def test_news_that_cannot_be_claimed_is_an_error_and_waits(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep(clients=self.refuse(account, "ThrottlingException"))
        account.later()
        client = account.client("dynamodb")

        def put_item(**request: Any) -> Any:
            return client.put_item(**{**request, "TableName": "nowhere"})

        broken = Broken(client, "put_item", put_item)
        report = account.sweep(
            name="sweep-2", clients=lambda name: broken if name == "dynamodb" else account.client(name)
        )
        assert report.errors[0].startswith("h-00000001: not published, since the ledger can't be written")
        assert account.published() == []

    def test_news_of_a_kind_from_another_version_is_told_all_the_same(
        self, account: Account, ledger: DynamoLedger
    ) -> None:
        event = Event("h-00000001/7", "revoked", '{"event_id": "h-00000001/7", "kind": "revoked"}')
        ledger.save(Entry(record(), outbox=(event,), sweep="newer"))
        account.sweep()
        assert [event["detail-type"] for event in account.published()] == ["Handshake revoked"]

    def test_events_that_were_sent_but_not_marked_are_an_error_and_go_again(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        client = account.client("dynamodb")

        def transact(**request: Any) -> Any:
            request["TransactItems"][0]["Put"]["TableName"] = "nowhere"
            return client.transact_write_items(**request)

        broken = Broken(client, "transact_write_items", transact)
        report = account.sweep(clients=lambda name: broken if name == "dynamodb" else account.client(name))
        assert report.errors[0].startswith("events were published, but not marked as published, and will be published")
        account.later()
        account.sweep(name="sweep-2")
        assert [event["detail"]["event_id"] for event in account.published()] == ["h-00000001/1", "h-00000001/1"]
