"""The Lambda entry point: its logs, its metrics, and its failures."""

import importlib
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from moto import mock_aws

from invitation_responder.aws.pages import ListingError
from invitation_responder.core.policy import Policy, PolicyError, Rule
from invitation_responder.core.record import Record
from local.embedded.function import Context, create_ledger_table, create_marks_table
from local.embedded.listener import Listener
from local.embedded.world import EmbeddedAws
from support.embedded import POLICY, invitation

ACCOUNT = "222222222222"
MODULE = "invitation_responder.handler"
Import = Callable[[bytes], ModuleType]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAws]:
    """An embedded AWS with a ledger, and the function's environment."""
    with mock_aws():
        aws = EmbeddedAws.install()
        for name, value in aws.environment(ACCOUNT).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LEDGER_TABLE", "ledger")
        create_ledger_table(aws.client("dynamodb", ACCOUNT), "ledger")
        yield aws


@pytest.fixture
def load(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    """A function that imports the handler anew, with a policy document in its bundle."""

    def load(document: bytes) -> ModuleType:
        policy = tmp_path / "policy.json"
        policy.write_bytes(document)
        monkeypatch.setenv("POLICY_FILE", str(policy))
        monkeypatch.delitem(sys.modules, MODULE, raising=False)
        logging.Logger.manager.loggerDict.pop("invitation-responder", None)  # it keeps the stdout of its first test
        return importlib.import_module(MODULE)

    return load


def fresh(number: int, organization: str = "o-stranger0001", **members: Any) -> dict[str, Any]:
    """An invitation on the real clock, by which the handler judges."""
    now = datetime.now(UTC)
    times = {"RequestedTimestamp": now - timedelta(hours=1), "ExpirationTimestamp": now + timedelta(hours=48)}
    return invitation(number, organization, **{**times, **members})


def output(capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The log lines of decisions, and the metrics."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (metrics,) = [line for line in lines if "_aws" in line]
    return [line for line in lines if "_aws" not in line], metrics


def test_a_sweep_is_logged_measured_and_summed_up(
    aws: EmbeddedAws, load: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.receive(ACCOUNT, fresh(1))
    aws.receive(ACCOUNT, fresh(2, "o-exampleorgid"))
    aws.receive(ACCOUNT, fresh(3, Action="SELL_ACCOUNT"))
    aws.receive(ACCOUNT, fresh(4, State="ACCEPTED"))
    handler = load(POLICY.to_json())
    assert handler.handle({}, Context(ACCOUNT, aws_request_id="request-1")) == {
        "breach": 1,
        "declined": 1,
        "left": 1,
        "undecided": 1,
    }
    lines, metrics = output(capsys)
    assert [(line["handshake_id"], line["level"], line["message"]) for line in lines] == [
        ("h-00000004", "CRITICAL", "breach"),
        ("h-00000001", "INFO", "declined"),
        ("h-00000002", "INFO", "left"),
        ("h-00000003", "WARNING", "undecided"),
    ]
    names = set(Record.__dataclass_fields__) - {"sender_text"}
    assert all(names <= set(line) for line in lines)
    assert {line["function_request_id"] for line in lines} == {"request-1"}
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "InvitationResponder"
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    values = {name: value for name, value in metrics.items() if isinstance(value, list)}
    assert values.pop("HoursToExpiry") == [pytest.approx(48, abs=0.1)]
    assert values == {
        "SweepsFinished": [1.0],
        "Pending": [3.0],
        "Declined": [1.0],
        "Accepted": [0.0],
        "Left": [1.0],
        "Waiting": [0.0],
        "Deferred": [0.0],
        "Undecided": [1.0],
        "Failed": [0.0],
        "Breaches": [1.0],
    }


def test_nothing_that_the_sender_wrote_reaches_the_log_or_the_ledger(
    aws: EmbeddedAws, load: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.receive(ACCOUNT, fresh(1))
    load(POLICY.to_json()).handle({}, Context(ACCOUNT))
    printed = capsys.readouterr().out + json.dumps(aws.client("dynamodb", ACCOUNT).scan(TableName="ledger")["Items"])
    assert "h-00000001" in printed
    for text in ("mallory", "Mallory", "gift"):
        assert text not in printed


def test_a_sweep_without_handshakes_is_measured_too(load: Import, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(POLICY.to_json()).handle({}, Context(ACCOUNT)) == {}
    lines, metrics = output(capsys)
    assert lines == []
    assert metrics["SweepsFinished"] == [1.0]
    assert "HoursToExpiry" not in metrics


def test_a_failed_answer_fails_the_run_after_everything_else_is_done(
    aws: EmbeddedAws, load: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.receive(ACCOUNT, fresh(1))
    aws.receive(ACCOUNT, fresh(2))
    aws.fail("DeclineHandshake", "AccessDeniedException", handshake="h-00000001")
    handler = load(POLICY.to_json())
    with pytest.raises(handler.SweepError, match="1 answers failed, 0 other errors: see the log lines of this run"):
        handler.handle({}, Context(ACCOUNT))
    lines, metrics = output(capsys)
    assert [(line["level"], line["message"]) for line in lines] == [("ERROR", "failed"), ("INFO", "declined")]
    assert (metrics["Failed"], metrics["Declined"]) == ([1.0], [1.0])


def test_an_error_that_no_record_tells_of_is_logged(
    aws: EmbeddedAws, load: Import, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENT_BUS", "nowhere")
    aws.receive(ACCOUNT, fresh(1, "o-exampleorgid"))
    handler = load(POLICY.to_json())
    monkeypatch.setattr(handler.events, "publish", lambda _: (set(), ["EventBridge refused event h-00000001/1: x"]))
    with pytest.raises(handler.SweepError, match="0 answers failed, 1 other errors"):
        handler.handle({}, Context(ACCOUNT))
    lines, _ = output(capsys)
    assert (lines[-1]["level"], lines[-1]["message"]) == ("ERROR", "EventBridge refused event h-00000001/1: x")


def test_a_listing_that_is_refused_fails_the_run(aws: EmbeddedAws, load: Import) -> None:
    aws.fail("ListHandshakesForAccount", "AccessDeniedException")
    handler = load(POLICY.to_json())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Powertools: no metrics, since there was no sweep
        with pytest.raises(ListingError):
            handler.handle({}, Context(ACCOUNT))


@pytest.mark.parametrize(
    "document", [b"", POLICY.to_json()[:-9], Policy(mode="audit").to_json().replace(b"audit", b"off")]
)
def test_a_damaged_policy_fails_at_import_and_answers_nothing(aws: EmbeddedAws, load: Import, document: bytes) -> None:
    aws.receive(ACCOUNT, fresh(1))
    with pytest.raises(PolicyError):
        load(document)
    assert aws.calls == []


def test_one_request_that_is_delivered_twice_is_two_sweeps(aws: EmbeddedAws, load: Import) -> None:
    aws.receive(ACCOUNT, fresh(1))
    handler = load(POLICY.to_json())
    context = Context(ACCOUNT, aws_request_id="request-1")
    aws.before("DeclineHandshake", lambda _: handler.handle({}, context))
    assert handler.handle({}, context) == {"declined": 1}
    assert aws.count("DeclineHandshake") == 1
    (item,) = aws.client("dynamodb", ACCOUNT).scan(TableName="ledger")["Items"]
    assert item["sweep"]["S"].startswith("request-1/")


def event_sent_at(time: datetime) -> dict[str, Any]:
    """An invocation by SQS, with a message of that time."""
    return {"Records": [{"attributes": {"SentTimestamp": str(int(time.timestamp() * 1000))}}]}


def test_events_from_before_a_sweep_start_no_other_one(aws: EmbeddedAws, load: Import) -> None:
    handler = load(POLICY.to_json())
    event = event_sent_at(datetime.now(UTC) - timedelta(seconds=1))
    handler.handle(event, Context(ACCOUNT))
    handler.handle(event, Context(ACCOUNT))
    assert aws.count("ListHandshakesForAccount") == 1
    handler.handle(event_sent_at(datetime.now(UTC)), Context(ACCOUNT))
    handler.handle({}, Context(ACCOUNT))
    assert aws.count("ListHandshakesForAccount") == 3


def test_events_start_another_sweep_after_one_that_failed(aws: EmbeddedAws, load: Import) -> None:
    aws.fail("ListHandshakesForAccount", "AccessDeniedException")
    handler = load(POLICY.to_json())
    event = event_sent_at(datetime.now(UTC) - timedelta(seconds=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Powertools: no metrics, since there was no sweep
        with pytest.raises(ListingError):
            handler.handle(event, Context(ACCOUNT))
    assert handler.handle(event, Context(ACCOUNT)) == {}
    assert aws.count("ListHandshakesForAccount") == 2


def test_what_events_start_finds_a_breach_and_answers_nothing(aws: EmbeddedAws, load: Import) -> None:
    aws.receive(ACCOUNT, fresh(1))
    aws.receive(ACCOUNT, fresh(2, State="ACCEPTED"))
    handler = load(POLICY.to_json())
    assert handler.handle(event_sent_at(datetime.now(UTC)), Context(ACCOUNT)) == {"breach": 1}
    assert aws.count("DeclineHandshake") == 0
    assert handler.handle({}, Context(ACCOUNT)) == {"declined": 1}


class TestRulesThatExpireSoon:
    """They are said after the sweep, whose work they never fail."""

    DAY = datetime.now(UTC).date() + timedelta(days=20)
    SOON = Rule("partners", "allow", organizations=("o-partner0001",), expires=DAY)
    POLICY = replace(POLICY, rules=(*POLICY.rules, SOON))

    def test_each_is_said_once(self, aws: EmbeddedAws, load: Import, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MARKS_TABLE", "marks")
        create_marks_table(aws.client("dynamodb", ACCOUNT), "marks")
        listener = Listener(aws, ACCOUNT)
        handler = load(self.POLICY.to_json())
        for _ in range(2):
            handler.handle({}, Context(ACCOUNT))
        (event,) = listener.take_events()
        assert event["detail-type"] == "Policy Rule Expiring"
        assert (event["detail"]["rule"], event["detail"]["days"]) == ("partners", 30)

    def test_without_a_table_the_sweep_is_done_and_then_fails(
        self, aws: EmbeddedAws, load: Import, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("MARKS_TABLE", "marks")
        aws.receive(ACCOUNT, fresh(1))
        handler = load(self.POLICY.to_json())
        with pytest.raises(handler.SweepError):
            handler.handle({}, Context(ACCOUNT))
        assert aws.handshake("h-00000001")["State"] == "DECLINED"
        lines, metrics = output(capsys)
        assert metrics["SweepsFinished"] == [1.0]
        assert "nobody hears which rules expire soon" in lines[-1]["message"]

    def test_without_the_setting_nobody_is_told(self, aws: EmbeddedAws, load: Import) -> None:
        listener = Listener(aws, ACCOUNT)
        load(self.POLICY.to_json()).handle({}, Context(ACCOUNT))
        assert listener.take_events() == []
