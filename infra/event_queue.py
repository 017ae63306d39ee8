"""A queue in which events gather, until a function gets them together."""

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# A throttled invocation counts, too, so AWS advises five (Lambda developer guide, "Using Lambda with Amazon SQS").
ATTEMPTS: Final = 5


def make_event_queue(
    scope: Construct,
    id: str,  # noqa: A002 - the CDK's own name
    *,
    function: lambda_.Function,
    timeout: Duration,
    batch_size: int,
    window: Duration | None,
    retention: Duration,
    dead_letters: sqs.IQueue,
    reports_batch_item_failures: bool,
) -> targets.SqsQueue:
    """The target for rules, whose events the function gets: at most `batch_size`, which have come within the `window`.

    With a window and little traffic, Lambda may wait for 20 seconds, however short the window is. Without one it waits
    for nothing, and a batch has ten at most (Lambda developer guide, "Using Lambda with Amazon SQS").

    `timeout` is the function's. Events are kept as long as all attempts take, and for `retention` at least; those that
    fail in all attempts go to `dead_letters`. With `reports_batch_item_failures`, the function's answer names the
    messages that failed.
    """
    # Six times the timeout, and the window (Lambda developer guide, "Using Lambda with Amazon SQS").
    hidden = 6 * int(timeout.to_seconds()) + (int(window.to_seconds()) if window else 0)
    queue = sqs.Queue(
        scope,
        id,
        enforce_ssl=True,
        visibility_timeout=Duration.seconds(hidden),
        retention_period=Duration.seconds(max(int(retention.to_seconds()), (ATTEMPTS + 1) * hidden)),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=ATTEMPTS),
    )
    function.add_event_source(
        sources.SqsEventSource(
            queue,
            batch_size=batch_size,
            max_batching_window=window,
            max_concurrency=2,
            report_batch_item_failures=reports_batch_item_failures,
        )
    )
    return targets.SqsQueue(queue, dead_letter_queue=dead_letters, max_event_age=Duration.hours(24))
