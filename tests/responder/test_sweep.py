"""Sweeps over one account on the embedded AWS."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from invitation_responder.aws.pages import ListingError
from invitation_responder.core.policy import Keywords, Policy, Rule
from support.embedded import CORPORATE, POLICY, TABLE, Account, invitation, kinds
from support.strategies import NOW, RECEIVER

ACCEPTING = Policy(mode="enforce", rules=(Rule("own", "accept", organizations=("o-exampleorgid", "o-exampleorg02")),))


def test_a_strangers_invitation_is_declined_and_the_companys_own_is_left(account: Account) -> None:
    account.receive(invitation(1), invitation(2, "o-exampleorgid"))
    report = account.sweep()
    assert kinds(report) == {"h-00000001": "declined", "h-00000002": "left"}
    assert (account.state(1), account.state(2)) == ("DECLINED", "OPEN")
    assert report.pending == 2
    assert not report.has_failed


def test_a_record_has_the_public_names_and_nothing_that_the_sender_wrote(account: Account) -> None:
    account.receive(invitation())
    (record,) = account.sweep().records
    assert record.as_dict() == {
        "handshake_id": "h-00000001",
        "receiver": RECEIVER,
        "action": "INVITE",
        "state": "DECLINED",
        "organization": "o-stranger0001",
        "management_account": "999999999999",
        "requested_at": "2026-11-22T11:00:00Z",
        "expires_at": "2026-12-06T12:00:00Z",
        "effect": "decline",
        "rules": [],
        "reason": "no rule matches INVITE from organization o-stranger0001 (management account 999999999999), "
        "and the default is decline",
        "outcome": "declined",
        "mode": "enforce",
        "policy_sha256": POLICY.sha256,
        "answer_by": "2026-12-06T12:00:00Z",
    }


def test_sender_text_is_there_when_asked_for_and_then_escaped(account: Account) -> None:
    hostile = {"Type": "NOTES", "Value": 'x\n{"level":"INFO"}\x1b[2J\u202e\u2028é\\'}
    account.receive(invitation(1, Resources=[hostile]))
    (record,) = account.sweep(sender_text=True).records
    text = record.as_dict()["sender_text"]
    assert text == {"emails": [], "names": [], "notes": 'x\\n{"level":"INFO"}\\x1b[2J\\u202e\\u2028é\\\\'}
    assert account.ledger()["h-00000001"]["sender_text"]["notes"] == text["notes"]


@pytest.mark.parametrize("state", ["REQUESTED", "OPEN"])
def test_both_pending_states_are_answered(account: Account, state: str) -> None:
    account.receive(invitation(1, State=state))
    assert kinds(account.sweep()) == {"h-00000001": "declined"}


def test_a_handshake_past_its_expiration_is_not_answered_though_aws_still_lists_it_open(account: Account) -> None:
    account.aws.receive(RECEIVER, invitation(1, ExpirationTimestamp=NOW), expires=False)
    report = account.sweep()
    assert (report.records, report.pending) == ([], 0)
    assert account.answers() == 0


def test_audit_mode_answers_nothing(account: Account) -> None:
    account.receive(invitation(1), invitation(2, "o-exampleorgid"))
    report = account.sweep(replace(ACCEPTING, mode="audit"))
    assert kinds(report) == {"h-00000001": "would_decline", "h-00000002": "would_accept"}
    assert account.aws.count("DeclineHandshake") + account.aws.count("AcceptHandshake") == 0


def test_the_own_organizations_migration_is_left_to_a_person(account: Account) -> None:
    account.receive(invitation(1, "o-exampleorgid", Action="ENABLE_ALL_FEATURES"))
    assert kinds(account.sweep(Policy(mode="enforce"))) == {"h-00000001": "left"}


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"Action": "SELL_ACCOUNT"}, id="an action of the future"),
        pytest.param({"Arn": None}, id="no sender"),
        pytest.param({"State": None}, id="no state"),
        pytest.param({"Arn": "arn:aws:organizations::1:handshake/x"}, id="a malformed sender"),
        pytest.param({"Resources": [{"Type": "ORGANIZATION", "Value": "o-another0001"}]}, id="two senders"),
    ],
)
def test_what_cannot_be_judged_is_left_alone(account: Account, members: dict[str, Any]) -> None:
    account.receive(invitation(1, **members))
    report = account.sweep()
    assert kinds(report) == {"h-00000001": "undecided"}
    assert report.records[0].outcome == "left"
    assert account.answers() == 0
    assert not report.has_failed


def test_a_handshake_without_an_id_is_undecided_and_in_the_ledger(account: Account) -> None:
    account.receive(invitation(1, Id=None))
    (record,) = account.sweep().records
    assert record.kind == "undecided"
    assert list(account.ledger()) == [record.handshake_id]


class TestAccept:
    """An accept rule moves the account."""

    def test_the_one_invitation_that_qualifies_is_accepted_after_all_declines(self, account: Account) -> None:
        account.aws.add_organization("o-exampleorgid", management_account="111111111111")
        account.receive(invitation(1, "o-exampleorgid"), invitation(2))
        report = account.sweep(ACCEPTING)
        assert kinds(report) == {"h-00000001": "accepted", "h-00000002": "declined"}
        answers = [call.operation for call in account.aws.calls if call.handshake_id]
        assert answers == ["DeclineHandshake", "AcceptHandshake"]
        assert account.state(1) == "ACCEPTED"

    def test_of_two_that_qualify_none_is_accepted(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"), invitation(2, "o-exampleorg02"))
        report = account.sweep(ACCEPTING)
        assert kinds(report) == {"h-00000001": "left", "h-00000002": "left"}
        assert report.records[0].reason.endswith("; 2 invitations qualify, so a person has to choose")

    def test_an_invitation_that_another_sweep_is_accepting_counts(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))

        def meanwhile(_: Any) -> None:
            account.receive(invitation(2, "o-exampleorg02"))
            assert kinds(account.sweep(ACCEPTING, name="sweep-2")) == {"h-00000002": "left"}

        account.aws.before("AcceptHandshake", meanwhile)
        assert kinds(account.sweep(ACCEPTING)) == {"h-00000001": "accepted"}
        assert (account.state(1), account.state(2)) == ("ACCEPTED", "OPEN")

    @pytest.mark.parametrize(
        ("code", "reason", "printed"),
        [
            pytest.param(
                "HandshakeConstraintViolationException",
                "PAST_DUE_INVOICE",
                "HandshakeConstraintViolationException (PAST_DUE_INVOICE): it is so (an invoice of the organization is "
                "past due: pay it)",
                id="a reason, and what to do about it",
            ),
            pytest.param(
                "ConstraintViolationException",
                "OF_TOMORROW",
                "ConstraintViolationException (OF_TOMORROW): it is so",
                id="a reason that nobody knows",
            ),
            pytest.param(
                "AccessDeniedException",
                None,
                "AccessDeniedException: it is so (in a member account of another organization AWS wants "
                "organizations:LeaveOrganization, too (`leave_organization: true` in the rule grants it); or a service "
                "control policy is in the way)",
                id="no permission",
            ),
            pytest.param("ServiceException", None, "ServiceException: it is so", id="nothing to be done about it"),
        ],
    )
    def test_what_aws_refuses_says_why_and_what_to_do(
        self, account: Account, code: str, reason: str | None, printed: str
    ) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.aws.fail("AcceptHandshake", code, message="it is so", reason=reason)
        (record,) = account.sweep(ACCEPTING).records
        assert record.reason.endswith(f"; the answer failed: {printed}")
        assert record.kind == "failed"

    def test_a_decline_that_is_refused_gets_no_advice_about_accepting(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "AccessDeniedException", message="it is so")
        assert account.sweep().records[0].reason.endswith("; the answer failed: AccessDeniedException: it is so")

    def test_our_own_acceptance_is_no_breach(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep(ACCEPTING)
        account.later()
        assert account.sweep(POLICY, name="sweep-2").records == []


class TestLimits:
    """The cap, `wait`, and the time of the function."""

    def test_a_sweep_without_answers_records_the_rest_and_leaves_what_is_due_to_the_next(
        self, account: Account
    ) -> None:
        for number in range(1, 4):
            account.receive(invitation(number))
        account.receive(invitation(4, "o-exampleorgid"))
        account.receive(invitation(5, State="ACCEPTED"))
        capped = replace(POLICY, declines_per_sweep=2)
        assert kinds(account.sweep(capped, answers=False)) == {"h-00000004": "left", "h-00000005": "breach"}
        assert account.aws.count("DeclineHandshake") == 0
        report = account.sweep(capped, name="sweep-2")
        assert [record.kind for record in report.records].count("declined") == 2

    def test_declines_above_the_cap_are_deferred_oldest_first(self, account: Account) -> None:
        for number in range(1, 5):
            account.receive(invitation(number, RequestedTimestamp=NOW - timedelta(hours=number)))
        report = account.sweep(replace(POLICY, declines_per_sweep=2))
        assert kinds(report) == {
            "h-00000004": "declined",
            "h-00000003": "declined",
            "h-00000002": "deferred",
            "h-00000001": "deferred",
        }
        assert report.records[-1].reason.endswith("; put off to the next sweep: one sweep declines 2 at most")
        account.later()
        second = account.sweep(replace(POLICY, declines_per_sweep=2), name="sweep-2")
        assert kinds(second) == {"h-00000002": "declined", "h-00000001": "declined"}

    def test_a_young_handshake_waits_and_is_declined_in_its_time(self, account: Account) -> None:
        patient = replace(POLICY, wait=timedelta(hours=24))
        account.receive(invitation())
        report = account.sweep(patient)
        assert kinds(report) == {"h-00000001": "waiting"}
        assert report.records[0].reason.endswith("; it is declined from 2026-11-23T11:00:00Z on")
        account.later(hours=22, minutes=59)
        assert kinds(account.sweep(patient, name="sweep-2")) == {"h-00000001": "waiting"}
        account.later(minutes=1)
        assert kinds(account.sweep(patient, name="sweep-3")) == {"h-00000001": "declined"}

    def test_what_can_never_be_declined_does_not_keep_the_cap_from_others(self, account: Account) -> None:
        account.receive(invitation(1, RequestedTimestamp=NOW - timedelta(hours=9)), invitation(2))
        account.aws.fail("DeclineHandshake", "AccessDeniedException", times=None, handshake="h-00000001")
        capped = replace(POLICY, declines_per_sweep=1)
        assert kinds(account.sweep(capped)) == {"h-00000001": "failed", "h-00000002": "deferred"}
        account.later()
        assert kinds(account.sweep(capped, name="sweep-2")) == {"h-00000002": "declined", "h-00000001": "deferred"}

    def test_no_answer_is_begun_when_the_time_is_nearly_up(self, account: Account) -> None:
        for number in range(1, 6):
            account.receive(invitation(number))
        report = account.sweep(minutes=0.55)
        assert report.summary() == {"declined": 4, "deferred": 1}
        assert report.records[-1].reason.endswith("; put off to the next sweep: this one's time is up")
        account.later()
        assert account.sweep(name="sweep-2").summary() == {"declined": 1}

    def test_answers_go_one_after_another_within_the_services_quota(self, account: Account) -> None:
        account.aws.quotas.enable()
        for number in range(1, 6):
            account.receive(invitation(number))
        assert account.sweep().summary() == {"declined": 5}
        assert [call.error for call in account.aws.calls if call.error] == []
        assert account.pause.slept == [pytest.approx(1.1)] * 4


class TestRaces:
    """Somebody else closes the handshake first."""

    @pytest.mark.parametrize(
        ("state", "kind"),
        [
            ("DECLINED", "declined"),
            ("CANCELED", "already_closed"),
            ("EXPIRED", "already_closed"),
            ("ACCEPTED", "breach"),
        ],
    )
    def test_what_others_did_between_listing_and_answer(self, account: Account, state: Any, kind: str) -> None:
        account.receive(invitation())
        account.aws.before("DeclineHandshake", lambda call: account.aws.close(str(call.handshake_id), state))
        report = account.sweep()
        assert kinds(report) == {"h-00000001": kind}
        assert report.records[0].state == state
        assert not report.has_failed

    def test_a_handshake_that_vanished(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.before("DeclineHandshake", lambda call: account.aws.forget(str(call.handshake_id)))
        (record,) = account.sweep().records
        assert record.kind == "already_closed"
        assert record.reason.endswith("; it is gone: AWS knows no such handshake any more")


class TestErrors:
    """One call fails, and the rest of the sweep goes on."""

    def test_one_failure_stops_nothing_else(self, account: Account) -> None:
        account.receive(invitation(1), invitation(2), invitation(3))
        account.aws.fail(
            "DeclineHandshake", "AccessDeniedException", times=None, handshake="h-00000002", message="no\nway"
        )
        report = account.sweep()
        assert kinds(report) == {"h-00000001": "declined", "h-00000002": "failed", "h-00000003": "declined"}
        failed = next(record for record in report.records if record.kind == "failed")
        assert failed.reason.endswith("; the answer failed: AccessDeniedException: no way")
        assert report.has_failed

    @pytest.mark.parametrize("times", [1, 3])
    def test_concurrent_modification_is_tried_again(self, account: Account, times: int) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "ConcurrentModificationException", times=times)
        assert kinds(account.sweep()) == {"h-00000001": "declined"}
        assert account.answers() == times + 1

    def test_concurrent_modification_without_end_is_a_failure(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "ConcurrentModificationException", times=None)
        assert kinds(account.sweep()) == {"h-00000001": "failed"}
        assert account.answers() == 4

    def test_an_answer_whose_reply_was_lost_is_an_answer(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "ConcurrentModificationException", takes_effect=True)
        assert kinds(account.sweep()) == {"h-00000001": "declined"}

    def test_a_state_that_cannot_be_read_again_is_a_failure_until_the_next_sweep(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.before("DeclineHandshake", lambda call: account.aws.close(str(call.handshake_id), "ACCEPTED"))
        account.aws.fail("DescribeHandshake", "AccessDeniedException", times=None)
        assert kinds(account.sweep()) == {"h-00000001": "failed"}
        account.later()
        assert kinds(account.sweep(name="sweep-2")) == {"h-00000001": "breach"}

    def test_an_answer_that_aws_refuses_though_the_handshake_is_open_is_a_failure(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.fail("DeclineHandshake", "InvalidHandshakeTransitionException")
        (record,) = account.sweep().records
        assert record.kind == "failed"
        assert record.reason.endswith("; AWS takes no answer although the handshake is OPEN")

    def test_a_listing_that_is_refused_ends_the_sweep_before_any_answer(self, account: Account) -> None:
        account.receive(invitation())
        account.aws.fail("ListHandshakesForAccount", "AccessDeniedException", message="explicit deny")
        with pytest.raises(ListingError, match="ListHandshakesForAccount failed: AccessDeniedException: explicit deny"):
            account.sweep()
        assert account.answers() == 0

    def test_a_pagination_token_that_repeats_ends_in_a_clear_error(self, account: Account) -> None:
        for number in range(1, 42):
            account.receive(invitation(number))
        account.aws.paging.stuck = True
        with pytest.raises(ListingError, match="gave a pagination token a second time, so the listing has no end"):
            account.sweep()
        assert account.aws.count("DeclineHandshake") == 0


class TestListing:
    """All pages, each handshake once."""

    def test_empty_pages_are_not_the_end(self, account: Account) -> None:
        for number in range(1, 46):
            account.receive(invitation(number, "o-exampleorgid"))
        account.aws.paging.empty_pages_first = 2
        assert account.sweep().summary() == {"left": 45}
        assert account.aws.count("ListHandshakesForAccount") == 5

    def test_nothing_is_described_that_was_listed(self, account: Account) -> None:
        account.receive(invitation(1), invitation(2, "o-exampleorgid"))
        account.sweep()
        assert account.aws.count("DescribeHandshake") == 0

    def test_a_handshake_that_is_listed_twice_is_judged_once_by_the_later_word(self, account: Account) -> None:
        pages = iter(
            [{"Handshakes": [invitation(1)], "NextToken": "t"}, {"Handshakes": [invitation(1, State="DECLINED")]}]
        )

        class Listing:
            def list_handshakes_for_account(self, **_: Any) -> Any:
                return next(pages)

        report = account.sweep(clients=lambda name: Listing() if name == "organizations" else account.client(name))
        assert (report.records, report.pending) == ([], 0)


class TestWhatOthersDid:
    """Closed handshakes stay listed for 30 days."""

    def test_an_accepted_handshake_that_the_policy_does_not_allow_is_a_breach_told_once(self, account: Account) -> None:
        account.receive(invitation(1, State="ACCEPTED"))
        report = account.sweep()
        assert kinds(report) == {"h-00000001": "breach"}
        assert report.records[0].outcome == "already_closed"
        assert [event["detail-type"] for event in account.published()] == ["Handshake Breach"]
        account.later()
        assert account.sweep(name="sweep-2").records == []
        assert account.published() == []

    def test_a_breach_of_a_handshake_that_was_still_waiting(self, account: Account) -> None:
        patient = replace(POLICY, wait=timedelta(days=3))
        account.receive(invitation())
        account.sweep(patient)
        account.aws.close("h-00000001", "ACCEPTED")
        account.later()
        assert kinds(account.sweep(patient, name="sweep-2")) == {"h-00000001": "breach"}

    def test_what_was_allowed_when_it_was_pending_is_no_breach_after_the_rule_has_gone(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep()
        account.aws.close("h-00000001", "ACCEPTED")
        account.later()
        (record,) = account.sweep(Policy(mode="enforce"), name="sweep-2").records
        assert (record.kind, record.state, record.rules) == ("already_closed", "ACCEPTED", ("corporate",))

    @pytest.mark.parametrize(
        ("expires", "sent", "kind"),
        [
            pytest.param("2026-11-21", timedelta(days=1), "breach", id="the rule's last day was before it was sent"),
            pytest.param("2026-11-22", timedelta(days=1), "already_closed", id="it was the day it was sent on"),
            pytest.param("2026-11-22", timedelta(hours=12), "breach", id="it ended at the moment that it was sent"),
            pytest.param("2026-11-22", None, "breach", id="nobody knows when it was sent"),
        ],
    )
    def test_what_a_rule_allowed_that_has_expired_since_is_no_breach(
        self, account: Account, expires: str, sent: timedelta | None, kind: str
    ) -> None:
        rule = replace(CORPORATE, expires=date.fromisoformat(expires))
        account.receive(
            invitation(1, "o-exampleorgid", State="ACCEPTED", RequestedTimestamp=NOW - sent if sent else None)
        )
        (record,) = account.sweep(Policy(mode="enforce", rules=(rule,))).records
        assert record.kind == kind
        if kind == "already_closed":
            assert (record.effect, record.rules) == ("allow", ("corporate",))
            assert record.reason == (
                "rule corporate allows INVITE from organization o-exampleorgid (management account 999999999999), "
                "which held until 2026-11-22; somebody has ACCEPTED it"
            )

    def test_what_was_allowed_between_the_ends_of_two_rules_is_no_breach(self, account: Account) -> None:
        never = Rule("never", "decline", expires=date(2026, 11, 20))
        rules = (
            replace(CORPORATE, expires=date(2026, 11, 21)),
            never,
            Rule("other", "accept", expires=date(2026, 1, 1)),
        )
        account.receive(invitation(1, "o-exampleorgid", State="ACCEPTED", RequestedTimestamp=NOW - timedelta(days=9)))
        assert kinds(account.sweep(Policy(mode="enforce", rules=rules))) == {"h-00000001": "already_closed"}
        account.receive(invitation(2, State="ACCEPTED", RequestedTimestamp=NOW - timedelta(days=9)))
        assert kinds(account.sweep(Policy(mode="enforce", rules=rules), name="2")) == {"h-00000002": "breach"}

    def test_what_was_declined_when_it_was_pending_is_a_breach_whatever_a_rule_said_before(
        self, account: Account
    ) -> None:
        rules = (replace(CORPORATE, expires=date(2026, 11, 22)),)
        policy = Policy(mode="enforce", wait=timedelta(days=9), rules=rules)
        account.receive(invitation(1, "o-exampleorgid", RequestedTimestamp=NOW - timedelta(days=1)))
        assert kinds(account.sweep(policy)) == {"h-00000001": "waiting"}
        account.aws.close("h-00000001", "ACCEPTED")
        assert kinds(account.sweep(policy, name="2")) == {"h-00000001": "breach"}

    def test_what_is_allowed_now_is_no_breach(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid", State="ACCEPTED"))
        assert kinds(account.sweep()) == {"h-00000001": "already_closed"}

    def test_what_was_accepted_and_cannot_be_judged_is_undecided_and_told(self, account: Account) -> None:
        account.receive(invitation(1, State="ACCEPTED", Action="SELL_ACCOUNT"))
        (record,) = account.sweep().records
        assert (record.effect, record.outcome, record.kind) == ("undecided", "already_closed", "undecided")
        assert [event["detail-type"] for event in account.published()] == ["Handshake Undecided"]
        account.later()
        assert account.sweep(name="sweep-2").records == []

    def test_a_breach_is_one_however_young_and_undated_the_handshake_is(self, account: Account) -> None:
        account.receive(invitation(1, State="ACCEPTED", RequestedTimestamp=None))
        assert kinds(account.sweep(replace(POLICY, wait=timedelta(hours=24)))) == {"h-00000001": "breach"}

    def test_a_breach_says_what_happened(self, account: Account) -> None:
        account.receive(invitation(1, State="ACCEPTED"))
        assert account.sweep().records[0].reason.endswith("the default is decline; somebody has ACCEPTED it")

    def test_a_state_of_the_future_is_undecided_past_its_expiration_too(self, account: Account) -> None:
        account.aws.receive(RECEIVER, invitation(1, State="PAUSED", ExpirationTimestamp=NOW), expires=False)
        (record,) = account.sweep().records
        assert (record.kind, record.state) == ("undecided", "PAUSED")

    @pytest.mark.parametrize("state", ["DECLINED", "CANCELED", "EXPIRED"])
    def test_what_was_closed_otherwise_before_we_ever_saw_it_is_nobodys_news(
        self, account: Account, state: str
    ) -> None:
        account.receive(invitation(1, State=state))
        assert account.sweep().records == []
        assert account.ledger() == {}

    @pytest.mark.parametrize("state", ["DECLINED", "CANCELED", "EXPIRED", "ACCEPTED"])
    def test_what_people_answered_is_noticed_once(self, account: Account, state: Any) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep()
        account.aws.close("h-00000001", state)
        account.later()
        (record,) = account.sweep(name="sweep-2").records
        assert (record.kind, record.state) == ("already_closed", state)
        account.later()
        assert account.sweep(name="sweep-3").records == []


class TestSenderText:
    """The sender's text is in records only if it is asked for."""

    def test_a_breach_has_it_too(self, account: Account) -> None:
        account.receive(invitation(1, State="ACCEPTED"))
        assert account.sweep(sender_text=True).records[0].as_dict()["sender_text"]["names"] == ["Mallory Ltd"]

    def test_it_goes_when_it_is_not_asked_for_any_more(self, account: Account) -> None:
        account.receive(invitation(1, "o-exampleorgid"))
        account.sweep(sender_text=True)
        account.published()
        account.aws.close("h-00000001", "ACCEPTED")
        account.later()
        account.sweep(name="sweep-2")
        assert "sender_text" not in account.ledger()["h-00000001"]
        assert "sender_text" not in account.published()[0]["detail"]


