"""The synthesized stack: its resources, and the linters' verdict."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from authoring.permissions.statements import INLINE_LIMIT
from infra.alarms import RECOVERING, name_alarm
from infra.policy import load_deployable
from infra.queries import QUERIES
from infra.responder import longest_wait
from infra.stack import STACK_NAME
from invitation_responder.aws.event_bus import DETAIL_TYPES, SOURCE, detail_type
from invitation_responder.core.record import Record
from invitation_responder.courier.kinds import URGENT, WORDS
from invitation_responder.courier.settings import read_settings as read_courier_settings
from invitation_responder.settings import read_settings
from support.synthesis import ROOT, of_type, run_app

pytestmark = pytest.mark.xdist_group("infra")

SWEEP, COURIER = "invitation_responder.handler.handle", "invitation_responder.courier.handler.handle"


def function_of(template: dict[str, Any], handler: str) -> dict[str, Any]:
    """The resource of the function with this handler."""
    [found] = [each for each in template["Resources"].values() if each.get("Properties", {}).get("Handler") == handler]
    resource: dict[str, Any] = found
    return resource


def event_rules(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules on the responder's own events."""
    return [rule for rule in of_type(template, "AWS::Events::Rule") if rule["EventPattern"]["source"] == [SOURCE]]


def test_the_topic_keeps_its_logical_id_and_with_it_its_subscriptions(template: dict[str, Any]) -> None:
    topics = [name for name, each in template["Resources"].items() if each["Type"] == "AWS::SNS::Topic"]
    assert topics == ["NewsTopic22A4325B"]


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(synthesized: Path) -> None:
    [report] = json.loads((synthesized / "validation-report.json").read_text())["pluginReports"]
    assert (report["pluginName"], report["conclusion"], report["violations"]) == ("AwsSolutions", "success", [])
    assert report["suppressedViolations"]
    assert all(len(each["reason"]) > 20 for each in report["suppressedViolations"])


