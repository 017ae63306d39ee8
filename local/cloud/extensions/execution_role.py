"""The role of a state machine, with `AUTH=true`: ministack invokes and reads for an execution without any role.

These calls need a permission: invoking a function, reading the items of a distributed Map from S3, and starting its
children. Other integrations remain unchecked.
"""

import contextvars
from typing import Any

from ministack.services import lambda_svc, stepfunctions

from local.cloud.extensions.iam import denial

_role: contextvars.ContextVar[str] = contextvars.ContextVar("role")
"""The ARN of the role of the execution in this thread."""

_run_execution = stepfunctions._run_execution  # noqa: SLF001


def _run_with_role(execution_arn: str) -> None:
    execution = stepfunctions._executions.get(execution_arn) or {}  # noqa: SLF001
    machine = stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {}  # noqa: SLF001
    _role.set(machine.get("roleArn", ""))
    _run_execution(execution_arn)


def _demand(action: str, resource: str, error_name: str) -> None:
    """Fail with an error of that name unless the execution's role allows the action on the resource."""
    if message := denial(_role.get(), action, resource):
        raise stepfunctions._ExecutionError(error_name, message)  # noqa: SLF001


_call_lambda = stepfunctions._call_lambda  # noqa: SLF001


def _call_function(function: str, event: Any) -> Any:
    _, configuration, _ = lambda_svc._get_func_record_for_ref(function)  # noqa: SLF001
    if configuration:
        _demand("lambda:InvokeFunction", configuration["FunctionArn"], "Lambda.AWSLambdaException")
    return _call_lambda(function, event)


_s3_object_text = stepfunctions._s3_object_text  # noqa: SLF001


def _read_object(bucket: str, key: str) -> Any:
    _demand("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", "States.ItemReaderFailed")
    return _s3_object_text(bucket, key)


_run_distributed_map = stepfunctions._run_distributed_map  # noqa: SLF001


def _run_map(*arguments: Any) -> Any:
    execution = arguments[4]
    # The name of this error is not documented.
    _demand("states:StartExecution", execution["stateMachineArn"], "StepFunctions.AccessDeniedException")
    return _run_distributed_map(*arguments)


def install() -> None:
    """Hold executions to the role of their state machine."""
    stepfunctions._run_execution = _run_with_role  # noqa: SLF001
    stepfunctions._call_lambda = _call_function  # noqa: SLF001
    stepfunctions._s3_object_text = _read_object  # noqa: SLF001
    stepfunctions._run_distributed_map = _run_map  # noqa: SLF001
