"""The StackSet that makes the member's role in every account of the chosen organizational units."""

from pathlib import Path

from aws_cdk import Aws, CfnStackSet
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.configuration import OrganizationScope
from infra.member import STACK_NAME


def make_member_stack_set(scope: Construct, template: Path, organization: OrganizationScope) -> CfnStackSet:
    """Make the role in all accounts there are and all that come. An account that leaves loses it.

    The management account is never a target of a StackSet (CloudFormation user guide, "Service-managed permissions").
    """
    # As an asset, since a template in the properties of a StackSet may have 51,200 bytes only.
    asset = assets.Asset(scope, "MemberTemplate", path=str(template))
    return CfnStackSet(
        scope,
        "Members",
        stack_set_name=STACK_NAME,
        description="Invitation Responder: the role by which the hub answers each account's handshakes",
        permission_model="SERVICE_MANAGED",
        call_as="DELEGATED_ADMIN" if organization.call_as == "delegated_admin" else "SELF",
        capabilities=["CAPABILITY_NAMED_IAM"],
        template_url=asset.http_url,
        parameters=[CfnStackSet.ParameterProperty(parameter_key="HubAccount", parameter_value=Aws.ACCOUNT_ID)],
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
                regions=[Aws.REGION],
            )
        ],
    )
