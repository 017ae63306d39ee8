"""The trigger of a sweep at once, in the responder's own Region and from the home Region."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from infra.home_region import other_home_region
from infra.responder import TIMEOUT
from support.synthesis import called, of_type, run_app

OWN_ROLE = {"Fn::GetAtt": ["ResponderRoleB39BA0F1", "Arn"]}


def of_the_trigger(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The trigger's resources of a type."""
    return [each for name, each in template["Resources"].items() if each["Type"] == kind and name.startswith("Trigger")]


@pytest.fixture(scope="module")
def rule(template: dict[str, Any]) -> Any:
    """The rule on events of AWS Organizations."""
    [found] = [
        rule
        for rule in of_type(template, "AWS::Events::Rule")
        if rule["EventPattern"]["source"] == ["aws.organizations"]
    ]
    return found


@pytest.mark.parametrize(
    ("event", "matches"),
    [
        pytest.param(called("AcceptHandshake"), True, id="a person accepts"),
        pytest.param(called("LeaveOrganization"), True, id="a person leaves"),
        pytest.param(called("ResponsibilityTransferAccepted", role=None), True, id="AWS says so"),
        pytest.param(called("ListHandshakesForAccount"), False, id="a person looks"),
        pytest.param(called("AcceptHandshake", errorCode="AccessDeniedException"), False, id="a person may not"),
        pytest.param(called("DeclineHandshake", role="own"), False, id="the responder declines"),
        pytest.param(called("AcceptHandshake") | {"source": "aws.account"}, False, id="something else"),
    ],
)
def test_what_others_did_starts_a_sweep(rule: dict[str, Any], event: dict[str, Any], *, matches: bool) -> None:
    text = json.dumps(rule["EventPattern"])
    assert json.dumps(OWN_ROLE) in text
    pattern = json.loads(text.replace(json.dumps(OWN_ROLE), '"own"'))
    assert EventPattern(None, pattern).matches_event(event) is matches


def test_events_wait_for_company_and_failed_ones_are_kept(template: dict[str, Any], rule: dict[str, Any]) -> None:
    [queue] = [each["Properties"] for each in of_the_trigger(template, "AWS::SQS::Queue")]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["VisibilityTimeout"] == 6 * int(TIMEOUT.to_seconds()) + 5
    [mapping] = [
        each
        for each in of_type(template, "AWS::Lambda::EventSourceMapping")
        if each["FunctionName"]["Ref"].startswith("ResponderFunction")
    ]
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (1000, 5)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    [target] = rule["Targets"]
    assert target["DeadLetterConfig"]["Arn"]


@pytest.mark.parametrize(
    ("region", "home"),
    [
        ("us-east-1", None),
        ("eu-west-1", "us-east-1"),
        ("cn-north-1", "cn-northwest-1"),
        ("cn-northwest-1", None),
        ("us-gov-east-1", "us-gov-west-1"),
        ("eusc-de-east-1", None),
        ("nowhere-1", None),
        (None, None),
    ],
)
def test_events_come_to_the_home_region_of_the_partition(region: str | None, home: str | None) -> None:
    assert other_home_region(region) == home


def test_the_home_region_hands_events_on_to_another_region(
    tmp_path: Path, policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-west-1")
    done = run_app(tmp_path / "out", {"policy": str(policy_file)}, validation=True)
    assert done.returncode == 0, done.stdout + done.stderr
    template = json.loads((tmp_path / "out" / "InvitationResponderHomeRegion.template.json").read_text())
    [rule] = of_type(template, "AWS::Events::Rule")
    assert EventPattern(None, rule["EventPattern"]).matches_event(called("AcceptHandshake"))
    [target] = rule["Targets"]
    assert ":events:eu-west-1:" in json.dumps(target["Arn"])
    assert target["RoleArn"]
    artifact = json.loads((tmp_path / "out" / "manifest.json").read_text())["artifacts"][
        "InvitationResponderHomeRegion"
    ]
    assert artifact["environment"] == "aws://unknown-account/us-east-1"


def test_the_stack_in_the_home_region_is_destroyed_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-west-1")
    assert run_app(tmp_path / "out", {}, app="infra.removal").returncode == 0
    artifact = json.loads((tmp_path / "out" / "manifest.json").read_text())["artifacts"][
        "InvitationResponderHomeRegion"
    ]
    assert artifact["environment"] == "aws://unknown-account/us-east-1"


def test_a_responder_in_the_home_region_needs_no_other_stack(
    tmp_path: Path, policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "us-east-1")
    assert run_app(tmp_path / "out", {"policy": str(policy_file)}).returncode == 0
    assert not (tmp_path / "out" / "InvitationResponderHomeRegion.template.json").exists()
