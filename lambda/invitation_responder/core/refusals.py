"""Advice on AWS's refusals to accept a handshake, by the error's code and its Reason. Pure.

Codes, reasons and advice come from the SDK's service model and its documentation. For HandshakeConstraintViolation and
ConstraintViolation only the Reason says what is wrong. The tables hold the errors of accepting only.
"""

from typing import Final

_AGAIN: Final = "the next sweep tries again"
_BILLING: Final = "billing transfers are not to be had for this account: ask its billing administrator or AWS Support"

_BY_CODE: Final = {
    "AccessDeniedException": (
        "in a member account of another organization AWS wants organizations:LeaveOrganization, too "
        "(`leave_organization: true` in the rule grants it); or a service control policy is in the way"
    ),
    "AccessDeniedForDependencyException": (
        "the role lacks iam:CreateServiceLinkedRole, or a service control policy is in the way: deploy again"
    ),
    "AWSOrganizationsNotInUseException": "only the management account of an organization can accept this",
    "MasterCannotLeaveOrganizationException": (
        "a management account joins no other organization: its own has to be deleted first"
    ),
}
_BY_REASON: Final = {
    "ACCOUNT_CANNOT_LEAVE_ORGANIZATION": (
        "a management account can't leave its organization: that has to be deleted first"
    ),
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA": (
        "the account can't stand alone yet: sign in as its root user and accept AWS's customer agreement"
    ),
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION": (
        "the account can't stand alone yet: sign in as its root user and verify the phone number"
    ),
    "ACCOUNT_CREATION_NOT_COMPLETE": f"the account is not set up completely yet: {_AGAIN}",
    "ACCOUNT_NOT_ACTIVE_FOR_TRANSFER_RESPONSIBILITY": "an account of the transfer is not active: activate it",
    "ACCOUNT_NUMBER_LIMIT_EXCEEDED": (
        "the sender's organization holds as many accounts as it may: its owner has to ask AWS Support for more"
    ),
    "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS": "another billing transfer is under way: wait for its end, or end it",
    "ALREADY_IN_AN_ORGANIZATION": "the account is a member of an organization, and has to leave that first",
    "HANDSHAKE_RATE_LIMIT_EXCEEDED": f"there were too many handshakes today: {_AGAIN}",
    "INVALID_PAYMENT_INSTRUMENT": "add a payment method to the account that AWS takes for this",
    "LEGACY_PERMISSIONS_STILL_IN_USE": (
        "the organization still uses the old billing permissions: move it to AWS's fine-grained actions for billing"
    ),
    "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED": "the account has no valid payment method: add one",
    "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD": (
        "account and organization have different sellers of record or partitions: ask AWS Support"
    ),
    "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED": (
        f"the account changed its membership a short time ago: {_AGAIN}"
    ),
    "PAST_DUE_INVOICE": "an invoice of the organization is past due: pay it",
    "PAYMENT_INSTRUMENT_REQUIRED": "the account has no payment method: add one",
    "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS": "there is a billing transfer already: end that first",
    "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION": (
        "billing transfers would stand on more levels than AWS takes: end one above or below this one"
    ),
    "SOURCE_AND_TARGET_CANNOT_MATCH": "the account has sent it itself: cancel it",
    "TARGET_ACCOUNT_VALIDATION_FAILURE": _BILLING,
    "TRANSFER_RESPONSIBILITY_SOURCE_DELETION_IN_PROGRESS": "the organization is being deleted: decline it",
    "TRANSFER_RESPONSIBILITY_TARGET_DELETION_IN_PROGRESS": "the sender's organization is being deleted: decline it",
    "UNMET_BILLING_PREREQUISITE": _BILLING,
    "UNSUPPORTED_PRICING": "the account's pricing can't be transferred: ask AWS Support",
    "UNUSED_PREPAYMENT_BALANCE": "the organization has prepaid money left: use it up, or have it paid back",
    "WAIT_PERIOD_ACTIVE": f"an account stays four days before it can leave an organization: {_AGAIN}",
}


def advise_on_refusal(code: str, reason: str) -> str:
    """The advice on an error's code and Reason; empty if there is none."""
    return _BY_REASON.get(reason) or _BY_CODE.get(code, "")
