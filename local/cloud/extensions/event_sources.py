"""Lambda's batching window for queues: ministack invokes a function at once, with ten messages at most."""

import time
from typing import Any, Final

from ministack.services import lambda_svc, sqs

_MAX_WITHOUT_WINDOW: Final = 10
_receive_messages = sqs._receive_messages_for_esm  # noqa: SLF001


def _receive_after_window(queue_url: str, batch_size: int) -> list[dict[str, Any]]:
    """The messages of a batch, when the oldest has waited for the window or the batch is full; none until then."""
    window = _window(queue_url)
    if not window:
        return _receive_messages(queue_url, batch_size)  # type: ignore[no-any-return]
    with sqs._queues_lock:  # noqa: SLF001
        queue = sqs._get_q(queue_url)  # noqa: SLF001
        now = time.time()
        waiting = [message for message in queue["messages"] if message.get("visible_at", 0) <= now]
        # A message that came back has waited enough.
        began_at = [max(message["sent_at"], message.get("visible_at", 0)) for message in waiting]
        if len(waiting) < batch_size and min(began_at, default=now) > now - window:
            return []
    batch: list[dict[str, Any]] = []
    while len(batch) < batch_size:
        part = _receive_messages(queue_url, min(batch_size - len(batch), _MAX_WITHOUT_WINDOW))
        batch += part
        if not part:
            break
    return batch


def _window(queue_url: str) -> float:
    """The seconds of the window of the mapping that reads the queue; 0 without one."""
    queue = sqs._queues.get(queue_url) or {}  # noqa: SLF001
    arn = queue.get("attributes", {}).get("QueueArn")
    windows = [
        mapping.get("MaximumBatchingWindowInSeconds", 0)
        for _, _, mapping in lambda_svc._iter_all_esms()  # noqa: SLF001
        if mapping.get("EventSourceArn") == arn
    ]
    return float(max(windows, default=0))


def install() -> None:
    """Let functions wait for the window of their queue."""
    sqs._receive_messages_for_esm = _receive_after_window  # noqa: SLF001
