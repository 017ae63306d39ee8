"""The view of an editor: YAML as its language server reads it, and the places that the JSON Schema rejects."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from authoring.language.policy import policy_schema
from authoring.testing.language import tests_schema

ROOT: Final = Path(__file__).parents[2]
SCHEMAS: Final = {"policy": policy_schema, "tests": tests_schema}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema (section 10.3.2 of its specification), by which the YAML language server reads.

    PyYAML itself reads YAML 1.1, in which `no` is false, a date is no text and `010` is 8. ruamel.yaml reads 1.2, but
    with 1.1's timestamps, and would be a dependency for four patterns.
    """


def _read_int(text: str) -> int:
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_CORE: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "null": (r"null|Null|NULL|~|", lambda _: None),
    "bool": (r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", _read_int),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        _read_float,
    ),
}


def _construct(read: Callable[[str], object]) -> Callable[[yaml.SafeLoader, Any], object]:
    return lambda loader, node: read(loader.construct_scalar(node))


CoreLoader.yaml_implicit_resolvers = {}
for _name, (_pattern, _read) in _CORE.items():
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"({_pattern})$"), None)
    CoreLoader.add_constructor(f"tag:yaml.org,2002:{_name}", _construct(_read))


def as_editors_read(source: str) -> Any:
    """The content of a file as an editor reads it."""
    return yaml.load(source, CoreLoader)  # noqa: S506 - a SafeLoader


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of policies, or of their tests, as `responder schema` prints it."""
    schema: dict[str, Any] = json.loads(json.dumps(SCHEMAS[kind]()))
    return schema


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind), format_checker=FormatChecker())


def complaints(source: str, kind: str = "policy") -> set[str]:
    """The paths that an editor marks, as in `rules[0].effect`; the path of the whole file is empty.

    If all alternatives fail, editors show the errors of the nearest one.
    """
    errors = (best_match([error]) for error in _validator(kind).iter_errors(as_editors_read(source)))
    return {error.json_path.removeprefix("$").removeprefix(".") for error in errors if error}
