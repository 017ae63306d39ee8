"""The handshake to explain, read from any form in which people have it. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from ..diagnostics.wording import quote
from ..language.api_form import MEMBERS, from_text
from ..language.short_form import ShortForm, read_short_form
from ..replay.cloudtrail import OF_A_HANDSHAKE, OF_A_RECORD, is_of_cloudtrail, read_cloudtrail
from ..replay.known_handshake import (
    InvalidRecordError,
    KnownHandshake,
    as_listed,
    read_listed_line,
    read_record,
)
from ..replay.lines import plain_item
from ..source.strict_yaml import read_yaml
from ..source.tree import Node
from ..source.validation import validate

# A text that begins like JSON is not meant as a short form.
_LIKE_JSON: Final = re.compile(rb"\s*(\[|\{\s*\")")
# Nor is a mapping with one of these keys.
_NOT_SHORT: Final = frozenset(
    {"Handshakes", "Handshake", "Item", "Records", "detail", "handshake", "handshake_id", *MEMBERS}
    | OF_A_HANDSHAKE
    | OF_A_RECORD
)
_EXPECTED: Final = (
    "expected a handshake as the AWS CLI prints it, in JSON or YAML, CloudTrail's record of one, a line of `responder "
    "run --record`, a decision record, or the short form of a policy's tests, as in {organization: o-exampleorgid}"
)
_MAX_IDS: Final = 10
_MAX_DIAGNOSTICS: Final = 10
# Resources nest in a handshake, to a depth that AWS does not document.
_MAX_LEVELS: Final = 50


class _Candidate(NamedTuple):
    """A handshake in one of the forms, with the receiver and the time that the text around it gives, if any."""

    fields: dict[str, Any]
    receiver: str = ""
    at: datetime | None = None

    @property
    def id(self) -> str:
        """The handshake's id; empty if it has none."""
        entries = self.fields.get("handshake")
        found = (
            entries.get("Id") if isinstance(entries, dict) else self.fields.get("Id") or self.fields.get("handshake_id")
        )
        return found if isinstance(found, str) else ""


def read_input(content: bytes, *, handshake_id: str | None = None, account: str | None = None) -> KnownHandshake:
    """Read one handshake; `handshake_id` chooses it among several. Raises `InvalidRecordError`.

    `account` is the receiver, if the form does not name it. A handshake as AWS lists it is judged as it stands and has
    no time of its own; CloudTrail's record gives one.
    """
    try:
        value = _read_json(content)
    except (ValueError, RecursionError) as error:
        if _LIKE_JSON.match(content):
            raise InvalidRecordError(f"it is not JSON: {_describe(error)} ({_EXPECTED})") from error
        root = _read_yaml(content)
        if isinstance(root.value, dict) and not root.value.keys() & _NOT_SHORT:
            return _read_short_form(root, account)
        value = _from_text(root.plain())
    candidates = [each for part in (value if isinstance(value, list) else [value]) for each in _unpack(part)]
    return _read(_choose(candidates, handshake_id), account)


def _unpack(part: object) -> Iterator[_Candidate]:
    """The handshakes in one object: those of a listing, of CloudTrail's records, or the object itself."""
    if isinstance(part, dict) and is_of_cloudtrail(part):
        yield from (_Candidate(*recorded) for recorded in read_cloudtrail(part))
        return
    entries = part.get("Handshakes", [part.get("Handshake", plain_item(part))]) if isinstance(part, dict) else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise InvalidRecordError(f"it is no object ({_EXPECTED})")
    yield from map(_Candidate, entries)


def _read_json(content: bytes) -> Any:
    """One JSON document, or a list of documents, one a line."""
    try:
        return json.loads(content)
    except ValueError:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one line is a document
            raise
        return [json.loads(line) for line in lines]


def _describe(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower()} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply, or no UTF-8"


def _choose(candidates: Sequence[_Candidate], handshake_id: str | None) -> _Candidate:
    if handshake_id is not None:
        found = [each for each in candidates if each.id and each.id == handshake_id]
        if not found:
            raise InvalidRecordError(f"there is no handshake {quote(handshake_id)} in it")
        return found[-1]
    if len(candidates) != 1:
        raise InvalidRecordError(_several([each.id for each in candidates]) if candidates else "it holds no handshake")
    return candidates[0]


def _several(ids: Sequence[str]) -> str:
    named = [each for each in ids if each]
    several = f"it holds {len(ids)} handshakes"
    if not named:
        return f"{several}, and none has an Id by which to choose it (give one of them alone)"
    more = f" and {len(named) - _MAX_IDS} more" if len(named) > _MAX_IDS else ""
    unnamed = len(ids) - len(named)
    without = f"; {unnamed} {'has' if unnamed == 1 else 'have'} no Id (give one of those alone)" if unnamed else ""
    return f"{several}: choose one with --id ({', '.join(map(quote, named[:_MAX_IDS]))}{more}){without}"


def _read(candidate: _Candidate, account: str | None) -> KnownHandshake:
    fields = candidate.fields
    if "handshake" in fields or "handshake_id" in fields:
        authored = fields.get("receiver")
        read = read_listed_line if "handshake" in fields else read_record
        known = read(fields if authored is not None or account is None else {**fields, "receiver": account})
        _agree(known.handshake.receiver, account)
        return known
    if not {"Id", "Arn", "Action", "State"} & fields.keys():
        if not fields or fields.keys() & ShortForm.model_fields.keys():
            return _read_short_form(
                _read_yaml(json.dumps(fields, ensure_ascii=False).encode(), has_places=False), account
            )
        raise InvalidRecordError(f"it has none of a handshake's members ({_EXPECTED})")
    _agree(candidate.receiver, account)
    return as_listed(fields, candidate.receiver or account or "", candidate.at)


def _agree(authored: str, account: str | None) -> None:
    if account is not None and authored not in ("", account):
        raise InvalidRecordError(
            f"it says that {authored} received it, and --account that {account} did (leave --account out)"
        )


def _read_yaml(content: bytes, *, has_places: bool = True) -> Node:
    """Read YAML; without `has_places` errors name no places, since the text was JSON before."""
    root, diagnostics = read_yaml("", content, "a handshake", _MAX_LEVELS)
    problems = [
        f"line {each.place.line}, column {each.place.column}: {each.message}" if has_places else each.message
        for each in diagnostics
    ]
    if root is None or not isinstance(root.value, dict | list):
        raise InvalidRecordError(
            f"it is neither JSON nor a short form or a listing in YAML ({'; '.join(problems[:1]) or _EXPECTED})"
        )
    if problems:
        raise InvalidRecordError("; ".join(problems[:_MAX_DIAGNOSTICS]))
    return root


def _from_text(value: Any) -> Any:
    """The values of YAML, with a handshake's numeric timestamps as numbers."""
    if isinstance(value, list):
        return [_from_text(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {name: _from_text(part) if name in ("Handshakes", "Handshake") else part for name, part in value.items()}
    return from_text(inner)


def _read_short_form(root: Node, account: str | None) -> KnownHandshake:
    short, problems = validate(ShortForm, "", root)
    if short is None or problems:
        raise InvalidRecordError(
            "; ".join(
                f"{diagnostic.path}: {diagnostic.message}" if diagnostic.path else diagnostic.message
                for diagnostic in problems
            )
        )
    authored = short.account if "account" in short.model_fields_set else ""
    _agree(authored, account)
    return KnownHandshake(read_short_form(short if account is None else short.model_copy(update={"account": account})))