def test_cfn_lint_finds_nothing(synthesized: Path) -> None:
    # W3005: the CDK writes a redundant DependsOn.
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("cfn-lint")),
            *("--ignore-checks", "W3005", "--template", str(synthesized / "InvitationResponder.template.json")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_ledger_stays_and_can_be_restored(template: dict[str, Any]) -> None:
    [table] = [each for name, each in template["Resources"].items() if name.startswith("Ledger")]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    [replica] = table["Properties"]["Replicas"]
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_ledger_is_all_that_stays(template: dict[str, Any]) -> None:
    kept = [each["Type"] for each in template["Resources"].values() if each.get("DeletionPolicy") == "Retain"]
    assert kept == ["AWS::DynamoDB::GlobalTable"]


def test_the_function(template: dict[str, Any]) -> None:
    function = function_of(template, SWEEP)["Properties"]
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert "ReservedConcurrentExecutions" not in function


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The template of a stack whose settings are all set."""
    folder = tmp_path_factory.mktemp("configured")
    (folder / "p.yaml").write_text("version: 1\nmode: audit\nrules: []\n")
    context = {
        "policy": str(folder / "p.yaml"),
        "alarm_email": "security@example.com, cloud@example.com",
        "urgent_email": "night@example.com",
        "ledger_retention": "400d",
        "sender_text": "show",
    }
    done = run_app(folder / "out", context, validation=True)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded: dict[str, Any] = json.loads((folder / "out" / "InvitationResponder.template.json").read_text())
    return loaded


def test_what_is_kept_how_long_can_be_set_and_every_setting_reaches_the_function(configured: dict[str, Any]) -> None:
    function = function_of(configured, SWEEP)["Properties"]
    variables = function["Environment"]["Variables"]
    assert (variables["LEDGER_RETENTION_DAYS"], variables["SENDER_TEXT"]) == ("400", "show")
    assert read_settings({**variables, "LEDGER_TABLE": "t", "MARKS_TABLE": "m"}).ledger_retention == timedelta(days=400)
    assert variables["MARKS_TABLE"]["Ref"].startswith("Marks")


def test_the_schedule_has_retries_and_a_dead_letter_queue(template: dict[str, Any]) -> None:
    [schedule] = of_type(template, "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 2
    assert schedule["Target"]["DeadLetterConfig"]["Arn"]
    [resource] = [each for each in template["Resources"].values() if each["Type"] == "AWS::Scheduler::Schedule"]
    waits_for = {template["Resources"][name]["Type"] for name in resource["DependsOn"]}
    assert "AWS::IAM::Policy" in waits_for
    assert "ResponderFunction" in json.dumps(schedule["Target"])


def test_every_event_goes_to_the_courier_by_one_of_two_ways(template: dict[str, Any]) -> None:
    queues = {}
    for rule in event_rules(template):
        [target] = rule["Targets"]
        assert target["DeadLetterConfig"]["Arn"]
        queues[target["Arn"]["Fn::GetAtt"][0]] = EventPattern(None, rule["EventPattern"])
    windows = {
        mapping["EventSourceArn"]["Fn::GetAtt"][0]: (
            mapping["BatchSize"],
            mapping.get("MaximumBatchingWindowInSeconds"),
        )
        for mapping in of_type(template, "AWS::Lambda::EventSourceMapping")
        if mapping["FunctionName"]["Ref"].startswith("CourierFunction")
    }
    for kind in [*WORDS, "a kind of another version"]:
        event = {"source": SOURCE, "detail-type": detail_type(kind), "detail": {}}
        [queue] = [queue for queue, pattern in queues.items() if pattern.matches_event(event)]
        assert windows[queue] == ((10, None) if kind in URGENT else (1000, 60)), kind


@pytest.mark.parametrize(
    ("name", "before", "now", "matches"),
    [
        ("InvitationResponder silence", "ALARM", "OK", True),
        ("InvitationResponder silence", "INSUFFICIENT_DATA", "OK", False),
        ("InvitationResponder silence", "OK", "ALARM", False),
        ("InvitationResponder breach", "ALARM", "OK", False),
        ("somebody else's", "ALARM", "OK", False),
    ],
)
def test_the_end_of_an_alarm_goes_to_the_courier(
    template: dict[str, Any], name: str, before: str, now: str, *, matches: bool
) -> None:
    [rule] = [
        each for each in of_type(template, "AWS::Events::Rule") if each["EventPattern"]["source"] == ["aws.cloudwatch"]
    ]
    detail = {"alarmName": name, "previousState": {"value": before}, "state": {"value": now}}
    event = {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}
    assert EventPattern(None, rule["EventPattern"]).matches_event(event) is matches
    assert rule["Targets"][0]["Arn"]["Fn::GetAtt"][0].startswith("CourierDigestQueue")


def test_the_alarms_whose_end_is_news_are_there(template: dict[str, Any]) -> None:
    names = {alarm["AlarmName"] for alarm in of_type(template, "AWS::CloudWatch::Alarm")}
    of_organizations = {"AccountsNotSwept", "LongestWithoutSweep", "ScheduleTooTight"}
    assert names - {name_alarm(each) for each in RECOVERING} == {
        "InvitationResponder breach",
        "InvitationResponder undecided",
    }
    assert {name_alarm(each) for each in RECOVERING if each not in of_organizations} < names


def test_nothing_is_published_before_the_courier_hears_it(template: dict[str, Any]) -> None:
    waits_for = function_of(template, SWEEP)["DependsOn"]
    kinds = {template["Resources"][name]["Type"] for name in waits_for if name.startswith("Courier")}
    assert {"AWS::Events::Rule", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Lambda::Function"} <= kinds
    mappings = {name for name in template["Resources"] if name.startswith("CourierFunctionSqsEventSource")}
    assert len(mappings) == 2
    assert mappings <= set(waits_for)


def test_the_courier_knows_its_topics_and_its_marks(configured: dict[str, Any]) -> None:
    variables = function_of(configured, COURIER)["Properties"]["Environment"]["Variables"]
    settings = read_courier_settings({name: json.dumps(value) for name, value in variables.items()})
    assert '"Marks' in settings.marks_table
    assert settings.topic != settings.urgent_topic


def test_the_courier_may_read_and_write_marks_and_publish_and_nothing_else(template: dict[str, Any]) -> None:
    [policy] = [
        each["Properties"]["PolicyDocument"]
        for name, each in template["Resources"].items()
        if name.startswith("CourierRole") and each["Type"] == "AWS::IAM::Policy"
    ]
    actions = {
        action
        for statement in policy["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        if not action.startswith(("logs:", "sqs:"))
    }
    assert actions == {"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "sns:Publish"}
    assert "*" not in json.dumps(
        [each["Resource"] for each in policy["Statement"] if "dynamodb" in str(each["Action"])]
    )


def test_several_people_hear_everything_and_one_only_what_is_urgent(configured: dict[str, Any]) -> None:
    subscriptions = of_type(configured, "AWS::SNS::Subscription")
    topics = {each["Endpoint"]: each["TopicArn"]["Ref"] for each in subscriptions}
    everything, urgent = topics["security@example.com"], topics["night@example.com"]
    assert topics == {"security@example.com": everything, "cloud@example.com": everything, "night@example.com": urgent}
    assert everything != urgent
    variables = function_of(configured, COURIER)["Properties"]["Environment"]["Variables"]
    assert (variables["TOPIC"], variables["URGENT_TOPIC"]) == ({"Ref": everything}, {"Ref": urgent})
    outputs = [configured["Outputs"][name]["Value"] for name in ("TopicArn", "UrgentTopicArn")]
    assert outputs == [{"Ref": everything}, {"Ref": urgent}]
    alarms = {alarm["AlarmName"]: alarm for alarm in of_type(configured, "AWS::CloudWatch::Alarm")}
    waking = {name for name, alarm in alarms.items() if {"Ref": urgent} in alarm["AlarmActions"]}
    urgent_alarms = ("breach", "undecided", "answers failed", "silence", "dead letters")
    assert waking == {f"InvitationResponder {name}" for name in urgent_alarms}
    assert all({"Ref": everything} in alarm["AlarmActions"] for alarm in alarms.values())


def test_every_alarm_tells_the_topic_and_says_what_to_do(template: dict[str, Any]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    assert len(alarms) == 8
    for alarm in alarms:
        assert alarm["AlarmActions"]
        assert len(alarm["AlarmDescription"]) in range(100, 1025)


@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_asks_for_what_is_logged(name: str) -> None:
    query = re.sub(r"/[^/]*/", "", QUERIES[name])
    values = set(re.findall(r"'(\w+)'", query))
    assert values <= {*DETAIL_TYPES, "ACCEPTED", "ERROR", "CRITICAL"}
    words = set(re.findall(r"[@\w]+", re.sub(r"'\w+'", "", query)))
    aliases = set(re.findall(r" as (\w+)", query))
    logged = {field.name for field in fields(Record)} | {"level", "message", "exception", "exception_name"}
    unknown = words - logged - aliases - {"@timestamp", "@message"}
    assert {word for word in unknown if not word.isdigit()} <= {
        *("fields", "filter", "sort", "limit", "stats", "dedup", "by", "as", "in", "or", "like", "asc", "desc"),
        *("ispresent", "count", "count_distinct", "earliest", "latest"),
    }


def test_only_alarms_of_this_account_may_publish_to_the_topic(template: dict[str, Any]) -> None:
    [policy] = of_type(template, "AWS::SNS::TopicPolicy")
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [(each["Principal"], each["Condition"]) for each in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}})
    ]


@pytest.mark.parametrize(("hours", "seconds"), [(1 / 60, 1200), (2, 7200), (24, 21_600)])
def test_an_invocation_gets_old_enough_for_its_retries_and_not_older_than_lambda_takes(
    hours: float, seconds: int
) -> None:
    assert longest_wait(timedelta(hours=hours)) == timedelta(seconds=seconds)


def test_an_invocation_waits_as_long_as_that(template: dict[str, Any]) -> None:
    [invocation] = of_type(template, "AWS::Lambda::EventInvokeConfig")
    assert invocation["MaximumEventAgeInSeconds"] == longest_wait(timedelta(minutes=15)).total_seconds()


def test_the_asset_is_the_bundle(synthesized: Path) -> None:
    [bundle] = [path for path in synthesized.glob("asset.*") if (path / "policy.json").exists()]
    assert (bundle / "invitation_responder" / "handler.py").is_file()


def test_an_audit_policy_gives_no_permission_to_answer(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: audit\nrules: []\n")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")})
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "InvitationResponder.template.json").read_text()
    assert "organizations:ListHandshakesForAccount" in text
    assert "organizations:DeclineHandshake" not in text
    assert "organizations:AcceptHandshake" not in text


def of_the_role(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of the inline policies of the function's role."""
    function = function_of(template, SWEEP)["Properties"]
    [name, _] = function["Role"]["Fn::GetAtt"]
    policies = of_type(template, "AWS::IAM::Policy")
    return [policy["PolicyDocument"] for policy in policies if {"Ref": name} in policy["Roles"]]


def test_what_may_be_answered_stands_in_inline_policies_which_the_cdk_shows(template: dict[str, Any]) -> None:
    statements = [each for document in of_the_role(template) for each in document["Statement"]]
    actions = {action for each in statements for action in [each["Action"]] if isinstance(action, str)}
    assert {"organizations:DeclineHandshake", "organizations:AcceptHandshake"} <= actions
    assert of_type(template, "AWS::IAM::ManagedPolicy") == []


def test_the_function_waits_for_what_it_may_answer(template: dict[str, Any]) -> None:
    function = function_of(template, SWEEP)
    answers = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Policy" and "DeclineHandshake" in json.dumps(each)
    ]
    assert len(answers) == 1
    assert answers[0] in function["DependsOn"]


