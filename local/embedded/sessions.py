"""Credentials, sessions and clients for the accounts of the embedded AWS."""

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
    """Creates sessions, clients and environments that act as an account, in one partition."""

    def __init__(self, partition: str = "aws", endpoint_url: str | None = None) -> None:
        self.partition = partition
        self.region = membership.HOME_REGIONS[partition]
        self.endpoint_url = endpoint_url

    def credentials(self, account_id: str) -> dict[str, str]:
        """Credentials of a role in the account, by boto3's parameter names; the same ones until a reset."""
        known = current_state().credentials
        if account_id not in known:
            # moto knows the account by the access key, in the process and over HTTP. Its header for the account would
            # apply to a whole session, even after the session has assumed another account's role.
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
        """The environment variables by which a process acts as the account, at the server if there is one."""
        variables = {name.upper(): value for name, value in self.credentials(account_id).items()}
        variables["AWS_DEFAULT_REGION"] = self.region
        return variables if self.endpoint_url is None else variables | {"AWS_ENDPOINT_URL": self.endpoint_url}

    def session(self, account_id: str) -> boto3.Session:
        """A session that acts as the account; its clients reach a server only with `endpoint_url`."""
        session = isolated_session()
        session.set_config_variable("region", self.region)
        session.set_credentials(*self.credentials(account_id).values())
        return boto3.Session(botocore_session=session)

    def client(self, service: Any, account_id: str, **options: Any) -> Any:
        """A client that acts as the account, at the server if there is one; `options` are boto3's."""
        chosen: dict[str, Any] = {"region_name": self.region, "endpoint_url": self.endpoint_url}
        return _session_for_clients().client(service, **chosen | self.credentials(account_id) | options)


# A client with a session of its own takes 150 ms, mostly for reading from disk; with a shared one 10 ms. Neither the
# session nor the loader depends on an account.
@functools.cache
def _session_for_clients() -> boto3.Session:
    return boto3.Session(botocore_session=isolated_session())


@functools.cache
def _loader() -> Loader:
    return create_loader()


def isolated_session() -> botocore.session.Session:
    """A session that ignores this machine's proxies, since the loopback needs none."""
    session = botocore.session.Session()
    session.set_default_client_config(Config(proxies={}))
    session.register_component("data_loader", _loader())
    return session
