"""Step Functions: what ministack would ignore is refused, errors have AWS's names, executions have metrics."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch, lambda_svc, stepfunctions
from ministack.services.cloudformation import provisioners

from local.cloud.states_language import ignored_fields

Request = dict[str, Any]

METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
"""Status of an execution → its metric in AWS/States."""


def _refusal(definition: str) -> str:
    """Why the definition is refused; empty for one that ministack honors as a whole."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        return f"the definition is no JSON: {error}"
    ignored = ignored_fields(machine)
    return f"the local cloud would ignore {'; '.join(ignored)}" if ignored else ""


_sfn_definition = provisioners._sfn_definition  # noqa: SLF001


def _checked_definition(properties: Mapping[str, Any]) -> str:
    definition = str(_sfn_definition(properties))
    if refusal := _refusal(definition):
        raise ValueError(refusal)
    return definition


def _checking(operation: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """CreateStateMachine or UpdateStateMachine, which refuses what ministack would ignore."""

    def check(request: Request) -> Any:
        if "definition" in request and (refusal := _refusal(request["definition"])):
            return error_response_json("InvalidDefinition", refusal, 400)
        return operation(request)

    return check


_read_map_items = stepfunctions._read_map_items  # noqa: SLF001


def _read_items(*arguments: Any) -> list[Any]:
    """The items of a Map's ItemReader; what can't be read is an error that a state can catch."""
    error_type = stepfunctions._ExecutionError  # noqa: SLF001
    try:
        items = _read_map_items(*arguments)
    except error_type:
        raise
    except Exception as error:
        raise error_type("States.ItemReaderFailed", str(error)) from error
    if not isinstance(items, list):
        raise error_type("States.ItemReaderFailed", "Attempting to map over non-iterable node.")
    return items


_call_lambda = stepfunctions._call_lambda  # noqa: SLF001


def _call_function(function: str, event: Any) -> Any:
    """Invoke a function. The error of a call that Lambda itself rejects has its name, as in a throttled one."""
    error_type = stepfunctions._ExecutionError  # noqa: SLF001
    try:
        return _call_lambda(function, event)
    except error_type as error:
        try:
            name = json.loads(error.cause)["__type"]
        except (ValueError, KeyError, TypeError):
            raise error from None
        raise error_type(f"Lambda.{name}", error.cause) from error


_execute_function_warm = lambda_svc._execute_function_warm  # noqa: SLF001


def _execute_function(*arguments: Any) -> dict[str, Any]:
    """Run a function. The errorType of an exception is its class, which ministack calls Runtime.HandlerError."""
    result: dict[str, Any] = _execute_function_warm(*arguments)
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        # The log ends with the traceback, whose last line is `module.Class: message`.
        traceback = (
            result.get("log", "").rstrip().removesuffix(body["errorMessage"].rstrip()).rstrip().removesuffix(":")
        )
        name = traceback.splitlines()[-1].rpartition(".")[2] if traceback else ""
        if name.isidentifier():
            body["errorType"] = name
    return result


_emit_execution_status_event = stepfunctions._emit_execution_status_event  # noqa: SLF001


def _emit_status(execution: dict[str, Any]) -> None:
    _emit_execution_status_event(execution)
    datum = {
        "MetricName": METRICS[execution["status"]],
        "Dimensions": [{"Name": "StateMachineArn", "Value": execution["stateMachineArn"]}],
        "Unit": "Count",
        "Value": 1,
    }
    request = {"Namespace": "AWS/States", "MetricData": [datum]}
    cloudwatch._put_metric_data({}, request, False, is_json=True)  # noqa: SLF001 - as its own API calls it


def install() -> None:
    """Make Step Functions refuse what it would ignore, name errors as AWS does, and count executions."""
    provisioners._sfn_definition = _checked_definition  # noqa: SLF001
    stepfunctions._create_state_machine = _checking(stepfunctions._create_state_machine)  # noqa: SLF001
    stepfunctions._update_state_machine = _checking(stepfunctions._update_state_machine)  # noqa: SLF001
    stepfunctions._read_map_items = _read_items  # noqa: SLF001
    stepfunctions._call_lambda = _call_function  # noqa: SLF001
    stepfunctions._emit_execution_status_event = _emit_status  # noqa: SLF001
    lambda_svc._execute_function_warm = _execute_function  # noqa: SLF001
