"""Credentials that belong to an account of the embedded AWS."""

import functools
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader
from moto.sts.models import sts_backends

from local.organizations import membership
from local.organizations.state import current_state


class Sessions:
    """Hands out sessions, clients and environments that act as an account."""

    def __init__(self, partition: str = "aws", endpoint_url: str | None = None) -> None:
        self.partition = partition
        self.region = membership.HOME_REGIONS[partition]
        self.endpoint_url = endpoint_url

    def credentials(self, account_id: str) -> dict[str, str]:
        """Credentials of a role in the account, by the names that boto3 takes them under; always the same ones."""
        known = current_state().credentials
        if account_id not in known:
            # An access key is what moto tells accounts apart by, in the process and over HTTP; a header of moto's
            # would stick to a session and break a hub that goes on to assume another account's role.
            role = sts_backends[account_id][self.partition].assume_role(
                region_name=self.region,
                role_session_name="local",
                role_arn=f"arn:{self.partition}:iam::{account_id}:role/local",
                policy=None,
                duration=43_200,
                external_id=None,
            )
            known[account_id] = {
                "aws_access_key_id": role.access_key_id,
                "aws_secret_access_key": role.secret_access_key,
                "aws_session_token": role.session_token,
            }
        return known[account_id]

    def environment(self, account_id: str) -> dict[str, str]:
        """The environment variables that make a process act as the account, on the server if there is one."""
        variables = {name.upper(): value for name, value in self.credentials(account_id).items()}
        variables["AWS_DEFAULT_REGION"] = self.region
        return variables if self.endpoint_url is None else variables | {"AWS_ENDPOINT_URL": self.endpoint_url}

    def session(self, account_id: str) -> boto3.Session:
        """A session that acts as the account; its clients need `endpoint_url` to reach a server."""
        session = isolated_session()
        session.set_config_variable("region", self.region)
        session.set_credentials(*self.credentials(account_id).values())
        return boto3.Session(botocore_session=session)

    def client(self, service: Any, account_id: str, **options: Any) -> Any:
        """A client that acts as the account, on the server if there is one."""
        chosen: dict[str, Any] = {"region_name": self.region, "endpoint_url": self.endpoint_url}
        return _session_for_clients().client(service, **chosen | self.credentials(account_id) | options)


# Sessions and what they read from disk are most of what a client costs: 150 ms each, 10 where they are shared. Neither
# knows of an account or of this AWS.
@functools.cache
def _session_for_clients() -> boto3.Session:
    return boto3.Session(botocore_session=isolated_session())


@functools.cache
def _loader() -> Loader:
    return create_loader()


def isolated_session() -> botocore.session.Session:
    """A session to which this machine's proxies are nothing: the loopback needs none."""
    session = botocore.session.Session()
    session.set_default_client_config(Config(proxies={}))
    session.register_component("data_loader", _loader())
    return session
