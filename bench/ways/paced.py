"""Ours, with as many listings a second as `RATE` says."""

import os

from bench.ways import ours


def sweep(accounts: list[str]) -> None:
    """Sweep the accounts at an even pace."""
    ours.sweep(accounts, float(os.environ["RATE"]))
