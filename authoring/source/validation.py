"""A tree against a model: pydantic finds what is wrong, this gives each mistake its place and our words.

A model says how people call it (`noun`), what to do about a key that is missing (`needed`), what its lists hold
(`lists`), and what they would do if they were empty (`empty`), where that is not to match nothing.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar, Final, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from authoring.diagnostics.mistakes import Loc, Mistake, found, listed, nearest, path_of, shown
from authoring.source.strict_yaml import MOST_FLAWS
from authoring.source.tree import START, Node

_MISTAKE: Final = "mistake"
# What pydantic puts behind a mapping's key to say that the key itself is wrong.
_KEY: Final = "[key]"


def _noun(model: type) -> str:
    """What an editor calls it where it expects one."""
    return str(getattr(model, "noun", model.__name__))


class SourceModel(BaseModel):
    """A mapping that people write; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, model_title_generator=_noun)

    noun: ClassVar[str]
    needed: ClassVar[dict[str, str]] = {}
    lists: ClassVar[dict[str, str]] = {}
    empty: ClassVar[dict[str, str]] = {}


Model = TypeVar("Model", bound=SourceModel)


def mistake(message: str) -> PydanticCustomError:
    """What a validator raises."""
    # As a value, since braces in a message would be taken for placeholders.
    return PydanticCustomError(_MISTAKE, "{message}", {"message": message})


def validate(model: type[Model], name: str, root: Node) -> tuple[Model | None, list[Mistake]]:
    """Check the file `name`; the model is None where there is a mistake. What a flaw has told is not told again."""
    try:
        return model.model_validate(root.plain()), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        return None, list(_told(model, name, root, errors))


def _told(model: type[SourceModel], name: str, root: Node, errors: list[ErrorDetails]) -> Iterator[Mistake]:
    told = (mistake for error in errors if (mistake := _tell(model, name, root, error)))
    yield from islice(told, MOST_FLAWS)
    if next(told, None):
        yield Mistake(name, *START, "", f"has more than {MOST_FLAWS:,} mistakes: the rest of them is not shown")


def _tell(model: type[SourceModel], name: str, root: Node, error: ErrorDetails) -> Mistake | None:
    """None where a flaw has already told it."""
    loc: Loc = error["loc"]
    if loc[-1] == _KEY:
        *outer, key = loc[:-1]
        place = _found(root, (*outer, key)).key
        return Mistake(name, *place, path_of(tuple(outer)), str(error["ctx"]["message"]))
    *outer, key = loc
    node = root.find((*outer, key))
    if node is None:
        owner = root.find(tuple(outer)) if outer else None
        place = owner.place if owner else START
        what_to_do = _model_at(model, tuple(outer)).needed[str(key)]
        return Mistake(name, *place, path_of(tuple(outer)), f"`{key}` is missing ({what_to_do})")
    if error["type"] == "extra_forbidden":
        return Mistake(name, *node.key, path_of(tuple(outer)), _unknown_key(_model_at(model, tuple(outer)), str(key)))
    if node.value is None:
        return None
    return Mistake(name, *node.place, path_of((*outer, key)), _wrong_value(model, error, (*outer, key), node))


def _found(root: Node, loc: Loc) -> Node:
    node = root.find(loc)
    assert node is not None  # noqa: S101 - for mypy: pydantic saw it there
    return node


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


# What looks like another key that means something else.
_INSTEAD: Final = {
    "not_notes": "write what the notes must lack as `notes: {none: [a, b]}`",
    "not_management_emails": "an address can't be excluded, since its sender chooses it: name `not_organizations`",
}


def _unknown_key(owner: type[SourceModel], key: str) -> str:
    if key in _INSTEAD:
        return f"{shown(key)} is not a key of {owner.noun} ({_INSTEAD[key]})"
    near = nearest(key, owner.model_fields)
    hint = f"did you mean {shown(near)}?" if near else f"expected {listed(owner.model_fields, 'or')}"
    return f"{shown(key)} is not a key of {owner.noun} ({hint})"


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
            return f"expected {held}; found {found(node.value)}"
        return f"expected a list, as in `[a, b]`, found {found(node.value)}"
    return f"expected a mapping, as in `key: value`, found {found(node.value)}"