def test_the_roles_inline_policies_are_together_within_what_iam_takes(template: dict[str, Any]) -> None:
    own = [each for each in of_the_role(template) if "organizations:" not in json.dumps(each)]
    text = json.dumps(own, separators=(",", ":"))
    # A reference counts as an ARN with a generated name: the stack's, the logical id, and twelve characters.
    longest = 200 * text.count("Fn::GetAtt")
    assert len(own) == 1
    assert len(text) + longest <= 10_240 - INLINE_LIMIT


def test_accepts_that_the_cdk_does_not_show_are_told(tmp_path: Path) -> None:
    organizations = ", ".join(f"o-{number:010}" for number in range(300))
    rule = f"{{name: a, effect: accept, organizations: [{organizations}], ignore: {{IR003: a test}}}}"
    (tmp_path / "p.yaml").write_text(f"version: 1\nmode: enforce\nrules:\n  - {rule}\n")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")}, validation=True)
    assert done.returncode == 0, done.stderr
    [count] = re.findall(r"Note: accepting from (\d+) of the senders is granted in managed policies", done.stderr)
    template = json.loads((tmp_path / "out" / "InvitationResponder.template.json").read_text())
    statements = [s for p in of_type(template, "AWS::IAM::ManagedPolicy") for s in p["PolicyDocument"]["Statement"]]
    assert sum(len(s["Resource"]) for s in statements if s["Action"] == "organizations:AcceptHandshake") == int(count)


