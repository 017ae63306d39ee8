"""A real `cdk bootstrap` and `cdk deploy` to the local cloud, and the scheduled sweep that follows."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local.cloud.cloud import ACCOUNT, Cloud, CloudError, wait_for
from local.cloud.ministack import POLICY, start_cloud
from local.demo.scenario import COMPANY, bill_invites_susan, from_stranger
from local.embedded.server import HOST

pytestmark = pytest.mark.xdist_group("cloud")

SCHEMA = Path(__file__).parents[2] / "responder" / "courier" / "custom_notification.schema.json"
STRANGERS, CORPORATE = "h-demohandshake01", "h-examplehandshakeid111"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """The responder, deployed, with two handshakes to answer."""
    with start_cloud() as cloud:
        cloud.bootstrap()
        now = datetime.now(UTC)
        cloud.aws.receive(ACCOUNT, bill_invites_susan(now))
        cloud.aws.receive(ACCOUNT, from_stranger(1, now, hours=30, notes="Join us!"))
        cloud.deploy()
        cloud.shorten_windows(3)
        yield cloud


@pytest.fixture(scope="module")
def queue(cloud: Cloud) -> str:
    """A queue that is subscribed to the topic before the schedule fires for the first time."""
    return cloud.subscribe()


@pytest.fixture(scope="module")
def chat(cloud: Cloud) -> Iterator[list[dict[str, Any]]]:
    """The messages that a webhook gets from the topic, as that of Amazon Q Developer does."""
    received: list[dict[str, Any]] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer((HOST, 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        topic, sns = cloud.outputs()["TopicArn"], cloud.client("sns")
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://{HOST}:{server.server_port}/")
        assert wait_for(lambda: received, seconds=10)
        sns.confirm_subscription(TopicArn=topic, Token=received.pop()["Token"])
        yield received
        server.shutdown()


@pytest.fixture(scope="module")
def entries(cloud: Cloud, queue: str, chat: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ledger, after the schedule has fired and the sweep has ended."""
    table, dynamodb = cloud.outputs()["LedgerTable"], cloud.client("dynamodb")

    def both_are_decided() -> bool:
        items = dynamodb.scan(TableName=table)["Items"]
        return len(items) == 2 and cloud.aws.handshake(STRANGERS)["State"] == "DECLINED"

    assert wait_for(both_are_decided, seconds=150, every=1), cloud.log_lines()
    assert wait_for(lambda: any(line.startswith("END") for line in cloud.log_lines()), seconds=30)
    items: list[dict[str, Any]] = cloud.client("dynamodb").scan(TableName=table)["Items"]
    return items