def test_a_record_fits_into_the_ledger_however_many_rules_match(account: Account) -> None:
    rules = tuple(Rule(f"{number:05}".ljust(64, "x"), "decline") for number in range(4000))
    addresses = [{"Type": "MASTER_EMAIL", "Value": "m" * 2000}] * 400
    account.receive(invitation(1, Resources=addresses))
    (record,) = account.sweep(replace(POLICY, rules=rules), sender_text=True).records
    assert (record.kind, len(record.rules)) == ("declined", 100)
    assert record.reason.startswith("rules 00000")
    assert "and 3997 more decline INVITE" in record.reason
    assert len(account.published()) == 1


def test_notes_can_narrow_a_rule(account: Account) -> None:
    change = replace(CORPORATE, notes=Keywords(any=("chg-",)))
    account.receive(
        invitation(1, "o-exampleorgid", Resources=[{"Type": "NOTES", "Value": "\uff23HG-\u200b12"}]),
        invitation(2, "o-exampleorgid", Resources=[{"Type": "NOTES", "Value": "trust me"}]),
        invitation(3, Resources=[{"Type": "NOTES", "Value": "CHG-12 from o-exampleorgid"}]),
    )
    report = account.sweep(replace(POLICY, rules=(change,)))
    assert kinds(report) == {"h-00000001": "left", "h-00000002": "declined", "h-00000003": "declined"}


