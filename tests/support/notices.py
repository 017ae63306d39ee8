"""Events as EventBridge delivers them to the courier."""

from datetime import UTC, datetime
from typing import Any

from invitation_responder.courier.notice import Notice, read_notice

OWN = "123456789012"
MEMBER = "222222222222"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def make_detail(kind: str, number: int = 1, /, **members: Any) -> dict[str, Any]:
    """The detail of an event about a stranger's invitation; `members` replace its own."""
    handshake = f"h-0a1b2c3d4e{number:02}"
    organization = "organization o-stranger0001 (management account 999999999999)"
    return {
        "event_id": f"{handshake}/1",
        "kind": kind,
        "handshake_id": handshake,
        "receiver": OWN,
        "action": "INVITE",
        "state": "OPEN",
        "organization": "o-stranger0001",
        "management_account": "999999999999",
        "requested_at": "2026-11-22T11:00:00.123456Z",
        "expires_at": "2026-12-07T11:00:00Z",
        "answer_by": "2026-12-07T11:00:00Z",
        "effect": "decline",
        "rules": [],
        "reason": f"no rule matches INVITE from {organization}, and the default is decline",
        "outcome": kind,
        "mode": "enforce",
        "policy_sha256": "ddb0044555e2bd8c86ffee498019a8ddbda065ca07abcd1e733014881fa31f59",
        **members,
    }


def make_notice(kind: str, number: int = 1, /, **members: Any) -> Notice:
    """The notice of that event."""
    return read_notice({"account": OWN, "detail": make_detail(kind, number, **members)})