def test_denies_without_room_are_told(tmp_path: Path) -> None:
    organizations = ", ".join(f"o-{number:010}" for number in range(2000))
    (tmp_path / "p.yaml").write_text(
        f"version: 1\nmode: enforce\nrules:\n  - {{name: a, effect: allow, organizations: [{organizations}]}}\n"
    )
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")})
    assert done.returncode == 0
    assert "Note: IAM has no room for Denies about 785 or more" in done.stderr
    assert (
        "Note: how a handshake's ARN calls ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE is documented nowhere" in done.stderr
    )


def test_a_policy_that_does_not_pass_the_check_is_not_synthesized(tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(
        "version: 1\nmode: enforce\nrules:\n"
        "  - {name: forged, effect: accept, notes: {any: [chg-]}}\n"
        "  - {name: ours, effect: allow, organizations: [o-exampleorgid]}\n"
    )
    done = run_app(tmp_path / "out", {"policy": str(policy)})
    assert done.returncode == 1
    assert "p.yaml:4:43: error: rule `forged` accepts what anybody can write" in done.stderr
    assert "(IR001 untrusted-sender-text, docs/lints/IR001.md)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_what_is_less_than_an_error_is_told_and_synthesized(tmp_path: Path) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(
        "version: 1\nmode: enforce\nrules:\n  - {name: ours, effect: allow, organizations: [o-exampleorgid]}\n"
    )
    done = run_app(tmp_path / "out", {"policy": str(policy)})
    assert done.returncode == 0
    assert "p.yaml:4:49: warning: rule `ours` names `o-exampleorgid`, the documentation's example" in done.stderr


