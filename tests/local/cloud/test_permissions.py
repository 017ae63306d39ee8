"""The deployed role on a cloud that enforces IAM policies: enough for the function's work, and not more.

ministack denies what the role does not allow, before it hands a call of Organizations on to the embedded AWS.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.cloud.cloud import ACCOUNT, Cloud, wait_for
from local.cloud.ministack import POLICY, start_cloud
from local.demo.scenario import bill_invites_susan, from_stranger
from local.embedded.listener import take_messages
from local.organizations import membership

pytestmark = pytest.mark.xdist_group("cloud")

STRANGERS = "h-demohandshake01"
ANOTHER_STRANGERS, CORPORATE = "h-demohandshake03", "h-examplehandshakeid111"
NEW_HOMES = "h-newhome00001"
ACCEPTS = "  - {name: new-home, effect: accept, actions: [INVITE], organizations: [o-newhome0001]}\n"
PROBE = """
import botocore.exceptions, botocore.session

def handle(event, context):
    service, operation, parameters = event
    client = botocore.session.get_session().create_client(service)
    try:
        getattr(client, operation)(**parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """The responder, deployed, with two handshakes to answer."""
    with start_cloud(auth=True) as cloud:
        cloud.bootstrap()
        cloud.policy.write_text(POLICY + ACCEPTS)
        cloud.deploy()
        cloud.shorten_windows(3)
        now = datetime.now(UTC)
        cloud.aws.receive(ACCOUNT, bill_invites_susan(now))
        cloud.aws.receive(ACCOUNT, from_stranger(1, now, hours=30, notes="Join us!"))
        yield cloud


@pytest.fixture(scope="module")
def probe(cloud: Cloud) -> str:
    """Another function with the same role, which makes the call in its event; and a table that is not the role's."""
    deployed = cloud.client("lambda").get_function_configuration(FunctionName=cloud.outputs()["FunctionName"])
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
    cloud.client("lambda").create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Handler="probe.handle",
        Timeout=30,
        Role=deployed["Role"],
        Code={"ZipFile": code.getvalue()},
    )
    cloud.client("dynamodb").create_table(
        TableName="another",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "receiver", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "receiver", "AttributeType": "S"}],
    )
    return "probe"


ITEM = {"receiver": {"S": "000000000000"}, "handshake_id": {"S": "h-probe"}}
ROLE = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/admin", "RoleSessionName": "probe"}
EVENT = {"Source": "somebody-else", "DetailType": "Handshake Declined", "Detail": "{}"}


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        pytest.param(("dynamodb", "put_item", {"TableName": "LEDGER", "Item": ITEM}), "done", id="write the ledger"),
        pytest.param(
            ("dynamodb", "put_item", {"TableName": "another", "Item": ITEM}), "AccessDenied", id="write another table"
        ),
        pytest.param(
            ("dynamodb", "delete_item", {"TableName": "LEDGER", "Key": ITEM}), "AccessDenied", id="erase a record"
        ),
        pytest.param(("dynamodb", "delete_table", {"TableName": "LEDGER"}), "AccessDenied", id="delete the ledger"),
        pytest.param(("sts", "assume_role", ROLE), "AccessDenied", id="assume a role"),
        pytest.param(("iam", "create_user", {"UserName": "probe"}), "AccessDenied", id="make a user"),
        pytest.param(("events", "put_events", {"Entries": [EVENT]}), "AccessDenied", id="speak for somebody else"),
        pytest.param(("s3", "list_buckets", {}), "AccessDenied", id="look around"),
    ],
)
def test_the_role_may(cloud: Cloud, probe: str, call: tuple[str, str, dict[str, Any]], answer: str) -> None:
    event = json.dumps(call).replace("LEDGER", cloud.outputs()["LedgerTable"])
    run = cloud.client("lambda").invoke(FunctionName=probe, Payload=event)
    assert json.loads(run["Payload"].read()).removesuffix("Exception") == answer


def test_the_role_is_enough_for_a_sweep_with_an_answer_and_its_news(cloud: Cloud) -> None:
    queue = cloud.subscribe()
    run = cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"])
    assert "FunctionError" not in run, cloud.log_lines()
    assert json.loads(run["Payload"].read())["declined"] == 1
    assert cloud.aws.handshake(STRANGERS)["State"] == "DECLINED"
    [mail] = cloud.collect(queue, lambda heard: len(heard) >= 1)
    assert mail.subject == "1 handshake declined, 1 waits for you"


