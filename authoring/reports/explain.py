"""The reasoning about one handshake, as text for a terminal and as JSON. The sender's text is escaped. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from invitation_responder.core.decision import Mismatch
from invitation_responder.core.escaping import printable
from invitation_responder.core.handshake import PENDING_STATES, Handshake
from invitation_responder.core.iso8601 import write_seconds
from invitation_responder.core.plan import Step
from invitation_responder.core.policy import EXCLUDING, Policy

from ..explain.near_miss import Difference, Miss
from ..explain.reasoning import Reasoning, Verdict
from ..permissions.statements import lets_members_leave
from ..replay.partial_decision import THE_RECEIVER
from .decision import decision_as_json
from .terminal import Line, wrap

STYLES: Final = {
    "decline": "bold green",
    "allow": "bold blue",
    "accept": "bold magenta",
    "undecided": "bold yellow",
}
_LABEL: Final = 17
_MAX_RULES: Final = 20
_NO_RECEIVER: Final = "it is not known which account received it (--account names it)"
_NOT_KNOWN: Final = {
    "accounts": _NO_RECEIVER,
    "not_accounts": _NO_RECEIVER,
    "management_emails": "not recorded",
    "notes": "not recorded",
}
_MAX_VALUES: Final = 5


def as_text(reasoning: Reasoning) -> Iterator[tuple[Line, ...]]:
    """Lines for a terminal."""
    handshake, possible = reasoning.known.handshake, reasoning.partial
    effects = " or ".join(decision.effect for decision in possible.decisions)
    yield _labelled("handshake", handshake.id)
    if THE_RECEIVER in possible.depends_on:
        yield _labelled("receiver", "not known: --account names it")
    yield ("decision".ljust(_LABEL), (effects, STYLES.get(effects, "bold yellow")))
    yield _labelled("why", possible.reason)
    yield _labelled("judged at", f"{write_seconds(reasoning.now)}, policy {reasoning.policy.sha256[:12]}")
    if handshake.starts_at and handshake.answer_by:
        yield _labelled(
            "answer by",
            f"{write_seconds(handshake.answer_by)}: its transfer starts at {write_seconds(handshake.starts_at)}",
        )
    if reasoning.step:
        yield _labelled("a sweep would", _what_a_sweep_does(reasoning.step, reasoning.policy))
    else:
        yield _labelled("a sweep would", _why_nothing(reasoning))
    if reasoning.verdicts:
        yield ("",)
        yield from _rules(reasoning.verdicts, reasoning.known.as_own)
    yield from _nearest(reasoning)


def _why_nothing(reasoning: Reasoning) -> str:
    if len(reasoning.partial.decisions) > 1:
        return f"know {reasoning.partial.depends_on}, and decide by it"
    handshake = reasoning.known.handshake
    if handshake.is_own_request:
        return "do nothing: the account has sent it itself"
    state = handshake.state
    if state in PENDING_STATES and handshake.expires_at:
        return f"do nothing: it has expired, at {write_seconds(handshake.expires_at)}"
    return f"do nothing: it is not pending ({printable(state) if state else 'no state is known'})"


def _what_a_sweep_does(step: Step, policy: Policy) -> str:
    if step.intent:
        stays = step.intent == "accept" and step.handshake.action == "INVITE" and not lets_members_leave(policy)
        return f"{step.intent} it{'; AWS refuses that in a member of another organization' if stays else ''}"
    words = {"left": "leave it", "waiting": "wait", "deferred": "put it off"}
    done = words.get(step.outcome or "", f"record {step.outcome}, and answer nothing")
    return f"{done}: {step.detail}" if step.detail else done


def _labelled(label: str, text: str) -> tuple[Line, ...]:
    return (wrap(text, " " * _LABEL, label.ljust(_LABEL)),)


def _rules(verdicts: tuple[Verdict, ...], own: Handshake | None) -> Iterator[tuple[Line, ...]]:
    for verdict in verdicts[:_MAX_RULES]:
        where = f" where {own.receiver} received it" if own and verdict.result == "may match" else ""
        yield (
            f"rule {verdict.rule.name} ",
            (f"({verdict.rule.effect})", STYLES[verdict.rule.effect]),
            f" {verdict.result}{where}",
        )
        yield from ((wrap(_mismatch(mismatch), "      ", "  - "),) for mismatch in verdict.mismatches)
        yield from ((f"  - {condition}: {_NOT_KNOWN[condition]}",) for condition in verdict.unknown)
    if len(verdicts) > _MAX_RULES:
        yield (f"and {len(verdicts) - _MAX_RULES} more rules that do not match; --format json shows them all",)


def _mismatch(mismatch: Mismatch) -> str:
    found = _values(mismatch.found) or "nothing"
    match mismatch.condition:
        case "notes.any" | "notes.all":
            return f"{mismatch.condition}: wanted {_values(mismatch.wanted)}; the notes are {found}"
        case "notes.none":
            return f"{mismatch.condition}: unwanted {_values(mismatch.wanted)}; the notes are {found}"
        case "expires":
            return f"expires: it counts for nothing from {mismatch.wanted[0]} on, and it is {found}"
    none_of = "none of " if mismatch.condition in EXCLUDING else ""
    return f"{mismatch.condition}: {found}, wanted {none_of}{_values(mismatch.wanted)}"


def _values(values: tuple[str, ...]) -> str:
    quoted = [printable(value) or "(none)" for value in values[:_MAX_VALUES]]
    more = len(values) - len(quoted)
    return ", ".join(quoted) + (f" or {more} more" if more else "")


def _nearest(reasoning: Reasoning) -> Iterator[tuple[Line, ...]]:
    if not (reasoning.nearest_handshake or reasoning.nearest_edit):
        return
    yield ("",)
    yield ("It would be decided differently",)
    if reasoning.nearest_handshake:
        miss = reasoning.nearest_handshake
        changes = " and ".join(f"{each.condition} were {_or_none(each.added)}" for each in miss.differences)
        yield _labelled("  if its", f"{changes}: {_then(miss)}")
    if reasoning.nearest_edit:
        miss = reasoning.nearest_edit
        edits = " and ".join(_edit(each) for each in miss.differences)
        yield _labelled("  if the policy", f"rule {miss.rule}: {edits}: {_then(miss)}")


def _or_none(value: str) -> str:
    return printable(value) or "(none)"


def _edit(difference: Difference) -> str:
    removed = f" - {printable(difference.removed)}" if difference.removed else ""
    added = f" + {printable(difference.added)}" if difference.added else ""
    return f"{difference.condition}{removed}{added}"


def _then(miss: Miss) -> str:
    rules = miss.decision.rules
    protected = " and the action is protected" if "; the action is protected" in miss.decision.reason else ""
    why = f"by rule {', '.join(rules)}" if rules else f"as no rule matches{protected}"
    return f"then {miss.decision.effect}, {why}"


def as_json(reasoning: Reasoning) -> dict[str, Any]:
    """The reasoning as JSON, for programs."""
    possible = reasoning.partial
    return {
        "handshake_id": reasoning.known.handshake.id,
        "judged_at": write_seconds(reasoning.now),
        "policy_sha256": reasoning.policy.sha256,
        "decisions": list(map(decision_as_json, possible.decisions)),
        "depends_on": possible.depends_on if len(possible.decisions) > 1 else None,
        "rules": [
            {
                "name": verdict.rule.name,
                "effect": verdict.rule.effect,
                "result": verdict.result,
                "mismatches": [
                    {
                        "condition": mismatch.condition,
                        "found": [printable(value) for value in mismatch.found],
                        "wanted": list(mismatch.wanted),
                    }
                    for mismatch in verdict.mismatches
                ],
                "unknown": list(verdict.unknown),
            }
            for verdict in reasoning.verdicts
        ],
        "nearest_handshake": _miss(reasoning.nearest_handshake),
        "nearest_edit": _miss(reasoning.nearest_edit),
    }


def _miss(miss: Miss | None) -> dict[str, Any] | None:
    if miss is None:
        return None
    return {
        "rule": miss.rule,
        "differences": [
            {
                "condition": each.condition,
                "removed": printable(each.removed),
                "added": printable(each.added),
            }
            for each in miss.differences
        ],
        **decision_as_json(miss.decision),
    }
