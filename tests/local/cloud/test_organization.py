"""What a deployment for a whole organization needs: roles in its accounts, which the hub's function alone may assume.

The stacks are written by hand and deployed through ministack's CloudFormation, with IAM policies enforced.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud.cloud import ACCOUNT, REGION, Cloud
from local.cloud.ministack import start_cloud
from local.demo.scenario import bill_invites_susan, from_stranger
from local.organizations.membership import describe_sender, organization_of

pytestmark = pytest.mark.xdist_group("cloud")

HUB = ACCOUNT
MANAGEMENT, PAYROLL, SALES, OUTSIDE, CLOSED, NEWCOMER = (str(digit) * 12 for digit in range(1, 7))
STRANGERS, CORPORATE = "h-demohandshake01", "h-examplehandshakeid111"
EXTERNAL_ID = "our-secret"
MEMBER_ROLE = "InvitationResponder"
FUNCTION = f"arn:aws:iam::{HUB}:role/service/Function"

MEMBER = {
    "Parameters": {"HubAccount": {"Type": "String"}, "Organization": {"Type": "String"}},
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": MEMBER_ROLE,
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${HubAccount}:root"}},
                        "Condition": {
                            "StringEquals": {
                                "sts:ExternalId": EXTERNAL_ID,
                                "aws:PrincipalArn": [
                                    {"Fn::Sub": "arn:${AWS::Partition}:iam::${HubAccount}:role/service/Function"},
                                    {"Fn::Sub": "arn:${AWS::Partition}:iam::${HubAccount}:role/service/NoPermission"},
                                ],
                            }
                        },
                    },
                },
                "Policies": [
                    {
                        "PolicyName": "Answer",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": ["organizations:ListHandshakesForAccount", "sts:GetCallerIdentity"],
                                    "Resource": "*",
                                },
                                {
                                    "Effect": "Allow",
                                    "Action": "organizations:DeclineHandshake",
                                    "Resource": {"Fn::Sub": "arn:${AWS::Partition}:organizations::*:handshake/*"},
                                },
                            ],
                        },
                    }
                ],
                "ManagedPolicyArns": [{"Ref": "NeverDecline"}],
            },
        },
        "NeverDecline": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Deny",
                        "Action": "organizations:DeclineHandshake",
                        "Resource": {"Fn::Sub": "arn:*:organizations::*:handshake/${Organization}/*"},
                    },
                }
            },
        },
    },
}


def hub_role(name: str, *, may_assume: bool = True) -> dict[str, Any]:
    """A role of the hub that the hub's own root user can assume."""
    anybody_here = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}}
    member_roles = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{MEMBER_ROLE}"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Path": "/service/",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": anybody_here},
            "Policies": [
                {"PolicyName": "Assume", "PolicyDocument": {"Version": "2012-10-17", "Statement": member_roles}}
            ]
            if may_assume
            else [],
        },
    }