def stranger_invites(handshake_id: str) -> dict[str, Any]:
    """A handshake that no rule of the policy is about."""
    return from_stranger(3, datetime.now(UTC), hours=30) | {
        "Id": handshake_id,
        "Arn": f"arn:aws:organizations::999999999903:handshake/o-stranger0003/invite/{handshake_id}",
    }


@pytest.mark.parametrize(
    ("operation", "handshake", "answer"),
    [
        pytest.param("decline", ANOTHER_STRANGERS, "done", id="a stranger's may be declined"),
        pytest.param("decline", CORPORATE, "AccessDenied", id="what the policy allows may not"),
        pytest.param("accept", CORPORATE, "AccessDenied", id="nothing may be accepted"),
        pytest.param("cancel", CORPORATE, "AccessDenied", id="nothing may be canceled"),
        pytest.param("describe", "h-unknown00001", "HandshakeNotFound", id="an unknown handshake is not found"),
    ],
)
def test_the_role_follows_the_policy(cloud: Cloud, probe: str, operation: str, handshake: str, answer: str) -> None:
    cloud.aws.receive(ACCOUNT, stranger_invites(ANOTHER_STRANGERS))
    calls = len(cloud.aws.calls)
    event = json.dumps(("organizations", f"{operation}_handshake", {"HandshakeId": handshake}))
    run = cloud.client("lambda").invoke(FunctionName=probe, Payload=event)
    assert json.loads(run["Payload"].read()).removesuffix("Exception") == answer
    assert len(cloud.aws.calls) - calls == (answer != "AccessDenied")
    cloud.aws.forget(ANOTHER_STRANGERS)


def hold_to_the_role(cloud: Cloud) -> None:
    """Deny a member's next AcceptHandshake unless its role may LeaveOrganization, which AWS asks for as well."""

    def refuse(_call: Any) -> None:
        if membership.organization_of(ACCOUNT, "aws") is None:
            return
        function = cloud.client("lambda").get_function_configuration(FunctionName=cloud.outputs()["FunctionName"])
        answer = cloud.client("iam").simulate_principal_policy(
            PolicySourceArn=function["Role"], ActionNames=["organizations:LeaveOrganization"], ResourceArns=["*"]
        )
        if answer["EvaluationResults"][0]["EvalDecision"] != "allowed":
            message = "You are not authorized to perform: organizations:LeaveOrganization"
            cloud.aws.fail("AcceptHandshake", "AccessDeniedException", message=message)

    cloud.aws.before("AcceptHandshake", refuse)


def test_a_member_leaves_its_organization_where_a_rule_says_so_and_only_then(cloud: Cloud) -> None:
    def sweep() -> tuple[str, str, str]:
        hold_to_the_role(cloud)
        cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"])
        key = {"receiver": {"S": ACCOUNT}, "handshake_id": {"S": NEW_HOMES}}
        item = cloud.client("dynamodb").get_item(TableName=cloud.outputs()["LedgerTable"], Key=key)["Item"]
        home = membership.organization_of(ACCOUNT, "aws")
        return item["outcome"]["S"], item["reason"]["S"], str(home and home.id)

    aws = cloud.aws
    aws.account(ACCOUNT, organization=aws.add_organization("o-oldhome0001", management_account="555555555555"))
    new_home = aws.add_organization("o-newhome0001", management_account="444444444444")
    arn = f"arn:aws:organizations::{new_home.account}:handshake/o-newhome0001/invite/{NEW_HOMES}"
    aws.receive(ACCOUNT, from_stranger(2, datetime.now(UTC), hours=1) | {"Id": NEW_HOMES, "Arn": arn, "Resources": []})

    outcome, reason, home = sweep()
    assert (outcome, home) == ("failed", "o-oldhome0001")
    assert "You are not authorized to perform: organizations:LeaveOrganization" in reason
    assert "(`leave_organization: true` in the rule grants it)" in reason

    cloud.policy.write_text(POLICY + ACCEPTS.replace("}", ", leave_organization: true}"))
    cloud.deploy()
    outcome, _, home = sweep()
    assert (outcome, home) == ("accepted", "o-newhome0001")


def test_a_sweep_that_fails_to_the_end_is_a_dead_letter(cloud: Cloud) -> None:
    cloud.aws.fail("ListHandshakesForAccount", "ServiceException", times=None, status=500)
    # Not by the schedule: ministack's drops an invocation that fails.
    cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"], InvocationType="Event")
    letters: list[str] = []
    url = cloud.outputs()["DeadLetterQueueUrl"]

    def has_come() -> bool:
        letters.extend(take_messages(cloud.client("sqs"), url))
        return bool(letters)

    assert wait_for(has_come, seconds=60)
    assert json.loads(letters[0])["requestContext"]["condition"] == "RetriesExhausted"
