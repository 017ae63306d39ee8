"""One invocation of a function: its account, and a name that no other one has."""

from dataclasses import dataclass
from typing import Any

import pytest

from invitation_responder.invocation import account_of, unique_id


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
