"""The process that `bench.organization` measures: sweeps the accounts that stdin names, and says what they cost."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")


def resident_memory(now: bool = True) -> float:
    """The memory of this process in MiB: now, or the most so far; the latter where the system says no more."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    field = "VmRSS:" if now else "VmHWM:"
    (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def main(way: str, warm_up: int) -> None:
    """Sweep, and print the cost of the accounts after the first ones as the last line."""
    accounts: list[str] = json.load(sys.stdin)
    sweep = importlib.import_module(f"bench.ways.{way}").sweep
    sweep(accounts[:warm_up])
    before, begun, started = resident_memory(), time.process_time(), time.monotonic()
    sweep(accounts[warm_up:])
    milliseconds, seconds = 1000 * (time.process_time() - begun), time.monotonic() - started
    measured = len(accounts[warm_up:])
    cost = {
        "cpu": milliseconds / measured,
        "a_second": measured / seconds,
        "before": before,
        "after": resident_memory(),
        "peak": resident_memory(now=False),
    }
    sys.stdout.write(f"{json.dumps(cost)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
