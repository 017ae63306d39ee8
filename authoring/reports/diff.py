"""A review of two policies, as text for a terminal, as JSON, and as Markdown for a pull request."""

from collections.abc import Iterator
from typing import Any

from invitation_responder.core.decision import Decision
from invitation_responder.core.escaping import escape
from invitation_responder.core.handshake import Handshake

from ..analysis.edits import Edit
from ..analysis.review import Review
from ..analysis.semantic_diff import Change
from ..analysis.settings_diff import SettingChange
from ..language.short_form import in_yaml, short_fields, shorten
from .decision import decision_as_json
from .terminal import Line, wrap

_STYLES = {"widening": "bold yellow", "narrowing": "bold cyan"}
_LABEL = 13


def summary(review: Review) -> str:
    """The number of changes, in a sentence."""
    widening, narrowing = review.count("widening"), review.count("narrowing")
    if not widening + narrowing:
        return "No change in meaning: every handshake is answered alike, now and later."
    changes = "1 change" if widening + narrowing == 1 else f"{widening + narrowing} changes"
    return f"{changes} in meaning: {widening} widening, {narrowing} narrowing."


def as_text(review: Review) -> Iterator[tuple[Line, ...]]:
    """Lines for a terminal."""
    for limit in review.limits:
        yield _heading(limit)
        yield _labelled(limit.name, f"{limit.old} -> {limit.new}: {limit.meaning}")
        yield _labelled("handshake", _as_yaml(limit.overlap.handshake))
        yield ("",)
    for change in review.changes:
        yield _heading(change)
        yield _labelled("handshake", _as_yaml(change.handshake))
        if len(change.actions) > 1:
            yield _labelled("actions", ", ".join(change.actions))
        yield _labelled("was", _describe(change.old))
        yield _labelled("is", _describe(change.new))
        yield from (_labelled("edited", line) for line in describe_edits(review.behind(change)))
        yield ("",)
    unfelt = list(describe_edits(review.without_effect()))
    if unfelt:
        yield ("Edited, and nothing is answered differently by it:",)
        yield from ((wrap(line, "    ", "  "),) for line in unfelt)
        yield ("",)
    yield (summary(review),)


def _heading(change: Change | SettingChange) -> tuple[Line, ...]:
    since = change.since if isinstance(change, Change) else change.overlap.since
    return (change.direction, _STYLES[change.direction]), f", from {since} on" if since else ""


def _labelled(label: str, text: str) -> tuple[Line, ...]:
    return (wrap(text, " " * _LABEL, f"  {label} ".ljust(_LABEL)),)


def _as_yaml(handshake: Handshake) -> str:
    short = in_yaml(shorten(handshake))
    return "{} (from anybody else)" if short == "{}" else short


def _describe(decision: Decision) -> str:
    return f"{decision.effect}: {decision.reason}"


def describe_edits(edits: list[Edit]) -> Iterator[str]:
    """Edits in words: `rule partners: organizations + o-partner0001`."""
    for edit in edits:
        signs = [*(f"- {escape(value)}" for value in edit.removed), *(f"+ {escape(value)}" for value in edit.added)]
        if edit.name is None:
            yield f"rule {edit.rule}: {'removed' if edit.removed else 'added'}"
        else:
            yield f"{f'rule {edit.rule}: ' if edit.rule else ''}{edit.name} {' '.join(signs)}"


def as_json(review: Review) -> dict[str, Any]:
    """The review as JSON, for programs."""
    return {
        "widening": review.count("widening"),
        "narrowing": review.count("narrowing"),
        "changes": [
            {
                "direction": change.direction,
                "since": change.since.isoformat() if change.since else None,
                "handshake": short_fields(shorten(change.handshake)),
                "actions": list(change.actions),
                "old": decision_as_json(change.old),
                "new": decision_as_json(change.new),
                "edits": list(map(_edit, review.behind(change))),
            }
            for change in review.changes
        ],
        "limits": [
            {
                "direction": limit.direction,
                "since": limit.overlap.since.isoformat() if limit.overlap.since else None,
                "name": limit.name,
                "old": limit.old,
                "new": limit.new,
                "meaning": limit.meaning,
                "handshake": short_fields(shorten(limit.overlap.handshake)),
            }
            for limit in review.limits
        ],
        "edits_without_effect": list(map(_edit, review.without_effect())),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {"rule": edit.rule, "name": edit.name, "removed": list(edit.removed), "added": list(edit.added)}


def as_markdown(review: Review) -> Iterator[str]:
    """Lines of Markdown for the reviewer of a pull request."""
    yield "### What changes in meaning"
    yield ""
    yield summary(review)
    for limit in review.limits:
        yield from (
            "",
            f"**{limit.direction}**{_since(limit)} · {code(f'{limit.name}: {limit.old} -> {limit.new}')}",
            "",
        )
        yield f"- {limit.meaning}"
        yield f"- for example {code(_as_yaml(limit.overlap.handshake))}"
    for change in review.changes:
        yield from ("", f"**{change.direction}**{_since(change)} · {change.old.effect} → {change.new.effect}", "")
        yield f"- handshake: {code(_as_yaml(change.handshake))}"
        if len(change.actions) > 1:
            yield f"- with any of these actions: {', '.join(change.actions)}"
        yield f"- was **{change.old.effect}**: {change.old.reason}"
        yield f"- is **{change.new.effect}**: {change.new.reason}"
        yield from (f"- edited: {code(line)}" for line in describe_edits(review.behind(change)))
    unfelt = list(describe_edits(review.without_effect()))
    if unfelt:
        yield from ("", "Edited, and nothing is answered differently by it:", "")
        yield from (f"- {code(line)}" for line in unfelt)


def _since(change: Change | SettingChange) -> str:
    since = change.since if isinstance(change, Change) else change.overlap.since
    return f" from {since} on" if since else ""


def code(text: str) -> str:
    """Text as code in Markdown, even with backticks in it."""
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"
