"""Clients that act as the accounts of an organization, each by a role in that account.

All of them share one session and one STS client: a session for each account would cost 90 ms and 9 MiB.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from invitation_responder.aws.client import CALL_ERRORS, CLIENT_CONFIG, Session, describe_error
from invitation_responder.aws.pace import Pace

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_organizations import OrganizationsClient

SECONDS: Final = 900  # the least that STS gives; one account takes less
CALLS_A_SECOND: Final = 50.0  # of STS's 600 an account and Region
_NOT_IN_A_NAME: Final = re.compile(r"[^\w+=,.@-]", re.ASCII)


class RoleError(Exception):
    """The role of an account can't be assumed. The cause is the error of STS."""


class MemberRoles:
    """Makes clients for accounts: by the role of that name in each; in the own account by its own credentials."""

    def __init__(
        self,
        session: "Session | boto3.Session",
        own_account: str,
        *,
        role_name: str,
        external_id: str = "",
        sweep: str,
        partition: str = "aws",
        pace: Pace | None = None,
    ) -> None:
        """`sweep` names the sweep in CloudTrail's records of each account."""
        self._session = session
        self._own_account = own_account
        self._role = f":role/{role_name}"
        self._partition = partition
        self._region = session.region_name or "us-east-1"
        self._pace = pace or Pace(1 / CALLS_A_SECOND)
        self._sts = session.client("sts", region_name=self._region, config=CLIENT_CONFIG)
        self._options: dict[str, Any] = {
            "RoleSessionName": _NOT_IN_A_NAME.sub("-", f"invitation-responder-{sweep}")[:64]
        }
        if external_id:
            self._options["ExternalId"] = external_id

    def act_as(self, account: str) -> "OrganizationsClient":
        """A client of Organizations that acts as an account for 15 minutes; raises `RoleError`."""
        if account == self._own_account:
            return self._session.client("organizations", region_name=self._region, config=CLIENT_CONFIG)
        arn = f"arn:{self._partition}:iam::{account}{self._role}"
        self._pace.wait()
        try:
            credentials = self._sts.assume_role(RoleArn=arn, DurationSeconds=SECONDS, **self._options)["Credentials"]
        except CALL_ERRORS as error:
            raise RoleError(f"{arn} can't be assumed: {describe_error(error)}") from error
        return self._session.client(
            "organizations",
            region_name=self._region,
            config=CLIENT_CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
