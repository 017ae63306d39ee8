"""Calls to AWS: retries and timeouts, timestamps, and errors in one line."""

from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

from invitation_responder.core.escaping import printable

# botocore retries throttling, HTTP 5xx and broken connections. With these settings, a call that hangs at every attempt
# takes a minute.
CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
    user_agent_extra="invitation-responder",
)
# An answer that does not fit the service model makes botocore's parsers raise any of Python's own exceptions.
CALL_ERRORS: Final = (
    BotoCoreError,
    ClientError,
    ResponseParserError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
SERVER_ERROR: Final = 500
_THROTTLED: Final = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded"})
_LONGEST_REASON: Final = 100
_NO_QUOTES: Final = str.maketrans({'"': "'", "\\": "/"})


class Session(botocore.session.Session):
    """boto3's session, as far as we use it.

    To import boto3 also loads S3's transfers and the resources, which is a tenth of a cold start.
    """

    @property
    def region_name(self) -> str | None:
        """The Region of the environment or the profile."""
        region: str | None = self.get_config_variable("region")
        return region

    def client(self, service: str, **options: Any) -> Any:
        """A client of a service; `options` are those of boto3."""
        return self.create_client(service, **options)


def create_session() -> Session:
    """A session with the environment's credentials that passes illegible timestamps through as they were sent.

    botocore would reject the whole answer for one illegible timestamp.
    """
    session = Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
    return session


def create_members_session(session: Session) -> Session:
    """A session like another one, which shares what that has loaded, but with credentials that are set later."""
    members = create_session()
    members.register_component("data_loader", session.get_component("data_loader"))
    members.set_credentials("", "")
    return members


def _timestamp(value: Any) -> object:
    try:
        return parse_timestamp(value)
    except (RuntimeError, ValueError):
        return value


def error_code(error: Exception) -> str:
    """The service's error code; the exception's name if there is none, as for a broken connection."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "Unknown")
    return type(error).__name__


def error_reason(error: Exception) -> str:
    """The Reason of a service error, as in PAST_DUE_INVOICE; empty if the error carries none.

    In HandshakeConstraintViolation and ConstraintViolation only the Reason says what is wrong.
    """
    text = error.response.get("Reason") if isinstance(error, ClientError) else None
    return printable(text, _LONGEST_REASON).translate(_NO_QUOTES) if isinstance(text, str) else ""


def describe_error(error: Exception) -> str:
    """One line about a failed call: the error's code, its Reason and its message.

    The line has no quotes and no backslashes: EventBridge puts it between quotes, and escapes nothing ("Common issues
    with transforming input", EventBridge user guide).
    """
    message = error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else str(error)
    given = error_reason(error)
    why = f" ({given})" if given else ""
    return f"{error_code(error)}{why}: {printable(' '.join(message.split())).translate(_NO_QUOTES)}"


def is_refusal(error: Exception) -> bool:
    """True if AWS rejected the call, so that it had no effect; otherwise the effect is unknown."""
    if not isinstance(error, ClientError):
        return False
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERROR)) < SERVER_ERROR


def is_throttled(error: BaseException | None) -> bool:
    """True if the service asked for fewer calls; every service has a code of its own for it."""
    return isinstance(error, ClientError) and error_code(error) in _THROTTLED


def is_denied(error: BaseException | None) -> bool:
    """True if a permission is missing, or something denies the call."""
    return isinstance(error, ClientError) and error_code(error).removesuffix("Exception") == "AccessDenied"


def is_explicitly_denied(error: BaseException | None) -> bool:
    """True if a policy denies the call, a service control policy for one, and a missing permission is not the cause.

    IAM says so in the message (IAM user guide, "Troubleshoot access denied error messages").
    """
    return is_denied(error) and "explicit deny" in str(error)