def hub_template(unit: str, **changes: Any) -> dict[str, Any]:
    """The hub's stack: three roles, and the stack set for the accounts in a unit."""
    stack_set = {
        "StackSetName": "members",
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "DELEGATED_ADMIN",
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        "ManagedExecution": {"Active": True},
        "OperationPreferences": {"MaxConcurrentPercentage": 100, "RegionConcurrencyType": "PARALLEL"},
        "Parameters": [
            {"ParameterKey": "HubAccount", "ParameterValue": {"Ref": "AWS::AccountId"}},
            {"ParameterKey": "Organization", "ParameterValue": "o-exampleorgid"},
        ],
        "StackInstancesGroup": [{"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": [REGION]}],
        "TemplateURL": {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets/member.json"},
    }
    return {
        "Resources": {
            "Function": hub_role("Function"),
            "Other": hub_role("Other"),
            "NoPermission": hub_role("NoPermission", may_assume=False),
            "Members": {"Type": "AWS::CloudFormation::StackSet", "Properties": stack_set | changes},
        }
    }


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """An organization, with the member's template in a bucket of the hub."""
    with start_cloud(auth=True) as cloud:
        organization = cloud.aws.add_organization("o-exampleorgid", management_account=MANAGEMENT)
        for account in (HUB, PAYROLL, SALES, OUTSIDE, CLOSED):
            cloud.aws.account(account, organization=organization)
        cloud.aws.suspend(CLOSED, organization)
        management = cloud.client("organizations", account=MANAGEMENT)
        # moto does not know CloudFormation's own principal.
        management.register_delegated_administrator(AccountId=HUB, ServicePrincipal="ssm.amazonaws.com")
        cloud.client("s3").create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": REGION})
        cloud.client("s3").put_object(Bucket="assets", Key="member.json", Body=json.dumps(MEMBER))
        yield cloud


@pytest.fixture(scope="module")
def unit(cloud: Cloud) -> str:
    """A unit with all accounts but the hub and `OUTSIDE`."""
    management = cloud.client("organizations", account=MANAGEMENT)
    root = management.list_roots()["Roots"][0]["Id"]
    unit: str = management.create_organizational_unit(ParentId=root, Name="Staff")["OrganizationalUnit"]["Id"]
    for account in (MANAGEMENT, PAYROLL, SALES, CLOSED):
        management.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    return unit


def deploy(cloud: Cloud, name: str, template: dict[str, Any], *, update: bool = False) -> str:
    """Deploy a stack; returns its status, and after it the reasons of what failed."""
    cloudformation = cloud.client("cloudformation")
    operation = cloudformation.update_stack if update else cloudformation.create_stack
    operation(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    stack = cloud.wait_for_stack(name)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join([stack, *(event.get("ResourceStatusReason", "") for event in events)])


@pytest.fixture(scope="module")
def hub(cloud: Cloud, unit: str) -> None:
    """The hub's stack, deployed."""
    assert deploy(cloud, "hub", hub_template(unit)).startswith("CREATE_COMPLETE")


def has_role(cloud: Cloud, account: str) -> bool:
    """True if the account has the member's role."""
    roles = cloud.client("iam", account=account).list_roles()["Roles"]
    return MEMBER_ROLE in [role["RoleName"] for role in roles]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        pytest.param(PAYROLL, True, id="a member in the unit has the role"),
        pytest.param(SALES, True, id="another member in the unit has it"),
        pytest.param(OUTSIDE, False, id="a member outside has not"),
        pytest.param(HUB, False, id="nor has the hub outside"),
        pytest.param(CLOSED, False, id="nor a closed account"),
        pytest.param(MANAGEMENT, False, id="nor the management account"),
    ],
)
def test_the_accounts_of_the_unit_get_the_role(cloud: Cloud, hub: None, account: str, expected: bool) -> None:
    assert has_role(cloud, account) == expected


def start_session(cloud: Cloud, role: str) -> dict[str, str]:
    """The credentials of a role that its account's root user assumes."""
    sts = cloud.client("sts", account=role.split(":")[4])
    credentials: dict[str, str] = sts.assume_role(RoleArn=role, RoleSessionName="function")["Credentials"]
    return credentials


def assume(cloud: Cloud, session: dict[str, str], account: str, external_id: str = EXTERNAL_ID) -> dict[str, str]:
    """The credentials of a member's role, assumed by a session."""
    sts = cloud.client("sts", credentials=session)
    credentials: dict[str, str] = sts.assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{MEMBER_ROLE}", RoleSessionName="sweep", ExternalId=external_id
    )["Credentials"]
    return credentials


