"""The permissions to answer handshakes, as policies of a role."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Aws, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct


def add_answers(scope: Construct, role: iam.Role, answers: Sequence[Mapping[str, Any]]) -> None:
    """Give the role the IAM policy documents about handshakes: the first one inline, the others as managed policies.

    The CDK asks before it widens an inline policy, but does not compare managed policies' documents.
    """
    first, *others = [iam.PolicyDocument.from_json(document) for document in answers]
    # The role is the scope, so that what uses the role is created after the policy.
    _acknowledge_senders(iam.Policy(role, "Answers", document=first, roles=[role]), answers[0])
    for number, document in enumerate(others, start=1):
        policy = iam.ManagedPolicy(
            scope,
            f"Answers{number + 1}",
            description="Answering handshakes as the policy allows: what finds no room in the role itself",
            document=document,
        )
        role.add_managed_policy(policy)
        _acknowledge_senders(policy, answers[number])


def _acknowledge_senders(policy: iam.Policy | iam.ManagedPolicy, document: Mapping[str, Any]) -> None:
    """Acknowledge cdk-nag's finding about each resource with a wildcard."""
    resources = {resource for statement in document["Statement"] for resource in statement["Resource"]}
    for resource in sorted(resource for resource in resources if "*" in resource):
        Validations.of(policy).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource.replace(Aws.PARTITION, '<AWS::Partition>')}]",
                reason="Listing takes no resource, and a handshake's ARN names its sender, who can be anyone.",
            )
        )
