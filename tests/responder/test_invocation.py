"""One invocation of a function: its cause, its account, and a name that no other one has."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invitation_responder.invocation import account_of, is_covered, unique_id


@dataclass
class Context:
    """The part of Lambda's context that these functions read."""

    invoked_function_arn: str = ""
    aws_request_id: str = "request-1"


def context(arn: str = "") -> Any:
    return Context(arn)


def test_the_account_is_the_one_in_the_functions_arn() -> None:
    assert account_of(context("arn:aws-cn:lambda:cn-north-1:333333333333:function:f:alias")) == "333333333333"


@pytest.mark.parametrize(
    "arn", ["", "f", "arn:aws:lambda:eu-west-1::function:f", "arn:aws:lambda:eu-west-1:12345678901:function:f"]
)
def test_an_arn_without_an_account_is_refused(arn: str) -> None:
    with pytest.raises(ValueError, match="the function's ARN names no account"):
        account_of(context(arn))


def test_one_request_that_runs_twice_has_two_names() -> None:
    names = {unique_id(context()), unique_id(context())}
    assert len(names) == 2
    assert all(name.startswith("request-1/") for name in names)


SWEPT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def sent(*seconds: int) -> dict[str, Any]:
    """An invocation by SQS with messages that were sent so many seconds after the last sweep began."""
    times = [SWEPT + timedelta(seconds=each) for each in seconds]
    return {"Records": [{"attributes": {"SentTimestamp": str(int(time.timestamp() * 1000))}} for time in times]}


@pytest.mark.parametrize(
    ("invocation", "last_sweep", "covered"),
    [
        pytest.param({}, SWEPT, False, id="the schedule"),
        pytest.param(sent(-60, -1), None, False, id="the first sweep"),
        pytest.param(sent(-60, -1), SWEPT, True, id="all before it"),
        pytest.param(sent(-60, 0), SWEPT, False, id="one while it began"),
        pytest.param(sent(-60, 1), SWEPT, False, id="one after it began"),
    ],
)
def test_events_from_before_the_last_sweep_start_none(
    invocation: dict[str, Any], last_sweep: datetime | None, *, covered: bool
) -> None:
    assert is_covered(invocation, last_sweep) is covered
