"""Comparisons on stdout: a table for people, JSON lines for programs. Neither holds text of a sender."""

import json
from collections.abc import Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from invitation_responder.core.decision import Decision
from invitation_responder.core.iso8601 import write_time

from ..replay.comparison import Comparison, Verdict
from ..replay.partial_decision import PartialDecision

_STYLES: Final[dict[Verdict, str]] = {
    "alike": "dim",
    "differently": "bold yellow",
    "depends": "bold magenta",
    "uncompared": "blue",
}


def as_json(comparison: Comparison, *, has_other: bool) -> str:
    """One line of JSON: the recorded decision, the decision now and, with `has_other`, the other policy's."""
    handshake, was = comparison.known.handshake, comparison.known.was
    fields: dict[str, Any] = {
        "handshake_id": handshake.id,
        "receiver": handshake.receiver or None,
        "action": handshake.action,
        "organization": handshake.organization,
        "management_account": handshake.management_account,
        "judged_at": write_time(comparison.judged_at),
        "verdict": comparison.verdict,
        "was": _as_fields(was) if was else None,
        **_answer("now", "possible", comparison.now),
    }
    if has_other and comparison.before:
        fields |= _answer("against", "possible_against", comparison.before)
    if comparison.receivers:
        fields["receivers"] = comparison.receivers
    return json.dumps(fields)


def _answer(name: str, name_of_several: str, possible: PartialDecision) -> dict[str, Any]:
    """The decision as `name` if it is certain, else the possible decisions as `name_of_several`."""
    if len(possible.decisions) > 1:
        return {name_of_several: [_as_fields(decision) for decision in possible.decisions], "reason": possible.reason}
    (decision,) = possible.decisions
    return {name: {**_as_fields(decision), "reason": decision.reason}}


def _as_fields(decision: Decision) -> dict[str, Any]:
    return {"effect": decision.effect, "rules": list(decision.rules)}


_MAX_ACCOUNTS: Final = 3


def make_table(comparisons: Sequence[Comparison], *, before: str, now: str) -> Table:
    """A table of comparisons, with `before` and `now` as headings; readable at 80 columns."""
    table = Table("Handshake", show_lines=True)
    table.add_column(before, min_width=9, overflow="fold")
    table.add_column(now, min_width=9, overflow="fold")
    table.add_column("Why", min_width=20, overflow="fold")
    for comparison in comparisons:
        table.add_row(
            _handshake(comparison),
            _effects(comparison.before),
            Text.assemble((_effects(comparison.now).plain, _STYLES[comparison.verdict])),
            Text(_why(comparison, before)),
        )
    return table


def _effects(possible: PartialDecision | None) -> Text:
    return Text("\nor ".join(decision.effect for decision in possible.decisions) if possible else "not known")


def _why(comparison: Comparison, before: str) -> str:
    why = comparison.now.reason
    if comparison.before and comparison.verdict != "alike":
        why += f"\n{before.lower()}: {comparison.before.reason}"
        if accounts := comparison.receivers:
            more = f" and {len(accounts) - _MAX_ACCOUNTS} more" if len(accounts) > _MAX_ACCOUNTS else ""
            why += f"\nthat differs for the receiver {', '.join(accounts[:_MAX_ACCOUNTS])}{more}"
    return why


def _handshake(comparison: Comparison) -> Text:
    handshake = comparison.known.handshake
    lines = (
        handshake.action or "no action",
        handshake.organization or "no organization",
        handshake.management_account or "no management account",
        f"to {handshake.receiver or 'an unknown account'}",
        handshake.id,
        f"as at {comparison.judged_at:%Y-%m-%dT%H:%M}Z",
    )
    return Text("\n".join(lines), overflow="fold")
