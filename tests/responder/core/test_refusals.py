"""The advice for each refusal of AWS to accept a handshake."""

from typing import Any

import botocore.session
import pytest

from invitation_responder.core.refusals import _BY_CODE, _BY_REASON, advise_on_refusal


@pytest.fixture(scope="module")
def model() -> Any:
    """The SDK's service model."""
    return botocore.session.get_session().get_service_model("organizations")


def test_the_reasons_are_the_services_own(model: Any) -> None:
    shapes = ("HandshakeConstraintViolationExceptionReason", "ConstraintViolationExceptionReason")
    assert set(_BY_REASON) <= {reason for shape in shapes for reason in model.shape_for(shape).enum}


def test_the_codes_are_errors_that_accepting_meets(model: Any) -> None:
    assert set(_BY_CODE) <= {error.name for error in model.operation_model("AcceptHandshake").error_shapes}


def test_the_reason_tells_more_than_the_code_and_what_is_unknown_gets_no_advice() -> None:
    assert (
        advise_on_refusal("AccessDeniedException", "PAST_DUE_INVOICE")
        == "an invoice of the organization is past due: pay it"
    )
    assert advise_on_refusal("AWSOrganizationsNotInUseException", "OF_TOMORROW") == (
        "only the management account of an organization can accept this"
    )
    assert advise_on_refusal("ServiceException", "") == ""
