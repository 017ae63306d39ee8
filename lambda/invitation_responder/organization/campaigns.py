"""Campaigns: senders whose handshakes reach several accounts of the organization within a week. Pure.

A sender that the policy allows or accepts has no campaign: an organization asks its own members, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from invitation_responder.aws.ledger_index import Sighting

WINDOW: Final = timedelta(days=7)
LEAST_ACCOUNTS: Final = 3
GROWTH: Final = 10  # published again when the number of accounts is this many times the one published last
_ALLOWED: Final = ("allow", "accept")


@dataclass(frozen=True, slots=True)
class Campaign:
    """The handshakes of one sender within the last seven days, and the number of accounts that they reached."""

    organization: str | None
    management_account: str | None
    accounts: int
    handshakes: int
    first_seen_at: datetime

    @property
    def sender(self) -> str:
        """The sender's organization; its management account if the organization is unknown."""
        return self.organization or self.management_account or ""

    def is_due(self, published: int | None) -> bool:
        """True if an event is due, after one at so many accounts (`published`) or none."""
        return published is None or self.accounts >= GROWTH * published


def find_campaigns(sightings: Iterable[Sighting], now: datetime) -> list[Campaign]:
    """The campaigns of the last seven days, in the order of their senders."""
    by_sender: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        sender = sighting.organization or sighting.management_account
        if sender and sighting.effect not in _ALLOWED and sighting.first_seen_at > now - WINDOW:
            by_sender.setdefault(sender, []).append(sighting)
    campaigns = []
    for _, seen in sorted(by_sender.items()):
        accounts = len({sighting.receiver for sighting in seen})
        if accounts >= LEAST_ACCOUNTS:
            first = min(seen, key=lambda sighting: sighting.first_seen_at)
            campaigns.append(
                Campaign(first.organization, first.management_account, accounts, len(seen), first.first_seen_at)
            )
    return campaigns
