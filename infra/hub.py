"""The hub of an organization: its table and bucket, the three functions with their roles, and what starts them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from aws_cdk import Acknowledgment, Aws, CfnElement, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.answers import add_answers
from infra.configuration import Configuration, OrganizationScope
from infra.function import (
    Code,
    allow_events,
    allow_ledger,
    allow_marks,
    in_seconds,
    make_function,
    make_log_group,
    make_role,
)
from infra.member import BUS_NAME, EVENTS_ROLE_NAME, EXTERNAL_ID, HUB_ROLE_NAME, ROLE_NAME
from infra.schedule import make_schedule
from infra.state_machine import make_state_machine
from infra.trigger import Trigger
from invitation_responder.aws.ledger_index import INDEX
from invitation_responder.organization.batches import BATCH_MEMORY_MIB, FUNCTION_TIMEOUT, MEMORY_MIB


class Hub(Construct):
    """Plans, sweeps and summarizes. `organization_table` holds the coverage, `batches` the plan of a running sweep."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        code: Code,
        ledger: dynamodb.TableV2,
        marks: dynamodb.TableV2,
        answers: Sequence[Mapping[str, Any]],
        dead_letters: sqs.IQueue,
        configuration: Configuration,
        organization: OrganizationScope,
    ) -> None:
        """`answers` are the IAM policy documents about the handshakes of the hub's own account."""
        super().__init__(scope, id)
        self._code = code
        self.log_group = make_log_group(self)
        self.organization_table = self._organization_table()
        self.batches = self._bucket()
        shared = {
            "ORGANIZATION_TABLE": self.organization_table.table_name,
            "LEDGER_TABLE": ledger.table_name,
            "LEDGER_RETENTION_DAYS": str(configuration.ledger_retention_days),
            "SENDER_TEXT": configuration.sender_text,
        }
        planned = {
            "BATCH_BUCKET": self.batches.bucket_name,
            "LISTINGS_A_SECOND": str(organization.listing_rate),
            "SCHEDULE_SECONDS": str(int(configuration.schedule.total_seconds())),
        }
        self.plan = self._function(
            "Plan",
            "Lists the accounts of the organization and cuts them into batches",
            self._plan_role(),
            shared
            | planned
            | {
                "ORGANIZATION_UNITS": ",".join(organization.units),
                "LEAVE_OUT": ",".join(organization.leave_out),
            },
        )
        self.batch = self._function(
            "Batch",
            "Answers the pending AWS Organizations handshakes of a batch of accounts by the policy",
            self._batch_role(ledger, answers),
            shared | {"MEMBER_ROLE": ROLE_NAME, "EXTERNAL_ID": EXTERNAL_ID},
            memory=BATCH_MEMORY_MIB,
        )
        self.summary = self._function(
            "Summary",
            "Tells which accounts of the organization were swept, and which were not and why",
            self._summary_role(ledger, marks),
            shared | planned | {"MARKS_TABLE": marks.table_name},
        )
        self.bus = self._bus()
        Trigger(
            self,
            "Trigger",
            function=self.batch,
            timeout=in_seconds(FUNCTION_TIMEOUT),
            dead_letters=dead_letters,
            members=self.bus,
        )
        self.state_machine = make_state_machine(
            self, plan=self.plan, batch=self.batch, summary=self.summary, batches=self.batches
        )
        self.schedule = make_schedule(
            self,
            partial(targets.StepFunctionsStartExecution, self.state_machine),
            description="Sweeps the handshakes of the organization",
            interval=in_seconds(configuration.schedule),
            dead_letters=dead_letters,
            input=scheduler.ScheduleTargetInput.from_object({}),
        )

    def _organization_table(self) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            "Organization",
            partition_key=dynamodb.Attribute(name="kind", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY,  # the next hub learns the coverage in one sweep
        )

    def _bucket(self) -> s3.Bucket:
        """The bucket of the batches: empty between two sweeps. What a killed sweep leaves is deleted after a day."""
        bucket = s3.Bucket(
            self,
            "Batches",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(1))],
            removal_policy=RemovalPolicy.DESTROY,
        )
        Validations.of(bucket).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-S1",
                reason="It holds account numbers for the time of one sweep, and only the hub's functions read it.",
            )
        )
        return bucket

    def _bus(self) -> events.EventBus:
        """The bus for the events of other accounts. It lets in a role that every account has under the same name.

        It asks for no organization: who has accepted a stranger's invitation has left it before the event comes. An
        event can only start a sweep of an account that the hub sweeps anyway.
        """
        bus = events.EventBus(
            self,
            "Bus",
            event_bus_name=BUS_NAME,
            description="Invitation Responder: what people do with handshakes in other accounts",
        )
        senders = f"arn:{Aws.PARTITION}:iam::*:role/{EVENTS_ROLE_NAME}"
        arn = Stack.of(self).format_arn(service="events", resource="event-bus", resource_name=BUS_NAME)
        statement = iam.PolicyStatement(
            sid="EventsOfMembers",
            actions=["events:PutEvents"],
            resources=[arn],
            principals=[iam.AnyPrincipal()],
            conditions={"ArnLike": {"aws:PrincipalArn": senders}},
        )
        cast("events.CfnEventBus", bus.node.default_child).policy = iam.PolicyDocument(statements=[statement])
        return bus

    def _function(
        self,
        name: str,
        description: str,
        role: iam.Role,
        environment: dict[str, str],
        memory: int = MEMORY_MIB,
    ) -> lambda_.Function:
        return make_function(
            self,
            name,
            description=description,
            handler=f"organization.{name.lower()}_handler.handle",
            code=self._code,
            role=role,
            log_group=self.log_group,
            timeout=in_seconds(FUNCTION_TIMEOUT),
            environment=environment,
            memory=memory,
        )

    def _plan_role(self) -> iam.Role:
        role = make_role(
            self,
            "PlanRole",
            description="Invitation Responder: plans a sweep of the organization",
            log_group=self.log_group,
        )
        role.add_to_policy(iam.PolicyStatement(actions=["organizations:ListAccounts"], resources=["*"]))
        _acknowledge(role, "Resource::*", "ListAccounts takes no resource.")
        self._allow_table(role, "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem")
        self._allow_batches(role, "PutObject")
        return role

    def _batch_role(self, ledger: dynamodb.TableV2, answers: Sequence[Mapping[str, Any]]) -> iam.Role:
        role = make_role(
            self,
            "BatchRole",
            name=HUB_ROLE_NAME,
            description="Invitation Responder: sweeps this account, and others by their roles; derived from its policy",
            log_group=self.log_group,
        )
        allow_ledger(role, ledger)
        allow_events(role)
        self._allow_table(role, "GetItem", "UpdateItem")
        members = f"arn:{Aws.PARTITION}:iam::*:role/{ROLE_NAME}"
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[members]))
        _acknowledge(
            role,
            f"Resource::arn:<AWS::Partition>:iam::*:role/{ROLE_NAME}",
            "The role of that name in every account of the organization; its trust names the hub.",
        )
        add_answers(self, role, answers)
        return role

    def _summary_role(self, ledger: dynamodb.TableV2, marks: dynamodb.TableV2) -> iam.Role:
        role = make_role(
            self,
            "SummaryRole",
            description="Invitation Responder: summarizes a sweep of the organization",
            log_group=self.log_group,
        )
        allow_ledger(role, ledger)
        allow_events(role)
        allow_marks(role, marks)
        self._allow_table(role, "Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem")
        self._allow_batches(role, "GetObject", "PutObject", "DeleteObject")
        index = f"{ledger.table_arn}/index/{INDEX}"
        role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:Query"], resources=[index]))
        return role

    def _allow_table(self, role: iam.Role, *operations: str) -> None:
        actions = [f"dynamodb:{operation}" for operation in operations]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[self.organization_table.table_arn]))

    def _allow_batches(self, role: iam.Role, *operations: str) -> None:
        actions = [f"s3:{operation}" for operation in operations]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[self.batches.arn_for_objects("sweeps/*")]))
        bucket_id = Stack.of(self).get_logical_id(cast("CfnElement", self.batches.node.default_child))
        _acknowledge(role, f"Resource::<{bucket_id}.Arn>/sweeps/*", "The batches of every sweep.")


def _acknowledge(scope: Construct, finding: str, reason: str) -> None:
    Validations.of(scope).acknowledge(Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[{finding}]", reason=reason))
