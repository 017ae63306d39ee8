"""The hub of an organization, really deployed: its schedule's state machine sweeps 60 accounts, with IAM enforced."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.member import EXTERNAL_ID, HUB_ROLE_NAME, ROLE_NAME
from local.cloud.cloud import ACCOUNT, Cloud
from local.cloud.ministack import start_cloud
from local.demo.scenario import from_stranger

pytestmark = pytest.mark.xdist_group("cloud")

HUB, MANAGEMENT = ACCOUNT, "000000000100"
MEMBERS = tuple(f"{number:012}" for number in range(200, 259))
SUSPENDED = MEMBERS[-1]
INVITED = (*MEMBERS[:-1:3], MANAGEMENT, HUB)
# The two kinds of accounts that can't be swept: without the role, and with one that does not trust the hub.
WITHOUT_ROLE, UNTRUSTING = MEMBERS[0:9:3], MEMBERS[9:15:3]
NOT_SWEPT = WITHOUT_ROLE + UNTRUSTING
HOME = "us-east-1"
STRANGERS = {account: f"h-hubmember{account}" for account in INVITED}


@dataclass(frozen=True)
class Deployed:
    """The deployed hub, and the first execution of its state machine."""

    cloud: Cloud
    execution: dict[str, Any]

    @property
    def state_machine(self) -> str:
        return self.cloud.outputs()["StateMachineArn"]

    def coverage(self) -> dict[str, dict[str, Any]]:
        """The coverage by account, as the table holds it."""
        table = self.cloud.outputs()["OrganizationTable"]
        items = self.cloud.client("dynamodb").scan(TableName=table)["Items"]
        return {item["id"]["S"]: item for item in items if item["kind"]["S"] == "account"}

    def states(self) -> dict[str, str]:
        """The state of each stranger's invitation, by account."""
        return {account: self.cloud.aws.handshake(number)["State"] for account, number in STRANGERS.items()}


def prepare(cloud: Cloud) -> str:
    """Create the organization, with an invitation in a third of its accounts; returns the root's id.

    The hub is a delegated administrator.
    """
    organization = cloud.aws.add_organization("o-exampleorgid", management_account=MANAGEMENT)
    for account in (HUB, *MEMBERS):
        cloud.aws.account(account, organization=organization)
    cloud.aws.suspend(SUSPENDED, organization)
    now = datetime.now(UTC)
    for number, (account, handshake) in enumerate(STRANGERS.items()):
        cloud.aws.receive(account, from_stranger(number, now, hours=30, Id=handshake))
    management = cloud.client("organizations", account=MANAGEMENT)
    # moto does not know CloudFormation's own principal.
    management.register_delegated_administrator(AccountId=HUB, ServicePrincipal="ssm.amazonaws.com")
    return str(management.list_roots()["Roots"][0]["Id"])


def break_roles(cloud: Cloud) -> None:
    """Take the role from some accounts, and the trust from others."""
    for account in WITHOUT_ROLE:
        iam = cloud.client("iam", account=account)
        for name in iam.list_role_policies(RoleName=ROLE_NAME)["PolicyNames"]:
            iam.delete_role_policy(RoleName=ROLE_NAME, PolicyName=name)
        iam.delete_role(RoleName=ROLE_NAME)
    for account in UNTRUSTING:
        set_trust(cloud, account, "arn:aws:iam::999999999999:root")


