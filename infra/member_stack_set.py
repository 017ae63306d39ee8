"""The StackSet that makes the member's role and rule in every account of the chosen organizational units."""

from pathlib import Path

from aws_cdk import Acknowledgment, Aws, CfnCondition, CfnStackSet, Fn, Token, Validations
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.configuration import OrganizationScope
from infra.member import HUB_ACCOUNT, HUB_REGION, ROLE_REGION, STACK_NAME


def make_member_stack_set(
    scope: Construct, template: Path, organization: OrganizationScope, *, home: str | None
) -> CfnStackSet:
    """Make role and rule in all accounts there are and all that come. An account that leaves loses them.

    The management account is never a target of a StackSet (CloudFormation user guide, "Service-managed permissions").
    `home` is the partition's home Region if the hub is in another one: the rule is made there.
    """
    # As an asset, since a template in the properties of a StackSet may have 51,200 bytes only.
    asset = assets.Asset(scope, "MemberTemplate", path=str(template))
    stack_set = CfnStackSet(
        scope,
        "Members",
        stack_set_name=STACK_NAME,
        description="Invitation Responder: the role by which the hub answers each account's handshakes",
        permission_model="SERVICE_MANAGED",
        call_as="DELEGATED_ADMIN" if organization.call_as == "delegated_admin" else "SELF",
        capabilities=["CAPABILITY_NAMED_IAM"],
        template_url=asset.http_url,
        parameters=[
            CfnStackSet.ParameterProperty(parameter_key=key, parameter_value=value)
            for key, value in ((HUB_ACCOUNT, Aws.ACCOUNT_ID), (HUB_REGION, Aws.REGION), (ROLE_REGION, Aws.REGION))
        ],
        auto_deployment=CfnStackSet.AutoDeploymentProperty(enabled=True, retain_stacks_on_account_removal=False),
        managed_execution={"Active": True},
        # One account that fails must not keep the others from their role.
        operation_preferences=CfnStackSet.OperationPreferencesProperty(
            failure_tolerance_percentage=100,
            max_concurrent_percentage=100,
            concurrency_mode="SOFT_FAILURE_TOLERANCE",
            region_concurrency_type="PARALLEL",
        ),
        stack_instances_group=[
            CfnStackSet.StackInstancesProperty(
                deployment_targets=CfnStackSet.DeploymentTargetsProperty(
                    organizational_unit_ids=list(organization.units)
                ),
                regions=_regions(scope, home),
            )
        ],
    )
    Validations.of(stack_set).acknowledge(
        Acknowledgment(
            id="CloudFormation-Validate::F3037",
            reason="The two Regions are the same in the home Region only, where a condition leaves one of them out.",
        )
    )
    return stack_set


def _regions(scope: Construct, home: str | None) -> list[str]:
    """The hub's Region and the home Region. They are compared when CloudFormation knows the former for certain."""
    if home is None:
        return [Aws.REGION]
    is_home = CfnCondition(scope, "IsHome", expression=Fn.condition_equals(Aws.REGION, home))
    return Token.as_list(Fn.condition_if(is_home.logical_id, [Aws.REGION], [Aws.REGION, home]))
