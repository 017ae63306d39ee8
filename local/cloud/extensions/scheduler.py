"""EventBridge Scheduler: fires within a second, and with `AUTH=true` only what the schedule's role allows."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import eventbridge, scheduler

from local.cloud.extensions.iam import denial

_ACTIONS: Final = {"states": "states:StartExecution", "lambda": "lambda:InvokeFunction"}

_invoke_target = eventbridge._invoke_target  # noqa: SLF001


def _invoke_as_role(target: Mapping[str, Any], *rest: Any) -> None:
    arn, role = str(target.get("Arn", "")), target.get("RoleArn")
    action = _ACTIONS.get(arn.split(":")[2]) if arn.startswith("arn:") else None
    if role and action and (message := denial(role, action, arn)):
        logging.getLogger(__name__).error("%s", message)
        return
    _invoke_target(target, *rest)


def install() -> None:
    """Look every second which schedule is due; hold targets to their roles."""
    scheduler._SCHEDULE_TICK_INTERVAL = 1  # noqa: SLF001 - instead of 10
    eventbridge._invoke_target = _invoke_as_role  # noqa: SLF001
