"""A tree against a pydantic model: each of pydantic's errors becomes a diagnostic with its place.

A model has the words for messages: its name (`noun`), the advice on a missing key (`needed`), the contents of a list
(`lists`), and the effect of an empty list, unless that is to match nothing (`empty`).
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from ..diagnostics.diagnostic import START, Diagnostic, Loc, invalid
from ..diagnostics.wording import describe, join_words, nearest, quote
from .strict_yaml import MAX_DIAGNOSTICS
from .tree import Node

_MISTAKE: Final = "mistake"
# pydantic appends this to the loc of a mapping's key if the key itself is wrong.
_KEY: Final = "[key]"


def _noun(model: type) -> str:
    """The title of a model in its JSON Schema, which editors show."""
    return str(getattr(model, "noun", model.__name__))


class SourceModel(BaseModel):
    """A mapping in a source; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, model_title_generator=_noun)

    noun: ClassVar[str]
    needed: ClassVar[dict[str, str]] = {}
    lists: ClassVar[dict[str, str]] = {}
    empty: ClassVar[dict[str, str]] = {}


Model = TypeVar("Model", bound=SourceModel)


def invalid_value(message: str) -> PydanticCustomError:
    """The error for a validator to raise; `message` becomes the diagnostic's."""
    # The message is passed as a value, since pydantic would take its braces for placeholders.
    return PydanticCustomError(_MISTAKE, "{message}", {"message": message})


def validate(model: type[Model], name: str, root: Node) -> tuple[Model | None, list[Diagnostic]]:
    """Check the tree of the file `name`; returns the model, or None and the diagnostics.

    A node that already has a diagnostic gets no second one, so there may be none for a model that is None.
    """
    try:
        return model.model_validate(root.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        return None, list(_diagnose_all(model, name, root, errors))


def _diagnose_all(model: type[SourceModel], name: str, root: Node, errors: list[ErrorDetails]) -> Iterator[Diagnostic]:
    diagnostics = (diagnostic for error in errors if (diagnostic := _diagnose(model, name, root, error)))
    yield from islice(diagnostics, MAX_DIAGNOSTICS)
    if next(diagnostics, None):
        yield invalid(name, START, (), f"has more than {MAX_DIAGNOSTICS:,} mistakes: the rest of them is not shown")


def _diagnose(model: type[SourceModel], name: str, root: Node, error: ErrorDetails) -> Diagnostic | None:
    """The diagnostic of one of pydantic's errors; None if the node already has one."""
    loc: Loc = error["loc"]
    if loc[-1] == _KEY:
        *outer, key = loc[:-1]
        place = root.at(*outer, key).key
        return invalid(name, place, tuple(outer), str(error["ctx"]["message"]))
    *outer, key = loc
    node = root.find((*outer, key))
    if node is None:
        owner = root.find(tuple(outer)) if outer else None
        place = owner.place if owner else START
        what_to_do = _model_at(model, tuple(outer)).needed[str(key)]
        return invalid(name, place, tuple(outer), f"`{key}` is missing ({what_to_do})")
    if error["type"] == "extra_forbidden":
        return invalid(name, node.key, tuple(outer), _unknown_key(_model_at(model, tuple(outer)), str(key)))
    if node.value is None:
        return None
    return invalid(name, node.place, (*outer, key), _wrong_value(model, error, (*outer, key), node))


def _model_at(model: type[SourceModel], loc: Loc) -> type[SourceModel]:
    """The model of the mapping at `loc`."""
    for part in loc:
        if isinstance(part, str):
            inner = _model_in(model.model_fields[part].annotation)
            assert inner is not None  # noqa: S101 - for mypy: only models have keys of their own
            model = inner
    return model


def _model_in(annotation: Any) -> type[SourceModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, SourceModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)


# Keys that look like a known key with another meaning, each with the advice on it.
_INSTEAD: Final = {
    "not_notes": "write what the notes must lack as `notes: {none: [a, b]}`",
    "not_management_emails": "an address can't be excluded, since its sender chooses it: name `not_organizations`",
}


def _unknown_key(owner: type[SourceModel], key: str) -> str:
    if key in _INSTEAD:
        return f"{quote(key)} is not a key of {owner.noun} ({_INSTEAD[key]})"
    near = nearest(key, owner.model_fields)
    hint = f"did you mean {quote(near)}?" if near else f"expected {join_words(owner.model_fields, 'or')}"
    return f"{quote(key)} is not a key of {owner.noun} ({hint})"


def _wrong_value(model: type[SourceModel], error: ErrorDetails, loc: Loc, node: Node) -> str:
    if error["type"] == _MISTAKE:
        return str(error["ctx"]["message"])
    key, owner = str(loc[-1]), _model_at(model, loc[:-1])
    if error["type"] == "too_short":
        does = owner.empty.get(key, "match nothing")
        return f"is an empty list, which would {does} (write a value, or remove `{key}`)"
    if error["type"] == "list_type":
        held = owner.lists.get(key)
        if held:
            return f"expected {held}; found {describe(node.value)}"
        return f"expected a list, as in `[a, b]`, found {describe(node.value)}"
    return f"expected a mapping, as in `key: value`, found {describe(node.value)}"
