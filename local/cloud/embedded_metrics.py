"""Metrics from log lines: the part of CloudWatch's embedded metric format that Powertools writes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any


def metric_data(line: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The metrics in a log line, as pairs of namespace and datum for PutMetricData; empty for other lines."""
    try:
        fields = json.loads(line)
    except ValueError:
        return
    if not (isinstance(fields, dict) and "_aws" in fields):
        return
    for directive in fields["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                values = fields[metric["Name"]]
                yield (
                    directive["Namespace"],
                    {
                        "MetricName": metric["Name"],
                        "Dimensions": [{"Name": name, "Value": fields[name]} for name in names],
                        "Timestamp": datetime.fromtimestamp(fields["_aws"]["Timestamp"] / 1000, UTC),
                        "Unit": metric["Unit"],
                        "Values": values if isinstance(values, list) else [values],
                    },
                )
