"""Mutants: a change each, and none where nothing would be said by it."""

import ast

import pytest

from support.mutations import mutants_of


def mutants(body: str, head: str = "def f(a, b):") -> list[str]:
    """The mutants of a function with such a body."""
    found = mutants_of(ast.parse(f"{head}\n    {body}\n"))
    return [mutant.name.removeprefix("f: ") for mutant in found]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("raise a", ["raise a removed"], id="a statement that is not there"),
        pytest.param("if a: b()", ["if a: … -> if not a: …", "b() removed"], id="the other way round"),
        pytest.param(
            "return a < b", ["return a < b removed", "return a < b -> return a <= b"], id="the edge of a comparison"
        ),
        pytest.param(
            "a(b, x=True)",
            ["a(b, x=True) removed", "x=True removed", "a(b, x=True) -> a(b, x=False)"],
            id="an argument with a name",
        ),
        pytest.param(
            "try: a()\n    except (A, B): pass", ["a() removed", "A removed", "B removed"], id="one error less"
        ),
        pytest.param("return None", [], id="the end of a function is its end without saying so"),
        pytest.param("'''Says so.'''", [], id="nothing is changed in a docstring"),
        pytest.param("x: Literal['a']", [], id="nothing is changed in a type"),
    ],
)
def test_a_mutant_is_one_small_change(body: str, expected: list[str]) -> None:
    assert mutants(body) == expected


def test_changes_that_look_alike_have_names_of_their_own() -> None:
    assert mutants("a(); a()") == ["a() removed", "a() removed (2)"]


def test_a_mutant_is_made_when_it_is_wanted_and_not_before() -> None:
    tree = ast.parse("def f():\n    return 1\n")
    removed, *_ = mutants_of(tree)
    assert "return 1" in ast.unparse(tree)
    removed.apply()
    assert "return 1" not in ast.unparse(tree)