@pytest.mark.parametrize(
    ("role", "external_id"),
    [
        pytest.param(f"{HUB}:role/service/Other", EXTERNAL_ID, id="another role of the hub"),
        pytest.param(f"{HUB}:role/service/NoPermission", EXTERNAL_ID, id="a trusted role without the permission"),
        pytest.param(f"{HUB}:role/service/Function", "guessed", id="the function's role with another external id"),
        pytest.param(f"{OUTSIDE}:role/service/Function", EXTERNAL_ID, id="a role of that name in another account"),
    ],
)
def test_the_members_role_can_not_be_assumed_by(cloud: Cloud, hub: None, role: str, external_id: str) -> None:
    if role.startswith(OUTSIDE):
        roles = {"Resources": {"Function": hub_role("Function")}}
        cloud.client("cloudformation", account=OUTSIDE).create_stack(
            StackName="impostor", TemplateBody=json.dumps(roles), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        assert cloud.wait_for_stack("impostor", account=OUTSIDE) == "CREATE_COMPLETE"
    session = start_session(cloud, f"arn:aws:iam::{role}")
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(cloud, session, SALES, external_id)


def test_the_functions_role_acts_in_a_member_as_its_role_allows(cloud: Cloud, hub: None) -> None:
    now = datetime.now(UTC)
    cloud.aws.receive(PAYROLL, bill_invites_susan(now))
    cloud.aws.receive(PAYROLL, from_stranger(1, now, hours=30))
    credentials = assume(cloud, start_session(cloud, FUNCTION), PAYROLL)
    assert cloud.client("sts", credentials=credentials).get_caller_identity()["Account"] == PAYROLL
    organizations = cloud.client("organizations", credentials=credentials)

    received = organizations.list_handshakes_for_account()["Handshakes"]
    assert {handshake["Id"] for handshake in received} == {STRANGERS, CORPORATE}
    assert cloud.aws.calls[-1].account == PAYROLL
    organizations.decline_handshake(HandshakeId=STRANGERS)
    assert cloud.aws.handshake(STRANGERS)["State"] == "DECLINED"
    for operation in (organizations.decline_handshake, organizations.accept_handshake):
        with pytest.raises(ClientError, match="AccessDenied"):
            operation(HandshakeId=CORPORATE)


def test_a_missing_role_is_mended_by_the_accounts_own_iam(cloud: Cloud, hub: None) -> None:
    iam = cloud.client("iam", account=SALES)
    role = iam.get_role(RoleName=MEMBER_ROLE)["Role"]
    iam.delete_role_policy(RoleName=MEMBER_ROLE, PolicyName="Answer")
    [managed] = iam.list_attached_role_policies(RoleName=MEMBER_ROLE)["AttachedPolicies"]
    iam.detach_role_policy(RoleName=MEMBER_ROLE, PolicyArn=managed["PolicyArn"])
    iam.delete_role(RoleName=MEMBER_ROLE)
    session = start_session(cloud, FUNCTION)
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(cloud, session, SALES)

    trust = json.dumps(role["AssumeRolePolicyDocument"])
    iam.create_role(RoleName=MEMBER_ROLE, AssumeRolePolicyDocument=trust)
    assert assume(cloud, session, SALES)["AccessKeyId"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param(
            {"CallAs": "SELF"}, f"account {HUB} needs CallAs DELEGATED_ADMIN", id="as the wrong administrator"
        ),
        pytest.param({"Capabilities": []}, "CAPABILITY_NAMED_IAM", id="without the capability"),
        pytest.param({"StackSetName": "again"}, f"{MEMBER_ROLE} already exists", id="a role that is there already"),
        pytest.param({"TemplateURL": "https://s3/assets/none"}, "can't be read", id="a template that is not there"),
    ],
)
def test_a_stack_set_fails(cloud: Cloud, hub: None, unit: str, changes: dict[str, Any], reason: str) -> None:
    members = hub_template(unit, **changes)["Resources"]["Members"]
    outcome = deploy(cloud, f"fails-{uuid.uuid4()}", {"Resources": {"Members": members}})
    assert outcome.startswith("ROLLBACK_COMPLETE")
    assert reason in outcome


def test_an_update_reaches_newcomers_and_leaves_former_targets(cloud: Cloud, hub: None) -> None:
    organizations = cloud.client("organizations", account=MANAGEMENT)
    root = organizations.list_roots()["Roots"][0]["Id"]
    cloud.aws.account(NEWCOMER, organization=describe_sender(organization_of(HUB, "aws"), "aws"))
    targets = {"OrganizationalUnitIds": [root], "AccountFilterType": "DIFFERENCE", "Accounts": [PAYROLL]}
    group = [{"DeploymentTargets": targets, "Regions": [REGION]}]
    outcome = deploy(cloud, "hub", hub_template(root, StackInstancesGroup=group), update=True)
    assert outcome.startswith("UPDATE_COMPLETE")
    accounts = (HUB, MANAGEMENT, PAYROLL, SALES, OUTSIDE, CLOSED, NEWCOMER)
    having = {account for account in accounts if has_role(cloud, account)}
    assert having == {HUB, SALES, OUTSIDE, NEWCOMER}


def test_deleting_the_stack_deletes_the_roles(cloud: Cloud, hub: None) -> None:
    cloud.client("cloudformation").delete_stack(StackName="hub")
    assert cloud.wait_for_stack("hub") == ""
    assert [account for account in (HUB, PAYROLL, SALES, OUTSIDE, NEWCOMER) if has_role(cloud, account)] == []
