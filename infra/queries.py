"""Saved queries of CloudWatch Logs Insights, for an auditor's questions."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct

# Each sweep logs a record of each handshake: the newest one holds.
_RECORDS: Final = "filter ispresent(handshake_id)"
_FIELDS: Final = (
    "fields @timestamp, receiver, handshake_id, action, organization, management_account, effect, outcome, state, "
    "reason"
)

QUERIES: Final[Mapping[str, str]] = {
    "why was it declined": f"{_FIELDS}, policy_sha256\n| filter outcome in ['declined', 'would_decline']\n"
    "| sort @timestamp desc\n| limit 1000",
    "who asks for this account": f"{_RECORDS}\n| stats count_distinct(handshake_id) as handshakes, "
    "earliest(@timestamp) as first_seen, latest(@timestamp) as last_seen by organization, management_account, action\n"
    "| sort handshakes desc",
    # By the newest record, since a handshake that was left may have been answered later.
    "what waits for a person": f"{_RECORDS}\n| stats latest(message) as now_, latest(answer_by) as answer_by_, "
    "latest(action) as asks_for, latest(organization) as sender, latest(reason) as why by handshake_id, receiver\n"
    "| filter now_ in ['left', 'undecided']\n| sort answer_by_",
    "what was accepted, and by whose rule": f"{_FIELDS}, rules.0, policy_sha256\n"
    "| filter outcome = 'accepted' or message = 'breach' or state = 'ACCEPTED'\n| sort @timestamp desc\n"
    "| dedup handshake_id",
    "what failed": "fields @timestamp, level, message, reason, exception_name, exception, @message\n"
    "| filter level in ['ERROR', 'CRITICAL'] or @message like /Traceback|Task timed out|Runtime\\.|errorType/\n"
    "| sort @timestamp desc\n| limit 200",
    "which policy decided when": f"{_RECORDS}\n| stats earliest(@timestamp) as from_, latest(@timestamp) as to_, "
    "count(*) as decisions by policy_sha256, mode\n| sort from_ desc",
}


def save_queries(scope: Construct, log_group: logs.ILogGroup) -> None:
    """Save all queries under `InvitationResponder/` for the function's log group."""
    for number, (name, query) in enumerate(QUERIES.items(), start=1):
        logs.CfnQueryDefinition(
            scope,
            f"Query{number}",
            name=f"InvitationResponder/{name}",
            query_string=query,
            log_group_names=[log_group.log_group_name],
        )
