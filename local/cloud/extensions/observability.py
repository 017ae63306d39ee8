"""Metrics from logs, alarms on a metric expression, and saved queries."""

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, cloudwatch_logs
from ministack.services.cloudformation import provisioners

from local.cloud.embedded_metrics import metric_data

Created = tuple[str, dict[str, str]]


def _create(logical_id: str, _properties: Mapping[str, Any], _stack: str) -> Created:
    return logical_id, {}


def _update(physical_id: str, *_: Any) -> Created:
    return physical_id, {}


def _delete(*_: Any) -> None:
    pass


_put_alarm = provisioners._cw_metric_alarm_put  # noqa: SLF001


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


def install() -> None:
    """Read metrics from logs; accept saved queries and alarms on a metric expression."""
    provisioners._RESOURCE_HANDLERS.setdefault(  # noqa: SLF001
        "AWS::Logs::QueryDefinition", {"create": _create, "update": _update, "delete": _delete}
    )
    provisioners._cw_metric_alarm_put = _put_or_take_alarm  # noqa: SLF001
    cloudwatch_logs._append_log_events = _append_and_measure  # noqa: SLF001
