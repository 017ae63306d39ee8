"""The deployed role on a cloud that holds IAM policies: enough for the function's work, and not more."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.cast import bill_invites_susan, sent
from local.cloud import ACCOUNT, POLICY, REGION, Cloud, start_cloud, wait_for

pytestmark = pytest.mark.xdist_group("cloud")

STRANGERS = "h-demohandshake01"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The responder, deployed, with two handshakes to answer."""
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    policy.write_text(POLICY)
    with start_cloud(auth=True) as cloud:
        cloud.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
        cloud.deploy(policy)
        now = datetime.now(UTC)
        cloud.world.receive(ACCOUNT, bill_invites_susan(now))
        cloud.world.receive(ACCOUNT, sent(1, now, hours=30, notes="Join us!"))
        yield cloud


def taken(cloud: Cloud, queue: str, count: int) -> list[str]:
    """What came to a queue, once there is that much."""
    found: list[str] = []

    def are_there() -> bool:
        found.extend(cloud.messages(queue))
        return len(found) >= count

    assert wait_for(are_there, seconds=60), [found, cloud.log_lines()]
    return found


def test_the_role_is_enough_for_a_sweep_with_an_answer_and_its_news(cloud: Cloud) -> None:
    queue = cloud.listen()
    run = cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"])
    assert "FunctionError" not in run, cloud.log_lines()
    assert json.loads(run["Payload"].read())["declined"] == 1
    assert cloud.world.handshake(STRANGERS)["State"] == "DECLINED"
    assert len(taken(cloud, queue, 2)) == 2


@pytest.mark.parametrize(
    ("action", "sender", "decision"),
    [
        pytest.param("DeclineHandshake", "o-stranger0001", "allowed", id="a stranger's may be declined"),
        pytest.param("DeclineHandshake", "o-exampleorgid", "explicitDeny", id="what the policy allows may not"),
        pytest.param("AcceptHandshake", "o-exampleorgid", "implicitDeny", id="nothing may be accepted"),
    ],
)
def test_the_role_follows_the_policy(cloud: Cloud, action: str, sender: str, decision: str) -> None:
    function = cloud.client("lambda").get_function_configuration(FunctionName=cloud.outputs()["FunctionName"])
    answer = cloud.client("iam").simulate_principal_policy(
        PolicySourceArn=function["Role"],
        ActionNames=[f"organizations:{action}"],
        ResourceArns=[f"arn:aws:organizations::999999999901:handshake/{sender}/invite/h-demohandshake01"],
    )
    assert [result["EvalDecision"] for result in answer["EvaluationResults"]] == [decision]


def test_a_sweep_that_fails_to_the_end_is_a_dead_letter(cloud: Cloud) -> None:
    cloud.world.fail("ListHandshakesForAccount", "ServiceException", times=None, status=500)
    # Not by the schedule: ministack's forgets a call that fails.
    cloud.client("lambda").invoke(FunctionName=cloud.outputs()["FunctionName"], InvocationType="Event")
    [letter] = taken(cloud, cloud.outputs()["DeadLetterQueueUrl"], 1)
    assert json.loads(letter)["requestContext"]["condition"] == "RetriesExhausted"
