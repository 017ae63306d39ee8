"""A decision as JSON, under the names that all commands share. Pure."""

from typing import Any

from invitation_responder.core.decision import Decision


def decision_as_json(decision: Decision) -> dict[str, Any]:
    """A decision's effect, rules and reason."""
    return {"effect": decision.effect, "rules": list(decision.rules), "reason": decision.reason}
