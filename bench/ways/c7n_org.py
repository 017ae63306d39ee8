"""The way of c7n-org: a session for each account, made by c7n-org itself, with the peers' Python.

c7n has no resource type for handshakes, so all that is measured is what it could not do without: the account's
credentials and the listing. Nothing is decided, answered, logged or kept.
"""

import os

from c7n_org.cli import get_session

_REGION = "us-east-1"


def sweep(accounts: list[str]) -> None:
    """List the handshakes of the accounts, one after the other."""
    for account in accounts:
        role = f"arn:aws:iam::{account}:role/{os.environ['MEMBER_ROLE']}"
        session = get_session(
            {"provider": "aws", "name": account, "role": role, "external_id": os.environ["EXTERNAL_ID"]},
            "bench",
            _REGION,
        )
        client = session.client("organizations")
        for page in client.get_paginator("list_handshakes_for_account").paginate():
            _ = page["Handshakes"]
