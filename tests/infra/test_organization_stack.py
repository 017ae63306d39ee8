"""The synthesized stacks of organization scope: the hub, and the role of a member."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from authoring.estimate.costs import ALARM_METRICS
from authoring.language.compiler import compile_files
from authoring.permissions.role import answer_permissions
from authoring.source.files import read_files
from infra.member import BUS_NAME, EVENTS_ROLE_NAME, EXTERNAL_ID, HUB_ROLE_NAME, ROLE_NAME
from invitation_responder.organization.batches import WORKERS
from invitation_responder.organization.settings import read_names, read_rate, read_schedule
from support.synthesis import ROOT, called, run_app

pytestmark = pytest.mark.xdist_group("infra")

HUB, MEMBER = "InvitationResponder", "InvitationResponderMember"


@pytest.fixture(scope="session")
def organization(tmp_path_factory: pytest.TempPathFactory, policy_file: Path) -> Path:
    """The cloud assembly of organization scope, in eu-west-1; cdk-nag's checks passed.

    The hub is a delegated administrator.
    """
    out = tmp_path_factory.mktemp("organization") / "out"
    context = {
        "policy": str(policy_file),
        "alarm_email": "security@example.com",
        "scope": "organization",
        "organization_units": "ou-exam-production, ou-exam-research00",
        "leave_out": "333333333333,ou-exam-sandboxes0",
        "listing_rate": "4.5",
        "call_as": "delegated_admin",
        "schedule": "30m",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_DEFAULT_REGION", "eu-west-1")
        done = run_app(out, context, validation=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def load(folder: Path, stack: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / f"{stack}.template.json").read_text())
    return loaded


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type, by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def plain(value: Any) -> Any:
    """A template's value with its references as text, so that it reads like what it comes to."""
    if isinstance(value, dict):
        if "Fn::Join" in value:
            return "".join(plain(part) for part in value["Fn::Join"][1])
        if "Ref" in value:
            return f"<{value['Ref']}>"
        if "Fn::GetAtt" in value:
            return f"<{value['Fn::GetAtt'][0]}>"
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def definition(template: dict[str, Any]) -> dict[str, Any]:
    (machine,) = of_type(template, "AWS::StepFunctions::StateMachine").values()
    loaded: dict[str, Any] = json.loads(plain(machine["Properties"]["DefinitionString"]))
    return loaded


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(organization: Path) -> None:
    reports = json.loads((organization / "validation-report.json").read_text())["pluginReports"]
    assert reports
    for report in reports:
        assert (report["conclusion"], report["violations"]) == ("success", [])
        assert all(len(each["reason"]) > 20 for each in report["suppressedViolations"])


