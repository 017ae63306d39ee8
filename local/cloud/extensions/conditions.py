"""Conditions of CloudFormation's templates that ask for `AWS::Region`, `AWS::AccountId` or `AWS::Partition`."""

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import changesets, engine, handlers, stacks

_evaluate_conditions = engine._evaluate_conditions  # noqa: SLF001


def _evaluate(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, bool]:
    known = {"AWS::Region": get_region(), "AWS::AccountId": get_account_id(), "AWS::Partition": "aws"}
    values = {name: {"Value": value} for name, value in known.items()} | dict(parameters)
    evaluated: dict[str, bool] = _evaluate_conditions(template, values)
    return evaluated


def install() -> None:
    """Let conditions know where the stack is."""
    for module in (changesets, handlers, stacks):
        module._evaluate_conditions = _evaluate  # noqa: SLF001
