"""The stack of each scope: ledger, functions, schedule, notifications, alarms."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from aws_cdk import Acknowledgment, CfnOutput, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import Alarms, OrganizationAlarms, execution_errors, function_errors
from infra.configuration import Configuration, OrganizationScope
from infra.courier import Courier
from infra.dashboard import account_sweeps, make_dashboard, organization_sweeps
from infra.function import Code
from infra.hub import Hub
from infra.member_stack_set import make_member_stack_set
from infra.notifications import Notifications
from infra.queries import save_queries
from infra.responder import TIMEOUT, Responder
from infra.trigger import Trigger
from invitation_responder.aws.ledger_index import ATTRIBUTES, INDEX

STACK_NAME: Final = "InvitationResponder"


class ResponderStack(Stack):
    """The resources of both scopes. The ledger's table is kept when the stack is deleted.

    Both scopes have the same stack, so that an account's ledger and topic stay when it becomes the hub.
    """

    def __init__(self, scope: Construct, *, description: str, configuration: Configuration) -> None:
        """Create the ledger, the dead-letter queue and the notifications."""
        super().__init__(scope, STACK_NAME, description=description)
        self.ledger = self._ledger(with_index=configuration.organization is not None)
        self.marks = self._marks()
        self.dead_letters = self._dead_letters()
        # The id is "News" for ever: another one would replace the topic of a deployed stack, with its subscriptions.
        self.notifications = Notifications(
            self,
            "News",
            emails=configuration.alarm_email,
            urgent_emails=configuration.urgent_email,
        )

    def _add_courier(self, code: Code, log_group: logs.ILogGroup, accounts: dynamodb.TableV2 | None = None) -> Courier:
        return Courier(
            self,
            "Courier",
            notifications=self.notifications,
            code=code,
            log_group=log_group,
            marks=self.marks,
            dead_letters=self.dead_letters,
            accounts=accounts,
        )

    def _add_outputs(self, function: lambda_.IFunction, log_group: logs.ILogGroup) -> None:
        CfnOutput(self, "LedgerTable", value=self.ledger.table_name)
        CfnOutput(self, "TopicArn", value=self.notifications.topic.topic_arn)
        if self.notifications.urgent:
            CfnOutput(self, "UrgentTopicArn", value=self.notifications.urgent.topic_arn)
        CfnOutput(self, "FunctionName", value=function.function_name)
        CfnOutput(self, "LogGroupName", value=log_group.log_group_name)
        CfnOutput(self, "DeadLetterQueueUrl", value=self.dead_letters.queue_url)

    def _ledger(self, *, with_index: bool) -> dynamodb.TableV2:
        index = dynamodb.GlobalSecondaryIndexPropsV2(
            index_name=INDEX,
            partition_key=dynamodb.Attribute(name="first_seen_on", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=list(ATTRIBUTES),
        )
        return dynamodb.TableV2(
            self,
            "Ledger",
            partition_key=dynamodb.Attribute(name="receiver", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="handshake_id", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            global_secondary_indexes=[index] if with_index else None,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # The records must outlive the responder.
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _marks(self) -> dynamodb.TableV2:
        """The table of the messages that were sent."""
        return dynamodb.TableV2(
            self,
            "Marks",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY,  # without it, a message is sent once more
        )

    def _dead_letters(self) -> sqs.Queue:
        queue = sqs.Queue(self, "DeadLetters", enforce_ssl=True, retention_period=Duration.days(14))
        Validations.of(queue).acknowledge(
            Acknowledgment(
                id="AwsSolutions-SQS3",
                reason="It is the dead-letter queue: of the schedule, the function and the rules.",
            )
        )
        return queue


class AccountStack(ResponderStack):
    """All resources for one account."""

    def __init__(
        self,
        scope: Construct,
        *,
        configuration: Configuration,
        code: Code,
        answers: Sequence[Mapping[str, Any]],
    ) -> None:
        """`answers` are the IAM policy documents about handshakes."""
        super().__init__(
            scope,
            description="Invitation Responder: answers this account's AWS Organizations handshakes by a policy",
            configuration=configuration,
        )
        responder = Responder(
            self,
            "Responder",
            code=code,
            ledger=self.ledger,
            marks=self.marks,
            answers=answers,
            dead_letters=self.dead_letters,
            configuration=configuration,
        )
        Trigger(self, "Trigger", function=responder.function, timeout=TIMEOUT, dead_letters=self.dead_letters)
        # What a function publishes needs somebody who hears it by then, in an upgrade, too.
        responder.function.node.add_dependency(self.notifications, self._add_courier(code, responder.log_group))
        alarms = Alarms(
            self,
            "Alarms",
            notifications=self.notifications,
            errors=function_errors(responder.function, configuration.schedule),
            dead_letters=self.dead_letters,
            schedule=configuration.schedule,
        )
        save_queries(self, responder.log_group)
        make_dashboard(
            self,
            alarms=alarms.all,
            sweeps=account_sweeps(responder.function, configuration.schedule),
            log_group=responder.log_group,
            schedule=configuration.schedule,
        )
        self._add_outputs(responder.function, responder.log_group)


class OrganizationStack(ResponderStack):
    """All resources for every account of an organization: the hub, and the roles of its members."""

    def __init__(
        self,
        scope: Construct,
        *,
        configuration: Configuration,
        organization: OrganizationScope,
        code: Code,
        answers: Sequence[Mapping[str, Any]],
        member_template: Path,
        home: str | None,
    ) -> None:
        """`answers` are the IAM policy documents about handshakes, `member_template` the file of the members' stack.

        `home` is the partition's home Region, if this stack is not deployed to it.
        """
        super().__init__(
            scope,
            description="Invitation Responder: answers the AWS Organizations handshakes of every account by a policy",
            configuration=configuration,
        )
        hub = Hub(
            self,
            "Responder",  # as in account scope: an account that becomes the hub keeps its log
            code=code,
            ledger=self.ledger,
            marks=self.marks,
            answers=answers,
            dead_letters=self.dead_letters,
            configuration=configuration,
            organization=organization,
        )
        members = make_member_stack_set(self, member_template, organization, home=home)
        members.node.add_dependency(hub.bus)  # the members' rules name it
        courier = self._add_courier(code, hub.log_group, hub.organization_table)
        # What a function publishes needs somebody who hears it by then, in an upgrade, too.
        for function in (hub.batch, hub.summary):
            function.node.add_dependency(self.notifications, courier)
        # No sweep may begin before the members have their role, or go on when they have lost it.
        hub.schedule.node.add_dependency(members)
        alarms = OrganizationAlarms(
            self,
            "Alarms",
            notifications=self.notifications,
            errors=execution_errors(hub.state_machine, configuration.schedule),
            dead_letters=self.dead_letters,
            schedule=configuration.schedule,
        )
        save_queries(self, hub.log_group)
        make_dashboard(
            self,
            alarms=alarms.all,
            sweeps=organization_sweeps(hub.state_machine, configuration.schedule),
            log_group=hub.log_group,
            schedule=configuration.schedule,
            statistic="Sum",
        )
        self._add_outputs(hub.batch, hub.log_group)
        CfnOutput(self, "OrganizationTable", value=hub.organization_table.table_name)
        CfnOutput(self, "StateMachineArn", value=hub.state_machine.state_machine_arn)
