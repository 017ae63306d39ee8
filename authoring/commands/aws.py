"""The AWS account of the environment's credentials: its clients, its number, and advice on its errors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import NoCredentialsError, NoRegionError

from invitation_responder.aws.client import CALL_ERRORS, CLIENT_CONFIG, Session, create_session, describe_error
from invitation_responder.core.policy import Policy

from ..diagnostics.wording import join_words, quote

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_organizations import OrganizationsClient


# The name of the stack in infra.stack, with the ledger's table among its outputs.
STACK: Final = "InvitationResponder"
LEDGER_OUTPUT: Final = "LedgerTable"


class AccountError(Exception):
    """The environment's settings lead to no account; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials are in use: an ARN, and the number of the account."""

    arn: str
    account: str


def open_account(policies: Sequence[Policy], warn: Callable[[str], None]) -> "tuple[OrganizationsClient, str]":
    """A client of Organizations, and the number of the account whose credentials are in use.

    The account is empty if it is unknown, after a call of `warn`. Raises `AccountError`, or a `BotoCoreError`, as
    without credentials.
    """
    session, client = _open()
    return client, _receiver(session, policies, warn)


def open_organization(warn: Callable[[str], None]) -> "tuple[Session, OrganizationsClient, str]":
    """The session of the environment's credentials, their client of Organizations, and the account they belong to.

    Raises as `open_account` does, and `AccountError` if the account is unknown.
    """
    session, client = _open()
    own_account = _receiver(session, (), warn)
    if not own_account:
        raise AccountError("which account sweeps the organization is unknown (set AWS_ACCOUNT_ID)")
    return session, client, own_account


def _open() -> "tuple[Session, OrganizationsClient]":
    session = create_session()
    try:
        return session, session.client("organizations", region_name=_region(session), config=CLIENT_CONFIG)
    except ValueError as error:  # botocore's error for an endpoint that is no URL
        raise AccountError(str(error)) from error


def _region(session: Session) -> str:
    """Organizations and STS are global; without a configured Region the commercial partition is meant."""
    return session.region_name or "us-east-1"


def open_dynamodb() -> "DynamoDBClient":
    """A client of DynamoDB in the environment's Region; raises `AccountError`, or a `BotoCoreError`."""
    try:
        client: DynamoDBClient = create_session().client("dynamodb", config=CLIENT_CONFIG)
    except ValueError as error:
        raise AccountError(str(error)) from error
    return client


def open_caller() -> Caller:
    """Whose credentials are in use; raises `AccountError`, or a `BotoCoreError`, as without credentials."""
    session = create_session()
    try:
        identity = session.client("sts", region_name=_region(session), config=CLIENT_CONFIG).get_caller_identity()
        return Caller(identity["Arn"], identity["Account"])
    except CALL_ERRORS as error:
        if session.get_credentials() is None:
            raise
        raise AccountError(f"GetCallerIdentity failed: {describe_error(error)}") from error


def find_ledger() -> str:
    """The table of the ledger: an output of the deployed stack; raises `AccountError`, or a `BotoCoreError`."""
    session = create_session()
    where = f"of the stack {STACK} in {session.region_name}"
    try:
        found = session.client("cloudformation", config=CLIENT_CONFIG).describe_stacks(StackName=STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for stack in found for output in stack.get("Outputs", ())}
    except CALL_ERRORS as error:
        problem = f"the ledger {where} can't be found: {describe_error(error)}"
        raise AccountError(f"{problem} (set the Region of the stack, or name the ledger with --table)") from error
    if LEDGER_OUTPUT not in outputs:
        raise AccountError(f"there is no output {LEDGER_OUTPUT} {where} (name the ledger with --table)")
    return str(outputs[LEDGER_OUTPUT])


def describe_with_advice(error: Exception) -> str:
    """One line about an error, with advice if there is any."""
    if isinstance(error, NoCredentialsError):
        return "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, NoRegionError):
        return "there is no AWS Region: set AWS_DEFAULT_REGION"
    return str(error)


def _receiver(session: Session, policies: Sequence[Policy], warn: Callable[[str], None]) -> str:
    """The number of the account whose credentials are in use; empty if it is unknown.

    An endpoint may offer Organizations and nothing else. The account is then unknown, unless the credentials name it; a
    policy with conditions on the receiver can't be used without it (`AccountError`).
    """
    try:
        identity = session.client("sts", region_name=_region(session), config=CLIENT_CONFIG).get_caller_identity()
        return str(identity["Account"])
    except CALL_ERRORS as error:
        credentials = session.get_credentials()
        if credentials is None:
            raise
        account: str | None = getattr(credentials, "account_id", None)  # not in the stubs
        if account:
            return account
        problem = f"GetCallerIdentity does not say which account this is: {describe_error(error)}"
        rules = [rule for policy in policies for rule in policy.rules]
        asked = [key for key in ("accounts", "not_accounts") if any(getattr(rule, key) is not None for rule in rules)]
        if asked:
            hint = f"set AWS_ACCOUNT_ID, since rules of the policy name {join_words(map(quote, asked), 'and')}"
            raise AccountError(f"{problem}; {hint}") from error
        warn(f"{problem}; going on without knowing the account")
        return ""
