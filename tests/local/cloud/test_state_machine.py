"""A state machine as the sweep of an organization needs it: a distributed Map over a list in S3, until nothing is left.

Its role, and the schedule's, are held to what they allow.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud.cloud import ACCOUNT, REGION, Cloud, wait_for
from local.cloud.ministack import start_cloud

pytestmark = pytest.mark.xdist_group("cloud")

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep"
CODE = """
import pathlib, tempfile

class Throttled(Exception):
    pass

def handle(event, context):
    if "item" not in event:
        return {"rounds": event["rounds"] + 1, "more": event["rounds"] < 2, "run": event["run"]}
    if event["item"] == "broken":
        raise ValueError("no such account")
    marker = pathlib.Path(tempfile.gettempdir(), event["run"])
    if event["item"] == "throttled" and not marker.exists():
        marker.touch()
        raise Throttled
    return event["item"]
"""


def task(payload: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A task that invokes the function."""
    invoke = {"FunctionName": FUNCTION, "Payload": payload}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": invoke} | fields


SWEEP = {
    "Type": "Map",
    "Label": "Sweep",
    "MaxConcurrency": 2,
    "ToleratedFailurePercentage": 100,
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "work", "Key.$": "States.Format('{}.json', $.state.run)"},
    },
    "ItemSelector": {"item.$": "$$.Map.Item.Value", "run.$": "$$.Execution.Name"},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Account",
        "States": {
            "Account": task(
                {"item.$": "$.item", "run.$": "$.run"},
                Retry=[{"ErrorEquals": ["Throttled"], "IntervalSeconds": 5, "MaxAttempts": 1, "BackoffRate": 2}],
                TimeoutSeconds=30,
                End=True,
            )
        },
    },
    "ResultPath": None,
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Broken"}],
    "Next": "Count",
}
MACHINE = {
    "StartAt": "Begin",
    "States": {
        "Begin": {
            "Type": "Pass",
            "Parameters": {"state": {"rounds": 0, "run.$": "$$.Execution.Name"}},
            "Next": "Sweep",
        },
        "Sweep": SWEEP,
        "Count": task(
            {"rounds.$": "$.state.rounds", "run.$": "$.state.run"},
            ResultSelector={"state.$": "$.Payload"},
            Next="Choose",
        ),
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.state.more", "BooleanEquals": True, "Next": "Sweep"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Broken": {"Type": "Fail", "Error": "SweepFailed", "CausePath": "$.error.Cause"},
    },
}
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:sweep"


def role(name: str, service: str, *allowed: tuple[str, str]) -> dict[str, Any]:
    """A role of a service, which may do these actions on these resources."""
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    document = {"Version": "2012-10-17", "Statement": statements}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": assume},
            "Policies": [{"PolicyName": "Allowed", "PolicyDocument": document}] if allowed else [],
        },
    }


