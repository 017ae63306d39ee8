"""The plain way: a session and clients of its own for each account.

Ledger, coverage, log and the sweep itself are those of the handler of a batch.
"""

from datetime import UTC, datetime
from functools import partial

import boto3

from invitation_responder.aws.client import CLIENT_CONFIG
from invitation_responder.aws.organizations import Organizations
from invitation_responder.invocation import log_record
from invitation_responder.organization import batch_handler as handler
from invitation_responder.organization.batches import FUNCTION_TIMEOUT
from invitation_responder.sweep import Sweep


def sweep(accounts: list[str]) -> None:
    """Sweep the accounts, one after the other."""
    for account in accounts:
        session = boto3.Session()
        credentials = session.client("sts", config=CLIENT_CONFIG).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{handler.role_name}",
            RoleSessionName="bench",
            ExternalId=handler.external_id,
        )["Credentials"]
        client = session.client(
            "organizations",
            config=CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        Sweep(
            id="bench",
            receiver=account,
            decider=handler.decider,
            organizations=Organizations(client),
            ledger=handler.ledger,
            events=handler.events,
            deadline=datetime.now(UTC) + FUNCTION_TIMEOUT,
            observe=partial(log_record, handler.logger),
        ).run()
        handler.coverage.record(account, "swept", detail="", sweep="bench", now=datetime.now(UTC))