class TestOwnRequests:
    """A management account may find its own requests in its list."""

    OWN = f"arn:aws:organizations::{RECEIVER}:handshake/o-exampleorgid"

    @pytest.mark.parametrize("action", ["INVITE", "TRANSFER_RESPONSIBILITY"])
    @pytest.mark.parametrize("state", ["REQUESTED", "OPEN", "ACCEPTED"])
    def test_they_are_nobodys_business(self, account: Account, action: str, state: str) -> None:
        arn = f"{self.OWN}/{action.lower()}/h-00000001"
        account.receive(invitation(1, "o-exampleorgid", Arn=arn, Action=action, State=state))
        report = account.sweep(Policy(mode="enforce", rules=(Rule("all", "accept"),)))
        assert (report.records, report.errors, report.pending) == ([], [], 0)
        assert account.answers() == 0
        assert account.ledger() == {}

    @pytest.mark.parametrize("action", ["ENABLE_ALL_FEATURES", "APPROVE_ALL_FEATURES"])
    def test_the_own_migration_is_answered_as_the_policy_says(self, account: Account, action: str) -> None:
        arn = f"{self.OWN}/{action.lower()}/h-00000001"
        account.receive(invitation(1, "o-exampleorgid", Arn=arn, Action=action))
        assert kinds(account.sweep()) == {"h-00000001": "left"}


