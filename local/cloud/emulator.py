"""Starts ministack, extended by those features of AWS that the stack uses and ministack lacks.

Run it with the Python that ministack is installed for: `python -P local/cloud/emulator.py`. The extensions:

- saved queries are accepted and ignored, since nothing runs them;
- so are alarms on a metric expression, which ministack can't compute;
- metrics are read from the function's log;
- with `AUTH=true`, by which ministack enforces IAM policies, requests have the condition keys `events:source` and
  `aws:SecureTransport`.

The consequences for the tests: docs/decisions/0008-what-the-local-cloud-proves.md.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ministack.app
from ministack.core import iam_actions
from ministack.core.iam_evaluator import pin_request_origin
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, cloudwatch_logs
from ministack.services.cloudformation import provisioners

sys.path.append(str(Path(__file__).parents[2]))  # last, so that it hides no module of ministack's
from local.cloud.embedded_metrics import metric_data

Created = tuple[str, dict[str, str]]


def _create(logical_id: str, _properties: Mapping[str, Any], _stack: str) -> Created:
    return logical_id, {}


def _update(physical_id: str, *_: Any) -> Created:
    return physical_id, {}


def _delete(*_: Any) -> None:
    pass


_put_alarm = provisioners._cw_metric_alarm_put  # noqa: SLF001 - ministack has no hook for any of these


def _put_or_take_alarm(name: str, properties: Mapping[str, Any]) -> Created:
    """Create or update an alarm; one on a metric expression is accepted and ignored."""
    if "Metrics" in properties:
        return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}
    made: Created = _put_alarm(name, properties)
    return made


_append_log_events = cloudwatch_logs._append_log_events  # noqa: SLF001


def _append_and_measure(stream: Any, events: list[dict[str, Any]]) -> None:
    _append_log_events(stream, events)
    for event in events:
        for namespace, datum in metric_data(event["message"]):
            request = {"Namespace": namespace, "MetricData": [datum]}
            cloudwatch._put_metric_data({}, request, False, is_json=True)  # noqa: SLF001 - as its own API calls it


_tag_context = iam_actions.request_tag_context


def _context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
    """The condition keys of a request, with `events:source`, which PutEvents has on AWS."""
    context: dict[str, Any] = _tag_context(service, action, body, parameters)
    if action == "events:PutEvents":
        context["events:source"] = [entry.get("Source") for entry in json.loads(body).get("Entries", [])]
    return context


def _pin_as_secure(source_ip: str, _secure: bool) -> None:
    # Policies of queues and buckets deny requests without TLS; every request here comes over the loopback.
    pin_request_origin(source_ip, True)


def _end_with_the_parent() -> None:
    """Wait until the parent process is gone (its end of the pipe is closed), then kill this process group."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    provisioners._RESOURCE_HANDLERS.setdefault(  # noqa: SLF001
        "AWS::Logs::QueryDefinition", {"create": _create, "update": _update, "delete": _delete}
    )
    provisioners._cw_metric_alarm_put = _put_or_take_alarm  # noqa: SLF001
    cloudwatch_logs._append_log_events = _append_and_measure  # noqa: SLF001
    iam_actions.request_tag_context = _context
    ministack.app.pin_request_origin = _pin_as_secure
    ministack.app.main()
