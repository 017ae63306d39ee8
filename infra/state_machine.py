"""The state machine of the hub: plan, a Distributed Map over the batches, summarize, and another round or the end."""

from typing import Any, Final, cast

from aws_cdk import Acknowledgment, CfnElement, Duration, Stack, Validations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.function import in_seconds
from invitation_responder.organization.batches import FUNCTION_TIMEOUT, WORKERS

# Lambda's own errors that pass (Step Functions developer guide, "Handle transient Lambda service exceptions"). A
# function that dies by itself is not tried again: what it has begun may be under way until its time is over.
_PASSING_ERRORS: Final = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
_MAP_LABEL: Final = "Batches"


def make_state_machine(
    scope: Construct, *, plan: lambda_.Function, batch: lambda_.Function, summary: lambda_.Function, batches: s3.Bucket
) -> sfn.StateMachine:
    """The state machine that runs the three functions; the map reads its items from the bucket `batches`.

    A failed batch fails alone.
    """
    planned = _task(
        scope,
        "Plan",
        plan,
        payload=sfn.TaskInput.from_object(
            {"sweep": sfn.JsonPath.string_at("$$.Execution.Name"), "input": sfn.JsonPath.object_at("$")}
        ),
    )
    sweep = _sweep(scope, _task(scope, "Batch", batch), batches)
    summarized = _summary(scope, summary)
    # What can't be read or started is summarized, too: it names each account as not swept.
    sweep.add_catch(summarized, result_path=sfn.JsonPath.DISCARD)
    begin = (
        sfn.Choice(scope, "AnythingToSweep")
        .when(sfn.Condition.is_present("$.skipped"), sfn.Succeed(scope, "AnotherSweepIsRunning"))
        .when(sfn.Condition.number_equals("$.batches", 0), summarized)
        .otherwise(sweep)
    )
    another_round = (
        sfn.Choice(scope, "AnotherRound")
        .when(sfn.Condition.boolean_equals("$.again", True), sweep)
        .when(
            sfn.Condition.number_greater_than("$.not_swept", 0),
            sfn.Fail(scope, "NotSwept", error="AccountsNotSwept", cause_path="$.cause"),
        )
        .otherwise(sfn.Succeed(scope, "Swept"))
    )
    sweep.next(summarized).next(another_round)
    machine = sfn.StateMachine(
        scope,
        "StateMachine",
        comment="Sweeps the handshakes of every account of the organization",
        definition_body=sfn.DefinitionBody.from_chainable(planned.next(begin)),
    )
    _acknowledge(machine, (plan, batch, summary), batches)
    return machine


def _sweep(scope: Construct, task: tasks.LambdaInvoke, batches: s3.Bucket) -> sfn.DistributedMap:
    sweep = sfn.DistributedMap(
        scope,
        "Sweep",
        label=_MAP_LABEL,
        map_execution_type=sfn.StateMachineType.STANDARD,  # an express one ends after five minutes
        item_reader=sfn.S3JsonItemReader(bucket=batches, key=sfn.JsonPath.string_at("$.key")),
        max_concurrency=WORKERS,
        tolerated_failure_percentage=100,
        result_path=sfn.JsonPath.DISCARD,
    )
    sweep.item_processor(task)
    return sweep


def _summary(scope: Construct, function: lambda_.Function) -> tasks.LambdaInvoke:
    task = _task(scope, "Summary", function)
    # It can be done again: without it, no sweep begins before the lease of this one has ended.
    task.add_retry(
        errors=["States.TaskFailed"],
        interval=Duration.seconds(10),
        max_attempts=5,
        backoff_rate=2,
        jitter_strategy=sfn.JitterType.FULL,
    )
    return task


def _task(scope: Construct, name: str, function: lambda_.Function, **options: Any) -> tasks.LambdaInvoke:
    task = tasks.LambdaInvoke(
        scope,
        f"{name}Step",
        state_name=name,
        lambda_function=function,
        output_path="$.Payload",
        retry_on_service_exceptions=False,
        task_timeout=sfn.Timeout.duration(in_seconds(FUNCTION_TIMEOUT).plus(Duration.minutes(1))),
        **options,
    )
    task.add_retry(
        errors=list(_PASSING_ERRORS),
        interval=Duration.seconds(2),
        max_attempts=6,
        backoff_rate=2,
        max_delay=Duration.minutes(1),
        jitter_strategy=sfn.JitterType.FULL,
    )
    return task


def _acknowledge(machine: sfn.StateMachine, functions: tuple[lambda_.Function, ...], batches: s3.Bucket) -> None:
    """Acknowledge cdk-nag's findings about the state machine and the role that the CDK makes for it."""
    stack = Stack.of(machine)

    def id_of(construct: Construct) -> str:
        return stack.get_logical_id(cast("CfnElement", construct.node.default_child))

    findings = {f"Resource::<{id_of(function)}.Arn>:*": "The versions of the one function." for function in functions}
    findings[f"Resource::arn:<AWS::Partition>:s3:::<{id_of(batches)}>/*"] = "The batches of every sweep."
    name = f'{{"Fn::Select":[6,{{"Fn::Split":[":",{{"Ref":"{id_of(machine)}"}}]}}]}}'
    executions = f"Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:{name}"
    for runs in (":*", f"/{_MAP_LABEL}:*"):
        findings[executions + runs] = "The executions of the one state machine, and its batches."
    Validations.of(machine).acknowledge(
        *(
            Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[{finding}]", reason=reason)
            for finding, reason in findings.items()
        ),
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-SF1",
            reason="The functions log every decision, and an execution's history is kept for 90 days by itself.",
        ),
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-SF2",
            reason="Three functions in a row need no traces: the log has their times.",
        ),
    )
