"""One handshake that somebody wants explained, in whatever form they have it. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from authoring.history.case import OF_RECEIVER, Case, CaseError, read_listed, read_record
from authoring.history.lines import plain_item
from authoring.mistakes import shown
from authoring.short_form import ShortForm, read_short_form
from authoring.strict_yaml import read_yaml
from authoring.validation import validate
from invitation_responder.handshake import read_handshake

# What has begun as JSON is not meant as a short form.
_LIKE_JSON: Final = re.compile(rb"\s*(\[|\{\s*\")")
_EXPECTED: Final = (
    "expected a handshake as the AWS CLI prints it, a line of `responder run --record`, a decision record, or the "
    "short form of a policy's tests, as in {organization: o-exampleorgid}"
)
_MOST_IDS: Final = 10


def read_given(content: bytes, *, handshake_id: str | None = None, account: str | None = None) -> Case:
    """Read a handshake; one of several where `handshake_id` names it. Raises `CaseError`.

    `account` is the receiver, where the form does not name it. A handshake as AWS lists it is judged as it stands,
    at no time of its own.
    """
    try:
        value = _read_json(content)
    except (ValueError, RecursionError) as error:
        if _LIKE_JSON.match(content):
            raise CaseError(f"it is not JSON: {_told(error)} ({_EXPECTED})") from error
        return _read_short_form(content)
    candidates = value if isinstance(value, list) else [value]
    if isinstance(value, dict):
        candidates = value.get("Handshakes", [value.get("Handshake", plain_item(value))])
    if not isinstance(candidates, list) or not all(isinstance(each, dict) for each in candidates):
        raise CaseError(f"it is no object ({_EXPECTED})")
    return _read(_choose(candidates, handshake_id), account)


def _read_json(content: bytes) -> Any:
    """One JSON document, or one a line."""
    try:
        return json.loads(content)
    except ValueError:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one line is a document
            raise
        return [json.loads(line) for line in lines]


def _told(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply, or no UTF-8"


def _choose(candidates: Sequence[dict[str, Any]], handshake_id: str | None) -> dict[str, Any]:
    ids = [_id(each) for each in candidates]
    if handshake_id is not None:
        found = [each for each, name in zip(candidates, ids, strict=True) if name == handshake_id]
        if not found:
            raise CaseError(f"there is no handshake {shown(handshake_id)} in it")
        return found[-1]
    if len(candidates) != 1:
        if not candidates:
            raise CaseError("it holds no handshake")
        several = f"it holds {len(candidates)} handshakes"
        more = f" and {len(ids) - _MOST_IDS} more" if len(ids) > _MOST_IDS else ""
        raise CaseError(f"{several}: choose one with --id ({', '.join(map(shown, ids[:_MOST_IDS]))}{more})")
    return candidates[0]


def _id(fields: dict[str, Any]) -> str:
    listed = fields.get("handshake")
    found = listed.get("Id") if isinstance(listed, dict) else fields.get("Id") or fields.get("handshake_id")
    return found if isinstance(found, str) else ""


def _read(fields: dict[str, Any], account: str | None) -> Case:
    if "handshake" in fields:
        return read_listed(fields)
    if "handshake_id" in fields:
        return read_record(fields)
    if not {"Id", "Arn", "Action", "State"} & fields.keys():
        if not fields or fields.keys() & ShortForm.model_fields.keys():
            return _read_short_form(json.dumps(fields, ensure_ascii=False).encode())
        raise CaseError(f"it has none of a handshake's members ({_EXPECTED})")
    handshake = read_handshake(fields, account or "")
    return Case(handshake, frozenset() if handshake.receiver else OF_RECEIVER)


def _read_short_form(content: bytes) -> Case:
    root, flaws = read_yaml(content, noun="a handshake")
    mistakes = [flaw.message for flaw in flaws]
    if root is None or not isinstance(root.value, dict):
        raise CaseError(f"it is neither JSON nor a short form ({'; '.join(mistakes[:1]) or _EXPECTED})")
    short, told = validate(ShortForm, "", root)
    mistakes += [f"{mistake.path}: {mistake.message}" if mistake.path else mistake.message for mistake in told]
    if short is None or mistakes:
        raise CaseError("; ".join(mistakes))
    return Case(read_short_form(short))
