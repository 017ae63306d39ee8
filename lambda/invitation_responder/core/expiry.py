"""The rules of a policy that expire soon, as events. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from invitation_responder.core.event import Event, make_event_about
from invitation_responder.core.policy import Effect, Policy, Rule

# The days before a rule expires on which people hear of it.
STAGES: Final = (7, 30)
_DOES: Final[dict[Effect, str]] = {"decline": "declines", "allow": "allows", "accept": "accepts"}


@dataclass(frozen=True, slots=True)
class Expiring:
    """A rule that expires in `days` days at most: 7 or 30."""

    rule: Rule
    expires: str
    days: int

    @property
    def event_id(self) -> str:
        """The event's id: the same in every sweep and every deployment of the rule, as in `rule/NAME/2027-03-31/30`."""
        return f"rule/{self.rule.name}/{self.expires}/{self.days}"

    def event(self, policy: Policy) -> Event:
        """The event about the rule, which is one of `policy`."""
        reason = (
            f"it {_DOES[self.rule.effect]} handshakes until then; from that day on, those that no other rule matches "
            f"get the default, which is {policy.default}"
        )
        about = {
            "rule": self.rule.name,
            "effect": self.rule.effect,
            "expires": self.expires,
            "days": self.days,
            "policy_sha256": policy.sha256,
            "reason": reason,
        }
        return make_event_about("rule_expiring", self.event_id, about)


def expiring_rules(policy: Policy, now: datetime) -> list[Expiring]:
    """The rules that expire within 30 days, soonest first, each at its nearest stage; none that has expired."""
    today = now.astimezone(UTC).date()
    dated = ((rule.expires, rule) for rule in policy.rules if rule.expires is not None and rule.expires > today)
    found = []
    for expires, rule in sorted(dated, key=lambda each: each[0]):  # a policy has its rules in the order of their names
        days = next((days for days in STAGES if (expires - today).days <= days), None)
        if days is not None:
            found.append(Expiring(rule, expires.isoformat(), days))
    return found
