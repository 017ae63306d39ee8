"""botocore's descriptions in the bundle: all that the function calls, and what stays says what it said before."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser

import invitation_responder
from infra.bundle import build
from infra.descriptions import cut_endpoints, cut_model

pytestmark = pytest.mark.xdist_group("infra")

# Those of the function, and those that botocore calls by itself.
OPERATIONS = {
    "organizations": {
        *("ListHandshakesForAccount", "DescribeHandshake", "DeclineHandshake", "AcceptHandshake", "ListAccounts"),
        *("LeaveOrganization", "DescribeOrganization", "ListOutboundResponsibilityTransfers"),
    },
    "dynamodb": {
        *("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"),
        *("BatchGetItem", "BatchWriteItem"),
        "DescribeEndpoints",
    },
    "events": {"PutEvents", "CreateEndpoint", "DescribeEndpoint"},
    "s3": {
        *("GetObject", "PutObject", "DeleteObject"),
        *("CreateSession", "HeadBucket", "ListBuckets", "ListObjects", "SelectObjectContent"),
    },
    "sns": {"Publish"},
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity"},
}
REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "xx-new-9")


@pytest.fixture(scope="module")
def cut(bundles: Path) -> Path:
    """The data of the bundle's botocore."""
    return build(b"{}\n", into=bundles).path / "botocore" / "data"


@pytest.fixture(scope="module")
def whole(bundles: Path) -> Path:
    """The data of the same botocore, as it is installed."""
    build(b"{}\n", into=bundles)
    (folder,) = bundles.glob("dependencies-*/botocore/data")
    return folder


def load(data: Path, service: str) -> ServiceModel:
    """A service's model in a folder of data."""
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(service, "service-2"), service_name=service)


@pytest.mark.parametrize("service", OPERATIONS)
def test_the_operations_that_stay(cut: Path, service: str) -> None:
    assert set(load(cut, service).operation_names) == OPERATIONS[service]


def test_every_call_of_the_function_is_to_an_operation_that_stays(cut: Path) -> None:
    sources = Path(invitation_responder.__file__).parent.rglob("*.py")
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    calls = set(re.findall(r"(?:client|self\._sts)\.([a-z]\w+)|get_paginator\(\"(\w+)\"\)", source))
    methods = {name for call in calls for name in call if name} - {"get_paginator", "close"}
    known = {botocore.xform_name(name) for service in OPERATIONS for name in load(cut, service).operation_names}
    assert len(methods) >= 15
    assert methods <= known


def describe(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """All that a shape says, with the shapes in it; a shape within itself is only named."""
    if shape is None or shape.name in above:
        return shape and shape.name
    inner = (*above, shape.name)
    members = {name: describe(member, inner) for name, member in getattr(shape, "members", {}).items()}
    parts = [describe(getattr(shape, part, None), inner) for part in ("member", "key", "value")]
    return (shape.name, shape.type_name, shape.serialization, shape.metadata, shape.documentation, members, parts)


def describe_operation(operation: OperationModel) -> Any:
    """All that an operation says."""
    shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    return (operation.http, operation.documentation, operation.auth_type, [describe(shape) for shape in shapes])


@pytest.mark.parametrize("service", OPERATIONS)
def test_what_stays_says_what_it_said(cut: Path, whole: Path, service: str) -> None:
    ours, theirs = load(cut, service), load(whole, service)
    assert ours.metadata == theirs.metadata
    for name in ours.operation_names:
        assert describe_operation(ours.operation_model(name)) == describe_operation(theirs.operation_model(name))
    assert {shape.name: describe(shape) for shape in ours.error_shapes} == {
        shape.name: describe(shape) for shape in theirs.error_shapes
    }


def test_every_error_of_organizations_is_parsed_alike(cut: Path, whole: Path) -> None:
    ours, theirs = load(cut, "organizations"), load(whole, "organizations")
    parser = create_parser("json")
    for code in [*(shape.name for shape in theirs.error_shapes), "NobodyKnowsThisException"]:
        body = f'{{"__type": "{code}", "Message": "no", "Reason": "INVALID_ENUM"}}'.encode()
        response = {"status_code": 400, "headers": {}, "body": body}
        shapes = [model.shape_for_error_code(code) for model in (ours, theirs)]  # type: ignore[arg-type] # the stubs err
        parsed = [parser.parse(response, shape) for shape in shapes if shape]
        assert len({shape is None for shape in shapes}) == 1
        assert parsed[:1] == parsed[1:]


def endpoints(data: Path) -> Iterator[tuple[str, str, str]]:
    """Where clients of each service and Region call, in a folder of data."""
    session = botocore.session.Session()
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    loader.BUILTIN_DATA_PATH = str(data)
    session.register_component("data_loader", loader)
    for region in REGIONS:
        for service in OPERATIONS:
            client = session.create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")
            yield service, region, client.meta.endpoint_url


def test_the_endpoints_are_the_same_in_every_partition(cut: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    found = list(endpoints(cut))
    assert found == list(endpoints(whole))
    assert ("dynamodb", "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn") in found


def test_what_nobody_calls_is_cut() -> None:
    model = {
        "version": "2.0",
        "operations": {
            "GetThing": {"input": {"shape": "A"}},
            "PutThing": {"input": {"shape": "B"}},
            "DescribeEndpoints": {"endpointoperation": True},
        },
        "shapes": {
            "A": {"type": "structure", "members": {"Items": {"shape": "List"}, "shape": {"shape": "Text"}}},
            "List": {"type": "list", "member": {"shape": "A"}},
            "B": {"type": "string"},
            "Text": {"type": "string"},
            "Failure": {"type": "structure", "exception": True, "members": {"Why": {"shape": "Reason"}}},
            "Reason": {"type": "string"},
        },
    }
    cut = cut_model(model, {"get_thing"})
    assert cut["version"] == "2.0"
    assert set(cut["operations"]) == {"GetThing", "DescribeEndpoints"}
    assert set(cut["shapes"]) == {"A", "List", "Text", "Failure", "Reason"}


def test_the_endpoints_of_other_services_are_cut() -> None:
    partitions = [{"partition": "aws", "defaults": 1, "services": {"sts": 2, "ec2": 3}}, {"services": {"ec2": 4}}]
    assert cut_endpoints({"version": 3, "partitions": partitions}, {"sts"}) == {
        "version": 3,
        "partitions": [{"partition": "aws", "defaults": 1, "services": {"sts": 2}}, {"services": {}}],
    }
