"""The JSON Schema of policy tests, as editors apply it: YAML's scalars resolved, and mistakes where they are."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from authoring.cases import language
from authoring.cases.language import CaseSource, CasesSource, Expectation
from authoring.cases.reading import read_cases
from authoring.short_form import ShortForm

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "policies" / "tests").glob("*.yaml"))


class EditorsLoader(yaml.SafeLoader):
    """As YAML 1.2's core schema, which has no dates."""


EditorsLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(source: str) -> Any:
    """What an editor makes of YAML."""
    return yaml.load(source, EditorsLoader)  # noqa: S506 - it is a safe one


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """For files of policy tests."""
    schema = language.tests_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_tests_are_valid(validator: Draft202012Validator, path: Path) -> None:
    assert list(validator.iter_errors(load(path.read_text(encoding="utf-8")))) == []


def test_there_are_shipped_tests() -> None:
    assert SHIPPED


ONE = "{name: a, handshake: {}, expect: decline}"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        pytest.param("cases: []", "cases", id="no case"),
        pytest.param(f"cases: [{ONE}]\nversions: 1", "", id="an unknown key"),
        pytest.param(f"cases: [{ONE}]\nat: noon", "at", id="a time that is none"),
        pytest.param(f"cases: [{ONE}]\nat: 2027-03-31T12:00", "at", id="a time without its offset"),
        pytest.param("cases: [{name: a, expect: decline}]", "cases/0", id="no handshake"),
        pytest.param("cases: [{name: '', handshake: {}, expect: decline}]", "cases/0/name", id="no name"),
        pytest.param("cases: [{name: a, handshake: {}, expect: declin}]", "cases/0/expect", id="an effect"),
        pytest.param(
            "cases: [{name: a, handshake: {}, expect: {effect: declin}}]", "cases/0/expect/effect", id="its long form"
        ),
        pytest.param(
            "cases: [{name: a, handshake: {}, expect: {effect: allow, rules: [-a]}}]",
            "cases/0/expect/rules/0",
            id="a rule name",
        ),
        pytest.param(
            "cases: [{name: a, handshake: {organization: example}, expect: decline}]",
            "cases/0/handshake/organization",
            id="an organization id",
        ),
        pytest.param(
            "cases: [{name: a, handshake: {Id: h-1, notes: b}, expect: decline}]", "cases/0/handshake", id="both forms"
        ),
    ],
)
def test_a_mistake_is_found_at_its_place(validator: Draft202012Validator, source: str, path: str) -> None:
    error = best_match(validator.iter_errors(load(f"version: 1\n{source}")))
    assert error is not None
    assert "/".join(map(str, error.absolute_path)).startswith(path)
    assert read_cases("t.yaml", f"version: 1\n{source}".encode())[1]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"cases: [{ONE}]\nat: 2027-03-31\npolicy: ..", id="a day"),
        pytest.param(f"cases: [{ONE}]\nat: 2027-03-31T12:00Z", id="a time"),
        pytest.param("cases: [{name: a, handshake: {Id: 5, Parties: x}, expect: undecided}]", id="a malformed one"),
        pytest.param(
            "cases: [{name: a, handshake: {RequestedTimestamp: 1795348800}, expect: undecided}]", id="epoch seconds"
        ),
        pytest.param(
            "cases: [{name: a, handshake: {management_account: 111111111111}, expect: {effect: allow, rules: []}}]",
            id="an account number without quotes",
        ),
    ],
)
def test_what_the_reader_takes_is_valid(validator: Draft202012Validator, source: str) -> None:
    assert list(validator.iter_errors(load(f"version: 1\n{source}"))) == []
    assert read_cases("t.yaml", f"version: 1\n{source}".encode())[1] == []


def test_everything_is_described() -> None:
    definitions = language.tests_schema()["$defs"]
    assert set(definitions) == {"CaseSource", "Expectation", "ShortForm"}
    models = (CasesSource, CaseSource, Expectation, ShortForm)
    assert all(field.description for model in models for field in model.model_fields.values())
    assert all(definition["description"] for definition in definitions.values())