TESTED = "version: 1\nmode: enforce\nrules:\n  - {name: ours, effect: allow, organizations: [o-ourcompany1]}\n"
FAILING = "  - {name: ours is accepted, handshake: {organization: o-ourcompany1}, expect: accept}\n"
PASSING = "  - {name: a stranger is declined, handshake: {}, expect: decline}\n"


@pytest.mark.parametrize("policy", ["policies", "policies/policy.yaml"], ids=["a folder", "a file"])
def test_a_policy_whose_tests_fail_is_not_synthesized(tmp_path: Path, policy: str) -> None:
    (tmp_path / "policies/tests").mkdir(parents=True)
    (tmp_path / "policies/policy.yaml").write_text(TESTED)
    (tmp_path / "policies/tests/t.yaml").write_text(f"version: 1\ncases:\n{PASSING}{FAILING}")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / policy)})
    assert done.returncode == 1
    assert "policies/tests/t.yaml:4:5: ours is accepted: expected accept, got allow: rule ours allows" in done.stderr
    assert "1 of 2 policy tests failed, so nothing is deployed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_policy_tests_with_mistakes_stop_the_synthesis(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "policy.yaml").write_text(TESTED)
    (tmp_path / "tests/t.yaml").write_text(f"version: 1\ncases:\n{PASSING.replace('expect', 'expects')}")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path)})
    assert done.returncode == 1
    assert "tests/t.yaml:3:" in done.stderr
    assert not (tmp_path / "out" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("tests", "noted"),
    [
        pytest.param(PASSING, False, id="its tests pass"),
        pytest.param("", True, id="it has none"),
        pytest.param(f"{FAILING}policy: ../../other.yaml\n", True, id="those that are there are another policy's"),
    ],
)
def test_a_policy_without_tests_is_synthesized_with_a_note(tmp_path: Path, tests: str, noted: bool) -> None:
    folder = tmp_path / "policies"
    (folder / "tests").mkdir(parents=True)
    (folder / "policy.yaml").write_text(TESTED)
    (tmp_path / "other.yaml").write_text(TESTED.replace("allow", "decline"))
    if tests:
        (folder / "tests/t.yaml").write_text(f"version: 1\ncases:\n{tests}")
    lines: list[str] = []
    assert load_deployable(folder, datetime(2026, 12, 1, tzinfo=UTC), lines.append).rules
    note = f"Note: {folder}/tests has no tests of the policy: nothing shows that it decides as it is meant"
    assert any(line.startswith(note) for line in lines) is noted


def test_a_policy_with_mistakes_stops_the_synthesis_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: enforced\nrules:\n  - {name: a, effect: alow}\n")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")})
    assert done.returncode == 1
    assert "p.yaml:2:7: mode: " in done.stderr
    assert "p.yaml:4:23: rules[0].effect: " in done.stderr or "did you mean `allow`?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "InvitationResponder.template.json").exists()


def test_a_stack_is_destroyed_by_its_name_whatever_the_policy_says(tmp_path: Path) -> None:
    done = run_app(tmp_path / "out", {"policy": "of no use", "shedule": "15m"}, app="infra.removal")
    assert (done.returncode, done.stderr) == (0, "")
    assert {STACK_NAME, f"{STACK_NAME}Member"} <= set(
        json.loads((tmp_path / "out" / "manifest.json").read_text())["artifacts"]
    )
    printed = subprocess.run(["make", "-n", "destroy"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    assert f"-m infra.removal' {STACK_NAME} " in printed.stdout


def test_a_wrong_context_stops_the_synthesis(tmp_path: Path) -> None:
    done = run_app(tmp_path / "out", {"shedule": "15m"})
    assert done.returncode == 1
    assert done.stderr.strip().endswith("cdk.json: context: `shedule` is not a key (did you mean `schedule`?)")