def set_trust(cloud: Cloud, account: str, principal: str) -> None:
    """Let the account's role trust another principal."""
    iam = cloud.client("iam", account=account)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    iam.update_assume_role_policy(
        RoleName=ROLE_NAME, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


@pytest.fixture(scope="module")
def hub() -> Iterator[Deployed]:
    """The hub after a first sweep, in which five accounts could not be swept."""
    with start_cloud(auth=True, wait_scale=0) as cloud:
        root = prepare(cloud)
        cloud.bootstrap()
        cloud.deploy(
            schedule="24h",
            scope="organization",
            organization_units=root,
            listing_rate="6",
            call_as="delegated_admin",
        )
        cloud.deploy_member(MANAGEMENT)
        break_roles(cloud)
        machine = cloud.outputs()["StateMachineArn"]
        yield Deployed(cloud, cloud.execute(machine, seconds=120, input="{}"))


def test_the_execution_names_the_accounts_that_were_not_swept_and_why(hub: Deployed) -> None:
    assert (hub.execution["status"], hub.execution["error"]) == ("FAILED", "AccountsNotSwept")
    assert hub.execution["cause"] == f"5 of 60 accounts were not swept: 5 no role ({', '.join(sorted(NOT_SWEPT))})"


def test_it_was_a_distributed_map_over_batches(hub: Deployed) -> None:
    states = hub.cloud.client("stepfunctions")
    (run,) = states.list_map_runs(executionArn=hub.execution["executionArn"])["mapRuns"]
    counts = states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
    assert counts["total"] == counts["succeeded"] >= 4


def test_every_stranger_is_declined_in_every_account_that_was_swept(hub: Deployed) -> None:
    states = hub.states()
    assert {account for account, state in states.items() if state == "DECLINED"} == set(INVITED) - set(NOT_SWEPT)
    assert {states[account] for account in NOT_SWEPT} == {"OPEN"}


def test_the_coverage_has_a_reason_for_each_account_and_none_for_the_suspended_one(hub: Deployed) -> None:
    coverage = hub.coverage()
    assert set(coverage) == {HUB, MANAGEMENT, *MEMBERS} - {SUSPENDED}
    assert Counter(item["outcome"]["S"] for item in coverage.values()) == {"swept": 55, "no_role": 5}
    assert {account for account, item in coverage.items() if item["outcome"]["S"] == "no_role"} == set(NOT_SWEPT)
    assert "can't be assumed: AccessDenied" in coverage[WITHOUT_ROLE[0]]["detail"]["S"]


def test_nothing_else_was_called(hub: Deployed) -> None:
    answered = {call.account for call in hub.cloud.aws.calls if call.operation == "DeclineHandshake"}
    assert answered == set(INVITED) - set(NOT_SWEPT)
    assert not [call for call in hub.cloud.aws.calls if call.operation == "AcceptHandshake"]


def test_only_the_functions_role_can_act_as_a_member(hub: Deployed) -> None:
    cloud, member = hub.cloud, f"arn:aws:iam::{MEMBERS[1]}:role/{ROLE_NAME}"

    def assume(account: str, external_id: str = EXTERNAL_ID) -> None:
        sts = cloud.client("sts", account=account)
        sts.assume_role(RoleArn=member, RoleSessionName="stranger", ExternalId=external_id)

    for account in (MEMBERS[4], HUB):  # a member, and the hub's own root user, who is not the function
        with pytest.raises(ClientError, match="AccessDenied"):
            assume(account)
    iam = cloud.client("iam", account=MEMBERS[4])
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": MEMBERS[4]}}
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=HUB_ROLE_NAME, AssumeRolePolicyDocument=json.dumps(document))
    iam.put_role_policy(
        RoleName=HUB_ROLE_NAME, PolicyName="a", PolicyDocument=json.dumps({**document, "Statement": [allow]})
    )
    role = f"arn:aws:iam::{MEMBERS[4]}:role/{HUB_ROLE_NAME}"
    namesake = cloud.client("sts", account=MEMBERS[4]).assume_role(RoleArn=role, RoleSessionName="namesake")
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("sts", credentials=namesake["Credentials"]).assume_role(
            RoleArn=member, RoleSessionName="namesake", ExternalId=EXTERNAL_ID
        )


def test_when_the_roles_are_mended_a_run_for_the_failed_ones_finishes_the_rest(hub: Deployed) -> None:
    mend_roles(hub.cloud)
    before = hub.coverage()
    done = hub.cloud.execute(hub.state_machine, seconds=60, input=json.dumps({"only": "not swept"}))
    assert (done["status"], json.loads(done["output"])["accounts"]) == ("SUCCEEDED", 5), done
    assert set(hub.states().values()) == {"DECLINED"}
    after = hub.coverage()
    assert {account for account in after if after[account] != before[account]} == set(NOT_SWEPT)


def test_what_a_person_accepts_in_a_member_is_found_at_once(hub: Deployed) -> None:
    cloud, member = hub.cloud, MEMBERS[1]
    queue = cloud.subscribe()
    accepted = from_stranger(90, datetime.now(UTC), hours=1, Id="h-hubaccepted1")
    cloud.aws.receive(member, accepted)
    cloud.aws.client("organizations", member).accept_handshake(HandshakeId=accepted["Id"])
    before, began = listings(cloud, member), time.monotonic()
    cloud.put_call_event("AcceptHandshake", account=member, region=HOME, times=100)
    heard = cloud.collect(queue, lambda heard: any(mail.subject.startswith("BREACH in") for mail in heard))
    assert any(accepted["Id"] in mail.text for mail in heard if "BREACH" in mail.subject)
    assert time.monotonic() - began < 60, "the schedule has a day"
    time.sleep(8)
    assert 1 <= listings(cloud, member) - before <= 2


def listings(cloud: Cloud, account: str) -> int:
    """How often an account's handshakes were listed."""
    return sum(call.operation == "ListHandshakesForAccount" and call.account == account for call in cloud.aws.calls)


def mend_roles(cloud: Cloud) -> None:
    """Give the accounts a role like that of their neighbour."""
    neighbour = cloud.client("iam", account=MEMBERS[1])
    trust = neighbour.get_role(RoleName=ROLE_NAME)["Role"]["AssumeRolePolicyDocument"]
    (name,) = neighbour.list_role_policies(RoleName=ROLE_NAME)["PolicyNames"]
    answers = neighbour.get_role_policy(RoleName=ROLE_NAME, PolicyName=name)["PolicyDocument"]
    for account in WITHOUT_ROLE:
        iam = cloud.client("iam", account=account)
        iam.create_role(RoleName=ROLE_NAME, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=ROLE_NAME, PolicyName=name, PolicyDocument=json.dumps(answers))
    for account in UNTRUSTING:
        iam = cloud.client("iam", account=account)
        iam.update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=json.dumps(trust))


def test_with_the_hub_go_the_roles_and_the_ledger_stays(hub: Deployed) -> None:
    cloud, ledger = hub.cloud, hub.cloud.outputs()["LedgerTable"]
    cloud.destroy()
    for account in MEMBERS[1:9]:
        if account not in NOT_SWEPT:  # their roles were made by hand
            names = [role["RoleName"] for role in cloud.client("iam", account=account).list_roles()["Roles"]]
            assert ROLE_NAME not in names
    assert cloud.client("dynamodb").scan(TableName=ledger)["Count"] == len(INVITED) + 1
