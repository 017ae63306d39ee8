"""A client that acts as the accounts of an organization, one at a time, each by a role in that account.

It is one client, whose credentials are replaced, so that all accounts share its connection. A client for each account
would parse the service again, open a connection and read all certificates: four times the rest of an account's sweep.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from invitation_responder.aws.client import CALL_ERRORS, CLIENT_CONFIG, Session, describe_error
from invitation_responder.aws.pace import Pace

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

SECONDS: Final = 900  # the least that STS gives; one account takes less
CALLS_A_SECOND: Final = 50.0  # of STS's 600 an account and Region
_NOT_IN_A_NAME: Final = re.compile(r"[^\w+=,.@-]", re.ASCII)


class RoleError(Exception):
    """The role of an account can't be assumed. The cause is the error of STS."""


class MemberRoles:
    """Acts as accounts: by the role of that name in each; as the own account by its own credentials."""

    def __init__(
        self,
        session: "Session | boto3.Session",
        members: "Session | boto3.Session",
        own_account: str,
        *,
        role_name: str,
        external_id: str = "",
        sweep: str,
        partition: str = "aws",
        pace: Pace | None = None,
    ) -> None:
        """`sweep` names the sweep in CloudTrail's records of each account.

        `members` is a session for the members alone: its credentials are replaced by those of each role.
        """
        self._session = session
        self._members = members
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

    @contextmanager
    def acting_as(self, account: str) -> "Iterator[OrganizationsClient]":
        """A client of Organizations that acts as an account for 15 minutes at most, and after that as nobody.

        Raises `RoleError`. There must be no other account at the same time.
        """
        if account == self._own_account:
            yield self._session.client("organizations", region_name=self._region, config=CLIENT_CONFIG)
            return
        credentials = cast("Credentials", self._members.get_credentials())  # not None: they are set
        assumed = self._assume_role(account)
        credentials.access_key = assumed["AccessKeyId"]
        credentials.secret_key = assumed["SecretAccessKey"]
        credentials.token = assumed["SessionToken"]
        try:
            yield self._client
        except Exception:
            # botocore counts the retries of a client: those that one account has used up would be missing at the next.
            del self._client
            raise
        finally:
            credentials.access_key = credentials.secret_key = credentials.token = ""

    @cached_property
    def _client(self) -> "OrganizationsClient":
        return self._members.client("organizations", region_name=self._region, config=CLIENT_CONFIG)

    def _assume_role(self, account: str) -> "CredentialsTypeDef":
        arn = f"arn:{self._partition}:iam::{account}{self._role}"
        self._pace.wait()
        try:
            return self._sts.assume_role(RoleArn=arn, DurationSeconds=SECONDS, **self._options)["Credentials"]
        except CALL_ERRORS as error:
            raise RoleError(f"{arn} can't be assumed: {describe_error(error)}") from error
