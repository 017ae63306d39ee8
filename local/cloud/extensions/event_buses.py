"""EventBridge: events of AWS Organizations, and rules whose target is a bus of another account or Region.

ministack rejects what begins with `aws.`, as AWS does for its customers; a test speaks for AWS Organizations here. With
`AUTH=true`, the rule's role must be allowed to put events on the bus; the policy of the bus is not looked at.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import eventbridge

from local.cloud.extensions.iam import denial

_OF_AWS: Final = "aws.organizations"

_put_events = eventbridge._put_events  # noqa: SLF001
_invoke_target = eventbridge._invoke_target  # noqa: SLF001
_dispatch_to_event_bus = eventbridge._dispatch_to_event_bus  # noqa: SLF001


def _put_events_of_aws(data: Mapping[str, Any]) -> Any:
    entries = data.get("Entries", [])
    of_aws = bool(entries) and all(entry.get("Source") == _OF_AWS for entry in entries)
    return _put_events(data, allow_aws_source=of_aws)


def _invoke_as_role(target: Mapping[str, Any], *rest: Any) -> None:
    arn, role = str(target.get("Arn", "")), target.get("RoleArn")
    if ":event-bus/" in arn and role and (message := denial(role, "events:PutEvents", arn)):
        logging.getLogger(__name__).error("%s", message)
        return
    _invoke_target(target, *rest)


def _dispatch(spec: Any, *rest: Any) -> None:
    with request_scope(spec.account_id, spec.region):
        _dispatch_to_event_bus(spec, *rest)


def install() -> None:
    """Let events of AWS Organizations come, and go to other accounts and Regions."""
    eventbridge._put_events = _put_events_of_aws  # noqa: SLF001
    eventbridge._invoke_target = _invoke_as_role  # noqa: SLF001
    eventbridge._dispatch_to_event_bus = _dispatch  # noqa: SLF001
