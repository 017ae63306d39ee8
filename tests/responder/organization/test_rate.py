"""The rate of a sweep under AWS's quotas, in virtual time. For more accounts: ACCOUNTS=2000 pytest …/test_rate.py."""

import os
from collections import deque
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from invitation_responder.aws.coverage import Coverage
from invitation_responder.aws.organization_table import OrganizationTable
from invitation_responder.organization import batches
from support.embedded import invitation
from support.hub import HUB, TABLE, Hub
from support.organization import Steps
from support.strategies import NOW
from support.virtual_time import VirtualTime

ACCOUNTS: Final = int(os.environ.get("ACCOUNTS", "200"))
# Seconds a call: Organizations is far away for most Regions, the others are near.
LATENCY: Final = {
    "organizations": (0.2, 0.4),
    "sts": (0.05, 0.15),
    "dynamodb": (0.005, 0.03),
    "eventbridge": (0.02, 0.06),
    "s3": (0.02, 0.1),
}
COLD_START: Final = 1.5


class Workers:
    """The functions of a sweep at work: as many at a time as there are workers, each with clients of its own."""

    def __init__(self, hub: Hub, accounts: int, rate: float) -> None:
        """Let there be so many accounts, of which one in ten has an invitation; AWS's quotas hold."""
        self.hub = hub
        self.rate = rate
        hub.aws.clock.set(NOW)
        hub.aws.quotas.enable()
        self.members = [f"{number:012}" for number in range(200_000_000_001, 200_000_000_000 + accounts)]
        self.invited = self.members[::10]
        hub.members(*self.members)
        for number, account in enumerate(self.invited, 1):
            hub.aws.receive(account, invitation(number))
        self.time = VirtualTime(hub.aws.clock)
        hub.monkeypatch.setattr("time.sleep", self.time.sleep)  # botocore's, before it tries again

    def function(self, number: int) -> Steps:
        """A function's instance."""
        session, members = self.hub.aws.session(HUB), self.hub.aws.session(HUB)
        self.time.delay_calls(session, LATENCY, seed=number)
        self.time.delay_calls(members, LATENCY, seed=-number)
        return Steps(self.hub.aws, session, self.time.sleep, self.time.monotonic, self.rate, members=members)

    def sweep(self) -> float:
        """Sweep all accounts; returns the number of accounts a second, from the first batch to the last."""
        planner = self.function(0)
        (plan,) = self.time.run([lambda: planner.plan("sweep-1")])
        (waiting,) = self.time.run([lambda: deque(planner.store.read(plan["key"]))])
        began = self.hub.aws.clock.now()
        self.time.run([partial(self.work, number, waiting) for number in range(1, batches.WORKERS + 1)])
        took = self.hub.aws.clock.now() - began
        return (1 + len(self.members)) / took.total_seconds()

    def work(self, number: int, waiting: deque[dict[str, Any]]) -> None:
        """Sweep one batch after another, until none waits."""
        steps = self.function(number)
        self.time.sleep(COLD_START)
        while waiting:
            for _ in steps.sweep(waiting.popleft()):
                pass

    def outcomes(self) -> dict[str, str]:
        """The outcome of each account."""
        known = Coverage(OrganizationTable(self.hub.client("dynamodb"), TABLE)).read()
        return {account: one.outcome for account, one in known.items()}

    def throttled(self) -> float:
        """The part of the calls of Organizations that were throttled."""
        calls = self.hub.aws.calls
        return sum(call.error == "TooManyRequestsException" for call in calls) / len(calls)


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("accounts", "rate", "seconds"),
    [
        pytest.param(ACCOUNTS // 2, 5, ACCOUNTS / 16, id="the default, in more batches than workers"),
        pytest.param(ACCOUNTS, 6, ACCOUNTS / 6 + 1, id="the whole quota, in one batch a worker"),
    ],
)
def test_a_sweep_reaches_its_rate_and_is_hardly_throttled(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, accounts: int, rate: float, seconds: float
) -> None:
    monkeypatch.setattr(batches, "TIME_FOR_LISTINGS", timedelta(seconds=seconds))
    workers = Workers(hub, accounts, rate)
    assert workers.sweep() >= 0.9 * rate
    assert workers.throttled() < 0.01
    assert workers.outcomes() == dict.fromkeys([HUB, *workers.members], "swept")
    assert {state for account in workers.invited for state in hub.states(account)} == {"DECLINED"}


@pytest.mark.untraced
def test_a_sweep_above_the_quota_would_be_throttled(hub: Hub) -> None:
    workers = Workers(hub, 40, 60)
    assert workers.sweep() < 60
    assert workers.throttled() > 0.05
