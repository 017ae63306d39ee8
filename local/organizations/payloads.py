"""The API's dicts for handshakes and their resources, after the SDK's own examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.organizations.models import ApiHandshake

Resource = dict[str, Any]


@dataclass(frozen=True)
class Sender:
    """A handshake's sender: an organization, and its management account's id, e-mail address and name."""

    organization: str
    account: str
    email: str
    name: str
    feature_set: str
    partition: str

    @property
    def party(self) -> dict[str, str]:
        """The organization as a party of a handshake."""
        return {"Id": self.organization, "Type": "ORGANIZATION"}

    @property
    def resource(self) -> Resource:
        """The organization as a resource, with its management account and feature set inside."""
        return {
            "Type": "ORGANIZATION",
            "Value": self.organization,
            "Resources": [
                {"Type": "MASTER_EMAIL", "Value": self.email},
                {"Type": "MASTER_NAME", "Value": self.name},
                {"Type": "ORGANIZATION_FEATURE_SET", "Value": self.feature_set},
            ],
        }


def build_handshake(
    sender: Sender,
    action: str,
    handshake_id: str,
    *,
    requested: datetime,
    lifetime: timedelta,
    parties: Sequence[dict[str, str]] = (),
    resources: Sequence[Resource] = (),
    state: str = "OPEN",
) -> ApiHandshake:
    """Build a new handshake; the sender's own party comes before `parties`, `resources` are taken as they are."""
    return {
        "Id": handshake_id,
        # The model documents the type part for two actions only, and it is the action in lower case for both.
        "Arn": f"arn:{sender.partition}:organizations::{sender.account}"
        f":handshake/{sender.organization}/{action.lower()}/{handshake_id}",
        "Action": action,
        "State": state,
        "Parties": [sender.party, *parties],
        "RequestedTimestamp": requested,
        "ExpirationTimestamp": requested + lifetime,
        "Resources": list(resources),
    }


def build_notes(text: str | None) -> list[Resource]:
    """The notes as a list of resources, empty for None."""
    return [{"Type": "NOTES", "Value": text}] if text is not None else []


def remove_notes(api: ApiHandshake) -> ApiHandshake:
    """A copy without NOTES, as the operations that send a handshake return it.

    The SDK's example of InviteAccountToOrganization sends notes and gets none back; the list operations return them.
    """
    return api | {"Resources": [resource for resource in api["Resources"] if resource["Type"] != "NOTES"]}


def build_transfer(sender: Sender, transfer_id: str, kind: str, start: datetime) -> list[Resource]:
    """The resources that describe a responsibility transfer. Their nesting is a guess: no sample is published."""
    return [
        {
            "Type": "RESPONSIBILITY_TRANSFER",
            "Value": transfer_id,
            "Resources": [
                {"Type": "TRANSFER_TYPE", "Value": kind},
                {"Type": "TRANSFER_START_TIMESTAMP", "Value": start.isoformat().replace("+00:00", "Z")},
            ],
        },
        {
            "Type": "ORGANIZATION",
            "Value": sender.organization,
            "Resources": [
                {"Type": "MANAGEMENT_ACCOUNT", "Value": sender.account},
                {"Type": "MANAGEMENT_EMAIL", "Value": sender.email},
                {"Type": "MANAGEMENT_NAME", "Value": sender.name},
            ],
        },
    ]
