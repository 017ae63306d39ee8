"""The synthesized stack: what is in it, and that it is clean."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra.news import ADVICE
from infra.queries import QUERIES
from invitation_responder.events import DETAIL_TYPES
from invitation_responder.record import Record
from synthesis import run_app

pytestmark = pytest.mark.xdist_group("infra")


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    return [each.get("Properties", {}) for each in template["Resources"].values() if each["Type"] == kind]


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(synthesized: Path) -> None:
    [report] = json.loads((synthesized / "validation-report.json").read_text())["pluginReports"]
    assert (report["pluginName"], report["conclusion"], report["violations"]) == ("AwsSolutions", "success", [])
    assert report["suppressedViolations"]
    assert all(len(each["reason"]) > 20 for each in report["suppressedViolations"])


def test_cfn_lint_finds_nothing(synthesized: Path) -> None:
    # W3005 is the CDK's own DependsOn, said twice.
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
    [table] = [each for each in template["Resources"].values() if each["Type"] == "AWS::DynamoDB::GlobalTable"]
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
    [function] = of_type(template, "AWS::Lambda::Function")
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert "ReservedConcurrentExecutions" not in function


def test_the_schedule_has_retries_and_a_dead_letter_queue(template: dict[str, Any]) -> None:
    [schedule] = of_type(template, "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 2
    assert schedule["Target"]["DeadLetterConfig"]["Arn"]
    [resource] = [each for each in template["Resources"].values() if each["Type"] == "AWS::Scheduler::Schedule"]
    waits_for = {template["Resources"][name]["Type"] for name in resource["DependsOn"]}
    assert {"AWS::IAM::Policy", "AWS::Events::Rule", "AWS::SNS::TopicPolicy"} <= waits_for


def test_each_kind_of_news_has_a_message_of_its_own(template: dict[str, Any]) -> None:
    rules = of_type(template, "AWS::Events::Rule")
    assert sorted(rule["EventPattern"]["detail-type"][0] for rule in rules) == sorted(DETAIL_TYPES.values())
    for rule in rules:
        [target] = rule["Targets"]
        assert target["DeadLetterConfig"]["Arn"]
        assert "What to do: " in target["InputTransformer"]["InputTemplate"]
    assert set(ADVICE) == set(DETAIL_TYPES)


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


def test_only_alarms_and_rules_of_this_account_may_publish_to_the_topic(template: dict[str, Any]) -> None:
    [policy] = of_type(template, "AWS::SNS::TopicPolicy")
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [(each["Principal"], each["Condition"]) for each in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}})
    ]
    roles = {json.dumps(rule["Targets"][0]["RoleArn"]) for rule in of_type(template, "AWS::Events::Rule")}
    assert len(roles) == 1


@pytest.mark.parametrize(("schedule", "seconds"), [("1m", 1200), ("2h", 7200), ("24h", 21_600)])
def test_an_invocation_gets_old_enough_for_its_retries_and_not_older_than_lambda_takes(
    tmp_path: Path, schedule: str, seconds: int
) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: audit\nrules: []\n")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml"), "schedule": schedule})
    assert done.returncode == 0, done.stderr
    template = json.loads((tmp_path / "out" / "InvitationResponder.template.json").read_text())
    [invocation] = of_type(template, "AWS::Lambda::EventInvokeConfig")
    assert invocation["MaximumEventAgeInSeconds"] == seconds


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


def test_denies_without_room_are_told(tmp_path: Path) -> None:
    organizations = ", ".join(f"o-{number:010}" for number in range(2000))
    (tmp_path / "p.yaml").write_text(
        f"version: 1\nmode: enforce\nrules:\n  - {{name: a, effect: allow, organizations: [{organizations}]}}\n"
    )
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")})
    assert done.returncode == 0
    assert "Note: IAM has no room for Denies about 9" in done.stderr


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
    assert "(IR001, docs/lints/IR001.md)" in done.stderr
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


def test_a_policy_with_mistakes_stops_the_synthesis_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nmode: enforced\nrules:\n  - {name: a, effect: alow}\n")
    done = run_app(tmp_path / "out", {"policy": str(tmp_path / "p.yaml")})
    assert done.returncode == 1
    assert "p.yaml:2:7: mode: " in done.stderr
    assert "p.yaml:4:23: rules[0].effect: " in done.stderr or "did you mean `allow`?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "InvitationResponder.template.json").exists()


def test_a_wrong_context_stops_the_synthesis(tmp_path: Path) -> None:
    done = run_app(tmp_path / "out", {"shedule": "15m"})
    assert done.returncode == 1
    assert done.stderr.strip().endswith("cdk.json: context: `shedule` is not a key (did you mean `schedule`?)")
