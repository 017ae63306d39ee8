"""The backend against the SDK: its own printed examples, and the contract that every other test here is held to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.utils import parse_timestamp

from local.embedded.world import EmbeddedAws

OPERATIONS = [
    "InviteAccountToOrganization",
    "InviteOrganizationToTransferResponsibility",
    "EnableAllFeatures",
    "ListHandshakesForAccount",
    "ListHandshakesForOrganization",
    "DescribeHandshake",
    "DeclineHandshake",
    "AcceptHandshake",
    "CancelHandshake",
    "ListOutboundResponsibilityTransfers",
]
EXAMPLES = Loader().load_service_model("organizations", "examples-1")["examples"]
MODEL = ServiceModel(Loader().load_service_model("organizations", "service-2"), "organizations")
MANAGEMENT, JUAN, OTHER = "111111111111", "222222222222", "333333333333"


def as_shown(printed: Any) -> Any:
    """An example as boto3 returns it: with datetimes."""
    if isinstance(printed, list):
        return [as_shown(item) for item in printed]
    if isinstance(printed, dict):
        return {
            name: parse_timestamp(value) if name.endswith("Timestamp") else as_shown(value)
            for name, value in printed.items()
        }
    return printed


def example(operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The SDK's printed example of an operation: its input and its output."""
    [printed] = EXAMPLES[operation]
    return as_shown(printed.get("input", {})), as_shown(printed["output"])


def corporation(aws: EmbeddedAws, printed: dict[str, Any], **details: str) -> None:
    """Bill's organization, at the moment when the printed handshake was requested."""
    aws.add_organization("o-exampleorgid", management_account=MANAGEMENT, **details)
    aws.account(JUAN, email="juan@example.com")
    # A second earlier: one example expires in the moment of its request.
    aws.clock.set(printed["RequestedTimestamp"] - timedelta(seconds=1))


def inviting(aws: EmbeddedAws, output: dict[str, Any]) -> str:
    corporation(aws, output["Handshake"], email="bill@amazon.com", name="Org Master Account", feature_set="FULL")
    aws.clock.advance(timedelta(seconds=1))
    aws.pin_ids(output["Handshake"]["Id"])
    return MANAGEMENT


def enabling(aws: EmbeddedAws, output: dict[str, Any]) -> str:
    aws.clock.set(output["Handshake"]["RequestedTimestamp"])
    sender = aws.add_organization("o-exampleorgid", management_account=MANAGEMENT, feature_set="CONSOLIDATED_BILLING")
    aws.account(JUAN, organization=sender, invited=True)
    aws.pin_ids(output["Handshake"]["Id"])
    aws.lifetimes["ENABLE_ALL_FEATURES"] = timedelta(days=15)  # as printed; the documentation says 90
    return MANAGEMENT


def listing(aws: EmbeddedAws, output: dict[str, Any]) -> str:
    corporation(aws, output["Handshakes"][0])
    for handshake in output["Handshakes"]:
        aws.receive(JUAN, handshake)
    return JUAN


def listing_what_was_sent(aws: EmbeddedAws, output: dict[str, Any]) -> str:
    corporation(aws, output["Handshakes"][0])
    for handshake, receiver in zip(output["Handshakes"], [JUAN, OTHER], strict=True):
        aws.receive(receiver, handshake)
    return MANAGEMENT


def answering(receiver: str, caller: str) -> Callable[[EmbeddedAws, dict[str, Any]], str]:
    """The state before somebody answered: the printed handshake is still open."""

    def arrange(aws: EmbeddedAws, output: dict[str, Any]) -> str:
        corporation(aws, output["Handshake"])
        aws.receive(receiver, output["Handshake"] | {"State": "OPEN"})
        return caller

    return arrange