@pytest.mark.parametrize("stack", [HUB, MEMBER, "InvitationResponderHomeRegion"])
def test_cfn_lint_finds_nothing(organization: Path, stack: str) -> None:
    # W3005: the CDK writes a redundant DependsOn.
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--template"]
    done = subprocess.run(
        [*command, str(organization / f"{stack}.template.json")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_state_machine_is_valid_amazon_states_language(organization: Path, tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(definition(load(organization, HUB))).replace("<AWS::Partition>", "aws"))
    node, validator = Path(sys.executable).with_name("node"), ROOT / "node_modules" / ".bin" / "asl-validator"
    done = subprocess.run(
        [str(node), str(validator), "--json-path", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is valid" in done.stdout


def test_the_map_is_distributed_and_reads_its_batches_from_the_bucket(organization: Path) -> None:
    states = definition(load(organization, HUB))["States"]
    sweep = states["Sweep"]
    assert sweep["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert sweep["ItemReader"]["ReaderConfig"] == {"InputType": "JSON"}
    assert (sweep["MaxConcurrency"], sweep["ToleratedFailurePercentage"]) == (WORKERS, 100)
    assert not {"ItemBatcher", "ResultWriter"} & set(sweep)
    assert states["Summary"]["Next"] == "AnotherRound"
    assert states["NotSwept"]["CausePath"] == "$.cause"


def test_only_lambdas_own_passing_errors_are_tried_again_and_a_failed_summary(organization: Path) -> None:
    states = definition(load(organization, HUB))["States"]
    for task in (states["Plan"], states["Summary"], states["Sweep"]["ItemProcessor"]["States"]["Batch"]):
        retry = task["Retry"][0]
        assert all(error.startswith("Lambda.") for error in retry["ErrorEquals"])
        assert "Lambda.Unknown" not in retry["ErrorEquals"]
        assert (retry["JitterStrategy"], retry["BackoffRate"]) == ("FULL", 2)
    again = {name: task["Retry"][1:] for name, task in states.items() if "Retry" in task}
    assert [name for name, others in again.items() if others] == ["Summary"]


def test_every_function_has_its_handler_and_its_settings(
    organization: Path, monkeypatch: pytest.MonkeyPatch, policy_file: Path, tmp_path: Path
) -> None:
    functions = of_type(load(organization, HUB), "AWS::Lambda::Function").items()
    policy = tmp_path / "policy.json"
    policy.write_bytes(compile_files(*read_files(policy_file)).policy.to_json())
    monkeypatch.setenv("POLICY_FILE", str(policy))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    handlers = set()
    for logical_id, function in functions:
        if logical_id.startswith("Courier"):
            continue
        properties = function["Properties"]
        for name, value in properties["Environment"]["Variables"].items():
            monkeypatch.setenv(name, plain(value))
        module, _, name = properties["Handler"].rpartition(".")
        monkeypatch.delitem(sys.modules, module, raising=False)
        assert callable(getattr(importlib.import_module(module), name))
        handlers.add(module.rpartition(".")[2])
        memory = 256 if module.endswith("batch_handler") else 512
        assert (properties["Timeout"], properties["MemorySize"]) == (900, memory)
    assert handlers == {"plan_handler", "batch_handler", "summary_handler"}


def test_the_courier_reads_the_names_of_the_accounts(organization: Path) -> None:
    hub = load(organization, HUB)
    (courier,) = [each for name, each in of_type(hub, "AWS::Lambda::Function").items() if name.startswith("Courier")]
    table = courier["Properties"]["Environment"]["Variables"]["ORGANIZATION_TABLE"]["Ref"]
    assert table.startswith("ResponderOrganization")
    (policy,) = [each for name, each in of_type(hub, "AWS::IAM::Policy").items() if name.startswith("CourierRole")]
    allowed = {"Action": "dynamodb:GetItem", "Effect": "Allow", "Resource": {"Fn::GetAtt": [table, "Arn"]}}
    assert allowed in policy["Properties"]["PolicyDocument"]["Statement"]


def test_the_settings_reach_the_functions(organization: Path) -> None:
    functions = of_type(load(organization, HUB), "AWS::Lambda::Function")
    (plan,) = [each for name, each in functions.items() if name.startswith("ResponderPlan")]
    environment = plan["Properties"]["Environment"]["Variables"]
    assert read_names(environment, "ORGANIZATION_UNITS") == {"ou-exam-production", "ou-exam-research00"}
    assert read_names(environment, "LEAVE_OUT") == {"333333333333", "ou-exam-sandboxes0"}
    assert (read_rate(environment), read_schedule(environment).total_seconds()) == (4.5, 1800)
    (summary,) = [each for name, each in functions.items() if name.startswith("ResponderSummary")]
    assert summary["Properties"]["Environment"]["Variables"]["MARKS_TABLE"]["Ref"].startswith("Marks")


def test_the_member_role_allows_exactly_what_the_policy_asks_for(organization: Path, policy_file: Path) -> None:
    template = load(organization, MEMBER)
    policy = compile_files(*read_files(policy_file)).policy
    expected = answer_permissions(policy, partition="<AWS::Partition>").documents
    documents = [
        each["Properties"]["PolicyDocument"]
        for each in of_type(template, "AWS::IAM::Policy").values()
        if each["Condition"] == "HasRole"
    ]
    assert [by_sid(plain(document)) for document in documents] == [by_sid(document) for document in expected]
    allowed = {action for statement in by_sid(plain(documents[0])).values() for action in statement["Action"]}
    assert allowed == {
        "organizations:ListHandshakesForAccount",
        "organizations:DescribeHandshake",
        "organizations:DescribeOrganization",
        "organizations:ListOutboundResponsibilityTransfers",
        "organizations:DeclineHandshake",
        "organizations:AcceptHandshake",
        "iam:CreateServiceLinkedRole",
    }


def by_sid(document: Any) -> dict[str, Any]:
    """The statements by name, with lists where IAM takes one value, too."""

    def as_list(value: Any) -> list[Any]:
        return sorted(value) if isinstance(value, list) else [value]

    return {
        statement["Sid"]: {
            **statement,
            "Action": as_list(statement["Action"]),
            "Resource": as_list(statement["Resource"]),
        }
        for statement in document["Statement"]
    }


def test_the_member_role_trusts_the_hubs_role_alone(organization: Path) -> None:
    roles = of_type(load(organization, MEMBER), "AWS::IAM::Role").values()
    (role,) = (each for each in roles if each["Condition"] == "HasRole")
    (statement,) = plain(role["Properties"]["AssumeRolePolicyDocument"]["Statement"])
    assert role["Properties"]["RoleName"] == ROLE_NAME
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:<AWS::Partition>:iam::<HubAccount>:root"},
        "Condition": {
            "StringEquals": {
                "aws:PrincipalArn": f"arn:<AWS::Partition>:iam::<HubAccount>:role/{HUB_ROLE_NAME}",
                "sts:ExternalId": EXTERNAL_ID,
            }
        },
    }
    names = [each["Properties"].get("RoleName") for each in of_type(load(organization, HUB), "AWS::IAM::Role").values()]
    assert names.count(HUB_ROLE_NAME) == 1


def test_the_stack_set_makes_the_same_role(organization: Path) -> None:
    (stack_set,) = of_type(load(organization, HUB), "AWS::CloudFormation::StackSet").values()
    properties = stack_set["Properties"]
    found = re.search(r"([0-9a-f]{64})\.json$", properties["TemplateURL"]["Fn::Sub"])
    assert found
    template = json.loads((organization / f"asset.{found[1]}.json").read_text())
    assert template == load(organization, MEMBER)
    assert properties["CallAs"] == "DELEGATED_ADMIN"
    assert properties["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}
    assert {each["ParameterKey"]: plain(each["ParameterValue"]) for each in properties["Parameters"]} == {
        "HubAccount": "<AWS::AccountId>",
        "HubRegion": "<AWS::Region>",
        "RoleRegion": "<AWS::Region>",
    }
    (group,) = properties["StackInstancesGroup"]
    condition, in_it, elsewhere = group["Regions"]["Fn::If"]
    assert load(organization, HUB)["Conditions"][condition] == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    assert (plain(in_it), plain(elsewhere)) == (["<AWS::Region>"], ["<AWS::Region>", "us-east-1"])
    assert group["DeploymentTargets"]["OrganizationalUnitIds"] == ["ou-exam-production", "ou-exam-research00"]


def test_no_sweep_begins_before_the_members_have_their_role(organization: Path) -> None:
    template = load(organization, HUB)
    (schedule,) = of_type(template, "AWS::Scheduler::Schedule").values()
    assert set(of_type(template, "AWS::CloudFormation::StackSet")) <= set(schedule["DependsOn"])


def test_an_account_keeps_its_ledger_and_topic_when_it_becomes_the_hub(
    organization: Path, template: dict[str, Any]
) -> None:
    hub = load(organization, HUB)
    assert set(of_type(template, "AWS::DynamoDB::GlobalTable")) < set(of_type(hub, "AWS::DynamoDB::GlobalTable"))
    assert set(of_type(template, "AWS::SNS::Topic")) == set(of_type(hub, "AWS::SNS::Topic"))
    assert set(of_type(template, "AWS::Logs::LogGroup")) == set(of_type(hub, "AWS::Logs::LogGroup"))
    (ledger,) = (name for name in of_type(template, "AWS::DynamoDB::GlobalTable") if name.startswith("Ledger"))
    assert (
        hub["Resources"][ledger]["Properties"]["KeySchema"] == template["Resources"][ledger]["Properties"]["KeySchema"]
    )


def test_every_alarm_tells_the_topic_and_stands_on_the_dashboard(organization: Path) -> None:
    hub = load(organization, HUB)
    alarms = of_type(hub, "AWS::CloudWatch::Alarm")
    assert {re.sub(r"[0-9A-F]{8}$", "", name.removeprefix("Alarms")) for name in alarms} >= {
        "AccountsNotSwept",
        "LongestWithoutSweep",
        "ScheduleTooTight",
        "SweepErrors",
        "Silence",
        "Breach",
    }
    assert all(len(each["Properties"]["AlarmActions"]) == 1 for each in alarms.values())
    (dashboard,) = of_type(hub, "AWS::CloudWatch::Dashboard").values()
    assert all(f"<{name}>" in plain(dashboard["Properties"]["DashboardBody"]) for name in alarms)


def test_the_estimate_counts_the_alarms_by_their_metrics(organization: Path) -> None:
    alarms = of_type(load(organization, HUB), "AWS::CloudWatch::Alarm").values()
    metrics = [each["Properties"].get("Metrics", [{"MetricStat": {}}]) for each in alarms]
    assert sum("MetricStat" in metric for some in metrics for metric in some) == ALARM_METRICS


def resolve(value: Any, known: dict[str, Any]) -> Any:
    """The value of CloudFormation's expression, conditions included; `known` has parameters and conditions."""
    if not isinstance(value, dict):
        return value
    ((name, argument),) = value.items()
    if name in ("Ref", "Condition"):
        return resolve(known[argument], known) if name == "Condition" else known[argument]
    parts = [resolve(part, known) for part in argument]
    return {
        "Fn::Equals": parts[0] == parts[-1],
        "Fn::Not": not parts[0],
        "Fn::Or": any(parts),
        "Fn::And": all(parts),
    }[name]


@pytest.mark.parametrize(
    ("region", "parameters", "made"),
    [
        pytest.param("us-east-1", {}, {"HasRole"}, id="by hand, as before there were rules"),
        pytest.param("us-east-1", {"HubRegion": "eu-west-1"}, {"HasRole", "HasRule"}, id="by hand, in the home Region"),
        pytest.param("eu-west-1", {"HubRegion": "eu-west-1"}, {"HasRole"}, id="by hand, in another Region"),
        pytest.param(
            "us-east-1",
            {"HubRegion": "us-east-1", "RoleRegion": "us-east-1"},
            {"HasRole", "HasRule"},
            id="by a hub in the home Region",
        ),
        pytest.param(
            "eu-west-1", {"HubRegion": "eu-west-1", "RoleRegion": "eu-west-1"}, {"HasRole"}, id="in the hub's Region"
        ),
        pytest.param(
            "us-east-1", {"HubRegion": "eu-west-1", "RoleRegion": "eu-west-1"}, {"HasRule"}, id="in the home Region"
        ),
        pytest.param(
            "us-gov-west-1",
            {"HubRegion": "us-gov-east-1", "RoleRegion": "us-gov-east-1"},
            {"HasRule"},
            id="in that of GovCloud",
        ),
    ],
)
def test_each_region_of_a_member_has_what_it_needs(
    organization: Path, region: str, parameters: dict[str, str], made: set[str]
) -> None:
    template = load(organization, MEMBER)
    defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
    assert defaults == {"HubAccount": None, "HubRegion": "", "RoleRegion": ""}
    conditions = template["Conditions"]
    assert {each["Condition"] for each in template["Resources"].values()} == set(conditions)
    known = defaults | parameters | {"AWS::Region": region} | conditions
    holding = {name for name in conditions if resolve(conditions[name], known)}
    assert {name.replace("Events", "")[:7] for name in holding} == made


def test_a_member_hands_on_what_others_do_there(organization: Path) -> None:
    template = load(organization, MEMBER)
    (rule,) = (each["Properties"] for each in of_type(template, "AWS::Events::Rule").values())
    text = json.dumps(plain(rule["EventPattern"]))
    pattern = json.loads(text.replace("<AWS::Partition>", "aws").replace("<AWS::AccountId>", "222222222222"))
    pattern = json.loads(json.dumps(pattern).replace("<HubAccount>", "333333333333"))

    def matches(event: dict[str, Any]) -> bool:
        return bool(EventPattern(None, pattern).matches_event(event))

    assert matches(called("AcceptHandshake"))
    assert matches(called("AccountDepartedOrganization", role=None))
    assert not matches(called("AcceptHandshake", errorCode="AccessDeniedException"))
    assert not matches(called("DeclineHandshake", role=f"arn:aws:iam::222222222222:role/{ROLE_NAME}"))
    assert not matches(called("DeclineHandshake", role=f"arn:aws:iam::333333333333:role/{HUB_ROLE_NAME}"))
    (target,) = rule["Targets"]
    bus = "arn:<AWS::Partition>:events:<HubRegion>:<HubAccount>:event-bus/InvitationResponder"
    assert plain(target["Arn"]) == bus
    roles = of_type(template, "AWS::IAM::Role")
    role = roles[target["RoleArn"]["Fn::GetAtt"][0]]
    assert role["Properties"]["RoleName"] == EVENTS_ROLE_NAME
    (policy,) = (
        each["Properties"]
        for each in of_type(template, "AWS::IAM::Policy").values()
        if each["Condition"] == role["Condition"]
    )
    assert plain(policy["PolicyDocument"]["Statement"]) == [
        {"Action": "events:PutEvents", "Effect": "Allow", "Resource": bus}
    ]


def test_the_hub_lets_in_what_members_hand_on_and_nothing_else(organization: Path) -> None:
    (bus,) = (each["Properties"] for each in of_type(load(organization, HUB), "AWS::Events::EventBus").values())
    assert bus["Name"] == BUS_NAME
    (statement,) = plain(bus["Policy"]["Statement"])
    assert statement["Action"] == "events:PutEvents"
    assert statement["Resource"].endswith(f":event-bus/{BUS_NAME}")
    senders = f"arn:<AWS::Partition>:iam::*:role/{EVENTS_ROLE_NAME}"
    assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": senders}}


def test_events_of_the_hub_and_of_members_reach_one_queue(organization: Path) -> None:
    template = load(organization, HUB)
    rules = [each["Properties"] for each in of_type(template, "AWS::Events::Rule").values()]
    own, members = (rule for rule in rules if rule["EventPattern"]["source"] == ["aws.organizations"])
    assert own["Targets"][0]["Arn"] == members["Targets"][0]["Arn"]
    assert "EventBusName" not in own
    (bus,) = of_type(template, "AWS::Events::EventBus")
    assert members["EventBusName"] == {"Ref": bus}
    (batch,) = (name for name in of_type(template, "AWS::IAM::Role") if name.startswith("ResponderBatchRole"))
    own_pattern = json.dumps(own["EventPattern"]).replace(json.dumps({"Fn::GetAtt": [batch, "Arn"]}), '"own"')
    assert not EventPattern(None, json.loads(own_pattern)).matches_event(called("AcceptHandshake", role="own"))
    for pattern in (json.loads(own_pattern), members["EventPattern"]):
        assert EventPattern(None, pattern).matches_event(called("AcceptHandshake"))
        assert not EventPattern(None, pattern).matches_event(called("AcceptHandshake", errorCode="AccessDenied"))
    mappings = [each["Properties"] for each in of_type(template, "AWS::Lambda::EventSourceMapping").values()]
    (mapping,) = (each for each in mappings if plain(each["FunctionName"]).startswith("<ResponderBatch"))
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    queues = of_type(template, "AWS::SQS::Queue")
    (queue,) = (queues[name]["Properties"] for name in queues if name.startswith("ResponderTrigger"))
    attempts = queue["RedrivePolicy"]["maxReceiveCount"]
    assert queue["MessageRetentionPeriod"] > attempts * queue["VisibilityTimeout"], "else none reached the dead letters"


def test_the_home_region_hands_the_hubs_own_events_on(organization: Path) -> None:
    (rule,) = of_type(load(organization, "InvitationResponderHomeRegion"), "AWS::Events::Rule").values()
    assert ":events:eu-west-1:" in json.dumps(rule["Properties"]["Targets"][0]["Arn"])


def test_a_hub_in_the_home_region_deploys_to_no_other_one(
    tmp_path: Path, policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDK_DEFAULT_REGION", "us-east-1")
    context = {"policy": str(policy_file), "scope": "organization", "organization_units": "r-exam"}
    assert run_app(tmp_path / "out", context).returncode == 0
    (stack_set,) = of_type(load(tmp_path / "out", HUB), "AWS::CloudFormation::StackSet").values()
    (group,) = stack_set["Properties"]["StackInstancesGroup"]
    assert plain(group["Regions"]) == ["<AWS::Region>"]
    assert not (tmp_path / "out" / "InvitationResponderHomeRegion.template.json").exists()
