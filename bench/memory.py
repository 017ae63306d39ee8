"""The memory that the functions should have: the cost and the time of a sweep, by the function's memory.

Lambda gives a function a share of the processor in proportion to its memory, a whole one at 1,769 MB (Lambda developer
guide, "Configure Lambda function memory"). So more memory makes a function quicker only while it computes, and costs
more all the time. A batch waits most of its time: for AWS, and for the pace of listings. Measured is the processor's
time of an account; the rest is arithmetic with the price list, and with an assumption about AWS's answers.
"""

from typing import Final

from authoring.estimate.costs import LAMBDA_TIME
from bench.organization import AccountCost, sweep
from bench.report import Claim, Observe, Report
from invitation_responder.organization.batches import BATCH_MEMORY_MIB, LISTINGS_A_SECOND, MEMORY_MIB, WORKERS

MIB_OF_A_PROCESSOR: Final = 1769
MEMORIES: Final = (128, 256, 512, 1024, 1769)
# Seconds in which an account's calls wait for AWS, assumed: 0.1 for AssumeRole, 0.3 for ListHandshakesForAccount, which
# is far away for most Regions, and 0.05 for the ledger and the coverage.
WAITING: Final = 0.45
ACCOUNTS: Final = 300
_SECONDS_FOR_AN_ACCOUNT: Final = WORKERS / LISTINGS_A_SECOND
_SWEEPS: Final = 31 * 24 * 4  # a month's, one every 15 minutes
_ACCOUNTS_OF_A_SWEEP: Final = 1_000


def measure(observe: Observe) -> Report:
    """Sweep some accounts, and work out the rest."""
    observe(0, 1)
    cost = sweep("ours", ACCOUNTS)
    observe(1, 1)
    return report(cost)


def seconds_of_an_account(cpu: float, memory: int) -> float:
    """The seconds that an account takes with so many MiB, if it takes `cpu` milliseconds of a whole processor."""
    return WAITING + cpu / 1000 * max(1, MIB_OF_A_PROCESSOR / memory)


def usd_a_month(seconds: float, memory: int) -> float:
    """The price of Lambda's time for sweeps of 1,000 accounts, one every 15 minutes; the pace takes its time, too."""
    busy = _ACCOUNTS_OF_A_SWEEP * max(seconds, _SECONDS_FOR_AN_ACCOUNT)
    return LAMBDA_TIME.of(_SWEEPS * busy * memory / 1024)


def report(cost: AccountCost) -> Report:
    """The table by memory, and the claims about the memory that a batch has."""
    rows = []
    for memory in MEMORIES:
        seconds = seconds_of_an_account(cost.cpu, memory)
        mark = {BATCH_MEMORY_MIB: " (a batch)", MEMORY_MIB: " (the other functions)"}.get(memory, "")
        rows.append((f"{memory:,}{mark}", f"{seconds:.2f}", f"{usd_a_month(seconds, memory):.2f}"))
    return Report(
        name="memory",
        table=(("MiB", "seconds of an account", "USD a month of Lambda's time for 1,000 accounts"), *rows),
        notes=(
            f"A worker has {_SECONDS_FOR_AN_ACCOUNT:.0f} second for an account, of which {WAITING} are assumed to "
            f"pass in waiting for AWS. The process of a batch has {cost.peak:.0f} MiB at its peak, without "
            "Lambda's own runtime."
        ),
        claims=(
            Claim(
                f"the time of an account with {BATCH_MEMORY_MIB} MiB, of the second that it has",
                seconds_of_an_account(cost.cpu, BATCH_MEMORY_MIB) / _SECONDS_FOR_AN_ACCOUNT,
                at_most=0.8,
            ),
            Claim("the memory of a batch, of what it has", cost.peak / BATCH_MEMORY_MIB, at_most=0.5),
        ),
    )
