"""The lint of rules that have expired or soon will. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from ..diagnostics.catalog import EXPIRED_RULE, EXPIRING_RULE
from ..diagnostics.diagnostic import Diagnostic
from ..language.source_map import Source

_SOON: Final = 30  # days


def expiring_rules(source: Source, now: datetime) -> Iterator[Diagnostic]:
    """Rules that have expired, and rules that expire within 30 days."""
    today = now.astimezone(UTC).date()
    for rule in source.policy.rules:
        if rule.expires is None:
            continue
        days = (rule.expires - today).days
        if days <= 0:
            message = f"has counted for nothing since {rule.expires} (remove it, or set a later day)"
            yield source.diagnose(EXPIRED_RULE, rule.name, ("expires",), message)
        elif days <= _SOON:
            left = "1 day" if days == 1 else f"{days} days"
            message = f"counts for nothing from {rule.expires} on, in {left} (set a later day, or let it go)"
            yield source.diagnose(EXPIRING_RULE, rule.name, ("expires",), message)