class TestTransfers:
    """A billing transfer has to be accepted a day before it starts."""

    ACCEPTING = Policy(mode="enforce", rules=(Rule("reseller", "accept", actions=("TRANSFER_RESPONSIBILITY",)),))

    def transfer(self, start: object) -> dict[str, Any]:
        """A billing transfer with a start, which expires on 6 December."""
        transfer = {
            "Type": "RESPONSIBILITY_TRANSFER",
            "Resources": [{"Type": "TRANSFER_START_TIMESTAMP", "Value": start}],
        }
        return invitation(1, Action="TRANSFER_RESPONSIBILITY", State="REQUESTED", Resources=[transfer])

    @pytest.mark.parametrize(
        ("start", "answer_by"),
        [
            pytest.param("2026-12-01T00:00:00.000Z", "2026-11-30T00:00:00Z", id="before it expires"),
            pytest.param("2026-12-01", "2026-11-30T00:00:00Z", id="a day"),
            pytest.param("2026-12-01T02:00:00+02:00", "2026-11-30T00:00:00Z", id="an offset"),
            pytest.param("1796083200", "2026-11-30T00:00:00Z", id="seconds since 1970"),
            pytest.param("2027-01-01T00:00:00Z", "2026-12-06T12:00:00Z", id="after it expires"),
            pytest.param("next month", "2026-12-06T12:00:00Z", id="illegible"),
            pytest.param("99999999999999999999999", "2026-12-06T12:00:00Z", id="beyond time"),
            pytest.param("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", id="the beginning of time"),
            pytest.param(None, "2026-12-06T12:00:00Z", id="none"),
        ],
    )
    def test_a_person_is_told_of_the_real_deadline(self, account: Account, start: object, answer_by: str) -> None:
        account.receive(self.transfer(start))
        allowing = Policy(mode="enforce", default="allow")
        (record,) = account.sweep(allowing).records
        assert (record.kind, record.expires_at) == ("left", NOW + timedelta(days=14))
        assert record.as_dict()["answer_by"] == answer_by
        assert account.ledger()["h-00000001"]["answer_by"] == answer_by
        assert account.published()[0]["detail"]["answer_by"] == answer_by

    def test_one_that_can_be_accepted_in_time_is(self, account: Account) -> None:
        account.aws.add_organization("o-ownorg000001", management_account=RECEIVER)
        account.receive(self.transfer("2026-12-01T00:00:00Z"))
        assert kinds(account.sweep(self.ACCEPTING)) == {"h-00000001": "accepted"}

    def test_one_that_cannot_be_accepted_any_more_is_left_and_said_so(self, account: Account) -> None:
        account.receive(self.transfer("2026-11-23T00:00:00Z"))
        (record,) = account.sweep(self.ACCEPTING).records
        assert record.kind == "left"
        assert record.reason.endswith(
            "; it could be accepted until 2026-11-22T00:00:00Z, 24 hours before its transfer starts"
        )
        assert account.answers() == 0

    def test_one_that_cannot_be_accepted_any_more_is_declined_all_the_same(self, account: Account) -> None:
        account.receive(self.transfer("2026-11-23T00:00:00Z"))
        assert kinds(account.sweep()) == {"h-00000001": "declined"}

    def test_the_start_of_what_is_no_transfer_means_nothing(self, account: Account) -> None:
        account.receive(self.transfer("2026-11-23T00:00:00Z") | {"Action": "INVITE"})
        (record,) = account.sweep().records
        assert record.answer_by == record.expires_at


def test_a_ledger_of_an_earlier_version_is_read(account: Account) -> None:
    account.receive(invitation(1, "o-exampleorgid"))
    account.sweep()
    key = {"receiver": {"S": RECEIVER}, "handshake_id": {"S": "h-00000001"}}
    account.client("dynamodb").update_item(TableName=TABLE, Key=key, UpdateExpression="REMOVE answer_by")
    account.aws.close("h-00000001", "ACCEPTED")
    account.later()
    (record,) = account.sweep(name="sweep-2").records
    assert (record.kind, record.answer_by) == ("already_closed", None)
