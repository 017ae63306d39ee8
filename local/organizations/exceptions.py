"""The errors of AWS Organizations that the handshake operations raise, as moto exceptions."""

from moto.core.exceptions import ServiceException

from local.organizations.models import AlreadyInStateError, InvalidTransitionError


class OrganizationsError(ServiceException):  # type: ignore[misc]  # moto is untyped
    """An error of the service model; moto sends `code`, the message and `Reason`."""

    code = "ServiceException"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        if reason is not None:
            self.Reason = reason


class InvalidInputError(OrganizationsError):
    """A parameter is wrong; `reason` is one of the model's enumeration InvalidInputExceptionReason.

    The model's prose calls two reasons otherwise: INVALID_NEXT_TOKEN is INVALID_PAGINATION_TOKEN there, and
    MAX_LIMIT_EXCEEDED_FILTER is MAX_FILTER_LIMIT_EXCEEDED. SDKs are generated from the enumeration.
    """

    code = "InvalidInputException"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, reason)


class ConstraintError(OrganizationsError):
    """The handshake would break a rule of AWS Organizations; `reason` is one of the model's enumeration."""

    code = "HandshakeConstraintViolationException"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, reason)


class HandshakeNotFoundError(OrganizationsError):
    """The handshake does not exist, or the caller is no party to it."""

    code = "HandshakeNotFoundException"

    def __init__(self) -> None:
        super().__init__("We can't find a handshake with the HandshakeId that you specified.")


class HandshakeAlreadyInStateError(OrganizationsError):
    """The handshake is already in the requested state."""

    code = "HandshakeAlreadyInStateException"

    def __init__(self) -> None:
        super().__init__("The specified handshake is already in the requested state.")


class InvalidHandshakeTransitionError(OrganizationsError):
    """The handshake is closed, in another state than the requested one."""

    code = "InvalidHandshakeTransitionException"

    def __init__(self) -> None:
        super().__init__("You can't perform the operation on the handshake in its current state.")


class DuplicateHandshakeError(OrganizationsError):
    """A pending handshake has the same sender, target and action."""

    code = "DuplicateHandshakeException"

    def __init__(self) -> None:
        super().__init__("A handshake with the same action and target already exists.")


class NotInUseError(OrganizationsError):
    """The caller is not in an organization."""

    code = "AWSOrganizationsNotInUseException"

    def __init__(self) -> None:
        super().__init__("Your account isn't a member of an organization.")


class AccessDeniedError(OrganizationsError):
    """The caller may not call this operation, or not on this handshake."""

    code = "AccessDeniedException"

    def __init__(self) -> None:
        super().__init__("You don't have permissions to perform the requested operation.")


class MasterCannotLeaveError(OrganizationsError):
    """The management account of an organization can't become a member of another."""

    code = "MasterCannotLeaveOrganizationException"

    def __init__(self) -> None:
        super().__init__("You can't remove a management account from an organization.")


class TooManyRequestsError(OrganizationsError):
    """The caller has exceeded a quota."""

    code = "TooManyRequestsException"

    def __init__(self) -> None:
        super().__init__("You have sent too many requests in too short a period of time.")


def to_service_error(error: AlreadyInStateError | InvalidTransitionError) -> OrganizationsError:
    """Convert an error of the handshake's state machine to the API's."""
    if isinstance(error, AlreadyInStateError):
        return HandshakeAlreadyInStateError()
    return InvalidHandshakeTransitionError()
