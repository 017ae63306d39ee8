"""An embedded AWS to test in, whose answers are checked against the SDK's own service model."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape
from moto import mock_aws
from moto.core.base_backend import BackendDict

from local.embedded.server import serve
from local.embedded.world import EmbeddedAws
from local.organizations.payloads import Sender

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ContractError(AssertionError):
    """An answer does not match the service model."""


def check_shape(shape: Any, value: object, place: str) -> None:
    """Compare a value from an answer with its shape, recursively; raises ContractError."""
    match shape.type_name:
        case "structure":
            _check_structure(shape, value, place)
        case "list":
            for index, item in enumerate(_typed(value, list, place)):
                check_shape(shape.member, item, f"{place}[{index}]")
        case "string":
            _check_string(shape, _typed(value, str, place), place)
        case "timestamp":
            _typed(value, (int, float), place)
        case other:
            raise ContractError(f"{place}: no answer of a handshake operation has a {other}")


def _typed(value: object, kind: Any, place: str) -> Any:
    if not isinstance(value, kind):
        raise ContractError(f"{place}: {value!r} is no {kind}")
    return value


def _check_structure(shape: Any, value: object, place: str) -> None:
    members = _typed(value, dict, place)
    if unknown := set(members) - set(shape.members):
        raise ContractError(f"{place}: unknown members {unknown}")
    if missing := set(shape.required_members) - set(members):
        raise ContractError(f"{place}: missing members {missing}")
    for name, member in members.items():
        check_shape(shape.members[name], member, f"{place}.{name}")


def _check_string(shape: Shape, value: str, place: str) -> None:
    allowed = getattr(shape, "enum", [])
    if allowed and value not in allowed:
        raise ContractError(f"{place}: `{value}` is not in the enumeration")
    limits = shape.metadata
    if not limits.get("min", 0) <= len(value) <= limits.get("max", len(value)):
        raise ContractError(f"{place}: {len(value)} characters")
    if "pattern" in limits and not re.search(limits["pattern"], value):
        raise ContractError(f"{place}: `{value}` does not match the pattern")


def check_answer(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    """Check one answer, or error, against its operation's model; a handler for botocore's events."""
    body = json.loads(response_dict["body"])
    if response_dict["status_code"] == 200:
        check_shape(operation_model.output_shape, body, operation_model.name)
        return
    errors = {shape.name: shape for shape in operation_model.error_shapes}
    code = body.pop("__type")
    if code not in errors:
        raise ContractError(f"{operation_model.name}: can't raise {code}")
    body.setdefault("Message", body.pop("message", ""))
    check_shape(errors[code], body, code)


class CheckedAws(EmbeddedAws):
    """An embedded AWS whose answers to handshake operations are compared with the service model."""

    def client(self, service: Any, account_id: str, **options: Any) -> Any:
        """A client that raises ContractError on an answer that the model does not allow, and never retries."""
        options.setdefault("config", Config(retries={"total_max_attempts": 1}))
        client = super().client(service, account_id, **options)
        if service == "organizations":
            for operation in client.meta.service_model.operation_names:
                ours = ("Invite", "EnableAll", "ListOutbound")
                if "Handshake" in operation or operation.startswith(ours):
                    client.meta.events.register(f"before-parse.organizations.{operation}", check_answer)
        return client


@pytest.fixture(scope="module")
def mocked() -> Iterator[None]:
    """One mock_aws for a whole module: starting it takes longer than most tests."""
    with mock_aws():
        yield


@pytest.fixture
def unchecked(mocked: None) -> EmbeddedAws:
    """An empty embedded AWS inside mock_aws, at noon of a new year."""
    BackendDict.reset()
    aws = EmbeddedAws.install()
    aws.clock.set(NOW)
    return aws


@pytest.fixture
def aws(unchecked: EmbeddedAws) -> EmbeddedAws:
    """The same, with every answer checked against the service model."""
    return CheckedAws(unchecked.partition)


@pytest.fixture(params=[pytest.param(False, id="in mock_aws"), pytest.param(True, id="over HTTP")])
def anywhere(request: pytest.FixtureRequest) -> Iterator[EmbeddedAws]:
    """An embedded AWS in each of the two places where it must work."""
    if request.param:
        with serve() as served:
            served.clock.set(NOW)
            yield CheckedAws("aws", served.endpoint_url)
    else:
        yield request.getfixturevalue("aws")


@pytest.fixture
def refused() -> Callable[..., str]:
    """A function that calls an operation which must fail, and returns its error: `Code` or `Code REASON`."""

    def call(operation: Callable[..., Any], **request: Any) -> str:
        with pytest.raises(ClientError) as error:
            operation(**request)
        response: dict[str, Any] = dict(error.value.response)
        return " ".join(filter(None, [response["Error"]["Code"], response.get("Reason")]))

    return call


@pytest.fixture
def corporation(aws: EmbeddedAws) -> Sender:
    """An organization with all features: management 111111111111, member 333333333333."""
    sender = aws.add_organization(
        "o-corporation", management_account="111111111111", email="boss@example.com", name="Boss"
    )
    aws.account("333333333333", organization=sender)
    return sender


@pytest.fixture
def letter() -> Callable[..., dict[str, Any]]:
    """A function that makes an invitation from o-stranger000; its arguments replace members, None removes one."""

    def write(**members: Any) -> dict[str, Any]:
        handshake_id = members.get("Id", "h-letter0000")
        ordinary = {
            "Id": handshake_id,
            "Arn": f"arn:aws:organizations::999999999999:handshake/o-stranger000/invite/{handshake_id}",
            "Action": "INVITE",
            "State": "OPEN",
            "Parties": [{"Id": "o-stranger000", "Type": "ORGANIZATION"}],
            "RequestedTimestamp": NOW,
            "ExpirationTimestamp": NOW + timedelta(days=15),
            "Resources": [],
        }
        return {name: value for name, value in (ordinary | members).items() if value is not None}

    return write


@pytest.fixture
def contract() -> Callable[[Any, object, str], None]:
    """The comparison of a value with a shape, for a test of the comparison itself."""
    return check_shape