TEMPLATE = {
    "Resources": {
        "Nothing": role("nothing", "lambda"),
        "Execution": role(
            "execution",
            "states",
            ("lambda:InvokeFunction", FUNCTION),
            ("s3:GetObject", "arn:aws:s3:::work/*"),
            ("states:StartExecution", ARN),
        ),
        "Starter": role("starter", "scheduler", ("states:StartExecution", ARN)),
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": "sweep",
                "RoleArn": {"Fn::GetAtt": ["Execution", "Arn"]},
                "DefinitionString": json.dumps(MACHINE),
            },
        },
        "Failures": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": "failures",
                "Namespace": "AWS/States",
                "MetricName": "ExecutionsFailed",
                "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": "Machine"}}],
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            },
        },
    }
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A cloud with the state machine, whose waits are no waits, its function and its bucket."""
    with start_cloud(auth=True, wait_scale=0) as cloud:
        cloud.client("s3").create_bucket(Bucket="work", CreateBucketConfiguration={"LocationConstraint": REGION})
        cloud.client("cloudformation").create_stack(
            StackName="hub", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        assert cloud.wait_for_stack("hub") == "CREATE_COMPLETE"
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("sweep.py", CODE)
        cloud.client("lambda").create_function(
            FunctionName="sweep",
            Runtime="python3.13",
            Handler="sweep.handle",
            Role=f"arn:aws:iam::{ACCOUNT}:role/nothing",
            Code={"ZipFile": code.getvalue()},
        )
        yield cloud


def run(cloud: Cloud, name: str, items: object, *, machine: str = ARN) -> dict[str, Any]:
    """Put the list of items, and execute the state machine; returns the ended execution."""
    cloud.client("s3").put_object(Bucket="work", Key=f"{name}.json", Body=json.dumps(items))
    return cloud.execute(machine, name=name)


def test_it_sweeps_until_nothing_is_left(cloud: Cloud) -> None:
    ended = run(cloud, "rounds", ["fine", "broken", "throttled"])
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["state"] == {"rounds": 3, "more": False, "run": "rounds"}
    states = cloud.client("stepfunctions")
    runs = states.list_map_runs(executionArn=ended["executionArn"])["mapRuns"]
    counts = [states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"] for run in runs]
    assert [(count["succeeded"], count["failed"]) for count in counts] == [(2, 1)] * 3


def test_a_failed_child_has_the_exception_as_its_error(cloud: Cloud) -> None:
    ended = run(cloud, "errors", ["broken"])
    states = cloud.client("stepfunctions")
    runs = states.list_map_runs(executionArn=ended["executionArn"])["mapRuns"]
    [child] = states.list_executions(mapRunArn=runs[0]["mapRunArn"])["executions"]
    described = states.describe_execution(executionArn=child["executionArn"])
    assert (described["error"], json.loads(described["cause"])["errorMessage"]) == ("ValueError", "no such account")


@pytest.mark.parametrize(
    ("items", "cause"),
    [
        pytest.param({"not": "a list"}, "Attempting to map over non-iterable node.", id="an object"),
        pytest.param(None, "Attempting to map over non-iterable node.", id="null"),
    ],
)
def test_what_is_no_list_is_caught(cloud: Cloud, items: object, cause: str) -> None:
    ended = run(cloud, f"broken-{type(items).__name__}", items)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "SweepFailed", cause)


def test_a_missing_list_is_caught_and_an_alarm_rings(cloud: Cloud) -> None:
    ended = cloud.execute(ARN, name="missing")
    assert (ended["error"], "work, Key: missing.json" in ended["cause"]) == ("SweepFailed", True)
    [alarm] = cloud.client("cloudwatch").describe_alarms(AlarmNames=["failures"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


@pytest.mark.parametrize("action", ["states:StartExecution", "s3:GetObject", "lambda:InvokeFunction"])
def test_the_role_needs(cloud: Cloud, action: str) -> None:
    name = action.replace(":", "-")
    allowed = {"lambda:InvokeFunction": FUNCTION, "s3:GetObject": "arn:aws:s3:::work/*", "states:StartExecution": "*"}
    del allowed[action]
    poor = role(name, "states", *allowed.items())["Properties"]
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(poor["AssumeRolePolicyDocument"]))["Role"]
    [policy] = poor["Policies"]
    iam.put_role_policy(RoleName=name, PolicyName="Allowed", PolicyDocument=json.dumps(policy["PolicyDocument"]))
    machine = cloud.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(MACHINE), roleArn=arn["Arn"]
    )["stateMachineArn"]
    ended = run(cloud, f"poor-{name}", ["fine"], machine=machine)
    assert ended["status"] == "FAILED"
    assert f"is not authorized to perform: {action} on resource: arn:aws:" in ended["cause"]


def start_by_schedule(cloud: Cloud, name: str, role: str) -> None:
    """Create a schedule that is due now."""
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": ARN, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "Input": json.dumps({"by": name})},
    )


def test_a_schedule_starts_it_if_its_role_may(cloud: Cloud) -> None:
    states = cloud.client("stepfunctions")

    def starters() -> list[str]:
        executions = states.list_executions(stateMachineArn=ARN)["executions"]
        inputs = [
            json.loads(states.describe_execution(executionArn=one["executionArn"])["input"]) for one in executions
        ]
        return [given["by"] for given in inputs if "by" in given]

    start_by_schedule(cloud, "poor", "nothing")
    start_by_schedule(cloud, "rich", "starter")
    assert wait_for(starters, seconds=10)
    assert starters() == ["rich"]


BATCHES = {"StartAt": "Sweep", "States": {"Sweep": SWEEP | {"ItemBatcher": {"MaxItemsPerBatch": 5}}}}
IGNORED = "the local cloud would ignore `ItemBatcher` in state `Sweep`"


def test_what_would_be_ignored_fails_a_deployment(cloud: Cloud) -> None:
    properties = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/execution", "DefinitionString": json.dumps(BATCHES)}
    template = {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName="batches", TemplateBody=json.dumps(template))
    assert cloud.wait_for_stack("batches") == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="batches")["StackEvents"]
    assert IGNORED in [event.get("ResourceStatusReason") for event in events]


def test_what_would_be_ignored_is_refused_by_the_api(cloud: Cloud) -> None:
    states, definition = cloud.client("stepfunctions"), json.dumps(BATCHES)
    with pytest.raises(ClientError, match=IGNORED):
        states.create_state_machine(
            name="batches", definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/execution"
        )
    with pytest.raises(ClientError, match=IGNORED):
        states.update_state_machine(stateMachineArn=ARN, definition=definition)
