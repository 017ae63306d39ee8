"""Notifications for people: topics, and rules that turn each event into a readable message."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from invitation_responder.aws.event_bus import DETAIL_TYPES, ORGANIZATION_DETAIL_TYPES, SOURCE

# Kind → advice to the message's reader. EventBridge can't choose a text by a field: there is a rule for each kind.
ADVICE: Final = {
    "declined": "Nothing, if you do not know the sender. If you do: add an allow rule and ask for a new invitation; a "
    "declined one can't be revived.",
    "accepted": "Nothing. A rule of the policy accepts it; look at the rule if that surprises you.",
    "left": "Accept or decline it in the receiving account in time; the responder leaves it to you.",
    "would_decline": "Nothing yet: the policy is in audit mode. `mode: enforce` would decline it.",
    "would_accept": "Nothing yet: the policy is in audit mode. `mode: enforce` would accept it.",
    "waiting": "If it is wanted, add an allow rule by pull request now; it is declined when its wait is over.",
    "deferred": "Nothing: the next sweep goes on. If many are deferred, somebody floods you, or a policy change "
    "declines more than was meant: read the ledger.",
    "already_closed": "Nothing: it was answered, canceled or expired without the responder.",
    "failed": "Read the function's log for the error. The next sweep tries again by itself.",
    "undecided": "Look at the handshake in the AWS console and answer it yourself: the responder can't judge it.",
    "breach": "ACT NOW: somebody accepted what the policy does not allow. Find out in CloudTrail who called "
    "AcceptHandshake, and move the account back or end the billing transfer.",
}

# The kinds of events that somebody should be woken for.
URGENT: Final = frozenset({"breach", "undecided", "failed", "accounts_not_swept"})
# The kinds of events about closed handshakes, which nobody can answer any more.
_CLOSED: Final = frozenset({"declined", "accepted", "already_closed", "breach"})


class Notifications(Construct):
    """An SNS topic that carries every event as a readable message, and the alarms.

    If somebody wants only what is urgent, `urgent` is a topic for that.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's own name
        *,
        emails: Sequence[str],
        urgent_emails: Sequence[str],
        dead_letters: sqs.IQueue,
        of_organization: bool = False,
    ) -> None:
        """Subscribe the addresses; events that a topic does not take go to `dead_letters`.

        Events about an organization have a message only if `of_organization` is true.
        """
        super().__init__(scope, id)
        self.topic = self._topic("Topic", "Invitation Responder", emails)
        self.urgent = self._topic("Urgent", "Invitation Responder: urgent", urgent_emails) if urgent_emails else None
        # A role, since a statement in the topic's policy would let any account's rules publish.
        publisher = iam.Role(
            self,
            "Publisher",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
            description="Invitation Responder's rules: publish its news",
        )
        messages = {kind: (detail_type, message(kind)) for kind, detail_type in DETAIL_TYPES.items()}
        if of_organization:
            for kind, detail_type in ORGANIZATION_DETAIL_TYPES.items():
                messages[kind] = (detail_type, ORGANIZATION_MESSAGES[kind])
        for kind, (detail_type, text) in messages.items():
            topics = [self.topic, self.urgent] if self.urgent and kind in URGENT else [self.topic]
            events.Rule(
                self,
                f"{kind.title().replace('_', '')}Rule",
                description=f"Invitation Responder: tells people of `{kind}`",
                event_pattern=events.EventPattern(source=[SOURCE], detail_type=[detail_type]),
                targets=[
                    targets.SnsTopic(
                        topic,
                        role=publisher,
                        message=events.RuleTargetInput.from_multiline_text(text),
                        dead_letter_queue=dead_letters,
                        max_event_age=Duration.hours(24),
                    )
                    for topic in topics
                ],
            )

    def _topic(self, id: str, display_name: str, emails: Sequence[str]) -> sns.Topic:  # noqa: A002 - the CDK's own name
        topic = sns.Topic(self, id, display_name=display_name, enforce_ssl=True)
        topic.add_to_resource_policy(
            # A policy replaces the topic's default one, which would let alarms publish.
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        for email in emails:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic


def _field(name: str) -> str:
    return events.EventField.from_path(f"$.detail.{name}")


# Kind → template of the message about an event of an organization.
ORGANIZATION_MESSAGES: Final = {
    "accounts_not_swept": f"""{_field("not_swept")} of {_field("accounts")} accounts were not swept

Why:        {_field("reason")}
Sweep:      {_field("sweep")}

What to do: `responder coverage` names all of them; docs/organization.md says what to do about each reason. Then start \
the state machine for just these accounts: it takes the input that docs/organization.md shows.""",
    "schedule_too_tight": f"""The schedule is too tight: {_field("reason")}

Accounts:   {_field("accounts")}

What to do: Set a longer `schedule` in cdk.json and deploy; `responder estimate` says which one fits. Until then some \
sweeps are skipped, and none overlap.""",
    "campaign": f"""One sender asks for {_field("accounts")} accounts of this organization

From:       organization {_field("organization")}, management account {_field("management_account")}
Handshakes: {_field("handshakes")} since {_field("first_seen_at")}

What to do: Find out where the sender has the account numbers from, and tell AWS Support about the abuse. The \
handshakes themselves are answered by the policy, as ever.""",
}


def message(kind: str) -> str:
    """The template of the message about an event of that kind, with EventBridge's placeholders."""

    return "\n".join(
        [
            f"{DETAIL_TYPES[kind]}, in account {_field('receiver')}",
            "",
            f"Request:    {_field('action')} {_field('handshake_id')}, which is {_field('state')}",
            f"From:       organization {_field('organization')}, management account {_field('management_account')}",
            f"Decision:   {_field('effect')} ({_field('mode')} mode)",
            f"Why:        {_field('reason')}",
            f"Requested:  {_field('requested_at')}, expires {_field('expires_at')}",
            *([] if kind in _CLOSED else [f"Answer by:  {_field('answer_by')}"]),
            "",
            f"What to do: {ADVICE[kind]}",
        ]
    )