@pytest.mark.parametrize(
    ("operation", "arrange"),
    [
        pytest.param("InviteAccountToOrganization", inviting, id="Bill invites Juan by e-mail"),
        pytest.param("EnableAllFeatures", enabling, id="Bill asks for all features"),
        pytest.param("ListHandshakesForAccount", listing, id="Juan lists what he received"),
        pytest.param("ListHandshakesForOrganization", listing_what_was_sent, id="Bill lists what he sent"),
        pytest.param("DescribeHandshake", answering(OTHER, OTHER), id="an account looks at a handshake"),
        pytest.param("DeclineHandshake", answering(JUAN, JUAN), id="Susan declines"),
        pytest.param("AcceptHandshake", answering(JUAN, JUAN), id="Juan accepts"),
        pytest.param("CancelHandshake", answering(JUAN, MANAGEMENT), id="Bill cancels"),
    ],
)
def test_the_examples_of_the_sdk(
    anywhere: EmbeddedAws, operation: str, arrange: Callable[[EmbeddedAws, dict[str, Any]], str]
) -> None:
    request, output = example(operation)
    client = anywhere.client("organizations", arrange(anywhere, output))
    answer = getattr(client, xform_name(operation))(**request)
    answer.pop("ResponseMetadata")
    assert answer == output


def test_every_operation_that_has_an_example_is_in_the_table() -> None:
    assert {operation for operation in OPERATIONS if operation in EXAMPLES} == set(OPERATIONS) - {
        "InviteOrganizationToTransferResponsibility",
        "ListOutboundResponsibilityTransfers",
    }


def test_juan_sees_the_notes_that_bill_is_not_shown(aws: EmbeddedAws) -> None:
    request, output = example("InviteAccountToOrganization")
    caller = inviting(aws, output)
    aws.client("organizations", caller).invite_account_to_organization(**request)
    [received] = aws.client("organizations", JUAN).list_handshakes_for_account()["Handshakes"]
    assert received["Resources"][-1] == {"Type": "NOTES", "Value": request["Notes"]}


GOOD = {
    "Id": "h-examplehandshakeid111",
    "Arn": "arn:aws:organizations::111111111111:handshake/o-exampleorgid/invite/h-examplehandshakeid111",
    "Action": "INVITE",
    "State": "OPEN",
    "Parties": [{"Id": "o-exampleorgid", "Type": "ORGANIZATION"}],
    "RequestedTimestamp": 1485941765.02,
    "ExpirationTimestamp": 1487237765,
    "Resources": [{"Type": "ORGANIZATION", "Resources": [{"Type": "NOTES", "Value": "hello"}]}],
}


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("Id", "h-short", id="a malformed id"),
        pytest.param("Id", f"h-{'0' * 33}", id="an id that is too long"),
        pytest.param("Id", 12345678, id="an id that is a number"),
        pytest.param("Arn", "arn:aws:organizations::1:handshake/o-exampleorgid/invite/h-00000000", id="a bad ARN"),
        pytest.param("Action", "JOIN", id="an unknown action"),
        pytest.param("State", "open", id="an unknown state"),
        pytest.param("Parties", [{"Id": "o-exampleorgid"}], id="a party without its type"),
        pytest.param("Parties", [{"Id": "", "Type": "EMAIL"}], id="a party with an empty id"),
        pytest.param("Parties", {}, id="a list that is none"),
        pytest.param("RequestedTimestamp", "2017-02-01T09:36:05.02Z", id="a timestamp that is text"),
        pytest.param("Mood", "hopeful", id="an unknown member"),
        pytest.param("Resources", [{"Resources": [{"Type": "SECRET"}]}], id="an unknown type deep in the resources"),
    ],
)
def test_the_contract_notices(contract: Callable[[Any, object, str], None], member: str, value: object) -> None:
    shape = MODEL.shape_for("Handshake")
    contract(shape, GOOD, "Handshake")
    with pytest.raises(AssertionError, match="Handshake"):
        contract(shape, GOOD | {member: value}, "Handshake")