def test_the_schedule_fires_and_the_stranger_is_declined(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    assert cloud.aws.handshake(STRANGERS)["State"] == "DECLINED"
    assert cloud.aws.handshake(CORPORATE)["State"] == "OPEN"


def test_the_ledger_has_both(entries: list[dict[str, Any]]) -> None:
    found = {(item["receiver"]["S"], item["handshake_id"]["S"]) for item in entries}
    assert found == {(ACCOUNT, STRANGERS), (ACCOUNT, CORPORATE)}


def test_the_decisions_are_in_the_log(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    lines = [json.loads(line) for line in cloud.log_lines() if line.startswith("{")]
    decisions = {line["handshake_id"]: line["outcome"] for line in lines if "handshake_id" in line}
    assert decisions == {STRANGERS: "declined", CORPORATE: "left"}
    reasons = [line["reason"] for line in lines if line.get("organization") == COMPANY]
    assert reasons[0].startswith("rule our-organization allows")


def test_people_hear_of_both_in_one_message(cloud: Cloud, queue: str, entries: list[dict[str, Any]]) -> None:
    [mail] = cloud.collect(queue, lambda heard: len(heard) >= 1)
    assert mail.subject == "1 handshake declined, 1 waits for you"
    declined = f"Organization o-stranger0001 (management account 999999999901) asked account {ACCOUNT} to join it"
    for part in (declined, "Why: no rule matches", f"accept-handshake --handshake-id {CORPORATE}", STRANGERS):
        assert part in mail.text
    assert "Join us!" not in mail.text


def test_a_chat_gets_the_same_as_a_document_that_it_takes(
    cloud: Cloud, queue: str, chat: list[dict[str, Any]], entries: list[dict[str, Any]]
) -> None:
    assert wait_for(lambda: chat, seconds=30)
    document = json.loads(chat[0]["Message"])
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(document)) == []
    assert document["content"]["title"] == "1 handshake declined, 1 waits for you"


def test_an_alarm_is_told_on_the_same_topic(cloud: Cloud, queue: str, entries: list[dict[str, Any]]) -> None:
    cloud.aws.receive(ACCOUNT, from_stranger(12, datetime.now(UTC), hours=1, action="MERGE_ACCOUNT"))
    cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"])
    heard = cloud.collect(queue, lambda heard: any("NewStateValue" in mail.text for mail in heard) and len(heard) >= 2)
    [alarm] = [json.loads(mail.text) for mail in heard if "NewStateValue" in mail.text]
    assert (alarm["NewStateValue"], alarm["Trigger"]["MetricName"]) == ("ALARM", "Undecided")
    assert "can't be judged" in alarm["AlarmDescription"]
    assert [mail.subject for mail in heard if "NewStateValue" not in mail.text] == ["1 handshake can't be judged"]


def test_no_sweep_was_lost(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    url = cloud.outputs()["DeadLetterQueueUrl"]
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"


def test_deploying_again_changes_nothing(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    assert "(no changes)" in cloud.deploy()


def test_deploying_another_schedule_changes_it(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    cloud.policy.write_text(POLICY.replace("mode: enforce", "mode: audit"))
    cloud.deploy(schedule="5m")
    [schedule] = cloud.client("scheduler").list_schedules()["Schedules"]
    changed = cloud.client("scheduler").get_schedule(Name=schedule["Name"])
    assert changed["ScheduleExpression"] == "rate(5 minutes)"


def sweeps(cloud: Cloud) -> int:
    """The number of sweeps that have ended."""
    return sum(line.startswith("{") and '"SweepsFinished"' in line for line in cloud.log_lines())


def test_what_a_person_accepts_is_found_at_once(cloud: Cloud, queue: str, entries: list[dict[str, Any]]) -> None:
    time.sleep(3)  # the sweep that another schedule starts
    accepted = from_stranger(13, datetime.now(UTC), hours=1)
    cloud.aws.receive(ACCOUNT, accepted)
    cloud.aws.client("organizations", ACCOUNT).accept_handshake(HandshakeId=accepted["Id"])
    before, began = sweeps(cloud), time.monotonic()
    cloud.put_call_event("AcceptHandshake", times=100)
    heard = cloud.collect(queue, lambda heard: any(mail.subject.startswith("BREACH in") for mail in heard))
    [breach] = [mail for mail in heard if "BREACH" in mail.subject]
    assert breach.subject == f"BREACH in {ACCOUNT}: o-stranger0013's INVITE was accepted"
    assert f"responder acknowledge {accepted['Id']}" in breach.text
    assert time.monotonic() - began < 60, "the schedule has 5 minutes"
    time.sleep(8)
    assert 1 <= sweeps(cloud) - before <= 2


def test_going_from_audit_to_enforce_shows_the_permission_and_wants_a_y(
    cloud: Cloud, entries: list[dict[str, Any]]
) -> None:
    cloud.policy.write_text(POLICY)
    with pytest.raises(CloudError) as refused:
        cloud.deploy(schedule="5m", asking=True)
    assert "organizations:DeclineHandshake" in str(refused.value)
    assert "terminal (TTY) is not attached so we are unable to get a confirmation" in str(refused.value)


def test_destroying_leaves_the_ledger_only(cloud: Cloud, entries: list[dict[str, Any]]) -> None:
    table = cloud.outputs()["LedgerTable"]
    cloud.policy.write_text("of no use")
    cloud.destroy()
    left = cloud.client("dynamodb").scan(TableName=table)["Items"]
    assert {item["handshake_id"]["S"] for item in left} >= {STRANGERS, CORPORATE}
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("scheduler").list_schedules()["Schedules"] == []
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
    assert cloud.client("sns").list_topics()["Topics"] == []
    assert cloud.client("events").list_rules()["Rules"] == []
    assert cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert cloud.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert [url.rsplit("/")[-1] for url in cloud.client("sqs").list_queues()["QueueUrls"]] == ["listener"]
    roles = [role["RoleName"] for role in cloud.client("iam").list_roles()["Roles"]]
    assert [role for role in roles if role.startswith("InvitationResponder")] == []
