"""Sets of rules as bits."""

import pytest

from invitation_responder.core.handshake import Handshake, Sender
from invitation_responder.core.index import (
    EXACT_CONDITIONS,
    ConditionIndex,
    by_value,
    every,
    exact_values,
    index,
    pack,
    select,
)
from invitation_responder.core.policy import Rule

RULES = (
    Rule("two", "allow", organizations=("o-1", "o-2")),
    Rule("any", "allow"),
    Rule("not-one", "allow", not_organizations=("o-1",)),
    Rule("none", "allow", organizations=("o-2",), not_organizations=("o-2",)),
)


def names(bits: int) -> list[str]:
    """The names of the rules of a set."""
    return [rule.name for rule in select(RULES, bits)]


def test_a_condition_is_indexed_by_what_rules_name_and_exclude() -> None:
    assert index(RULES, "organizations") == ConditionIndex(
        unconstrained=0b0110,
        by_value={"o-1": 0b0111, "o-2": 0b1111},
        excluded={"o-1": 0b0100, "o-2": 0b1000},
        excluding=0b1100,
    )
    assert index((), "organizations") == ConditionIndex(0, {}, {}, 0)


@pytest.mark.parametrize(
    ("values", "holding"),
    [
        pytest.param(["o-1"], ["two", "any"], id="a value that one rule excludes"),
        pytest.param(["o-2"], ["two", "any", "not-one"], id="named and excluded is excluded"),
        pytest.param(["o-3"], ["any", "not-one"], id="a value that no rule names"),
        pytest.param(["o-3", "o-1"], ["two", "any", "not-one"], id="one value or the other"),
        pytest.param([], [], id="no value at all"),
    ],
)
def test_a_condition_holds_for_what_is_named_and_not_excluded(values: list[str], holding: list[str]) -> None:
    indexed = index(RULES, "organizations")
    assert names(indexed.holding_any(values)) == holding
    if len(values) == 1:
        assert names(indexed.holding(values[0])) == holding


def test_a_value_is_mentioned_by_the_rules_that_name_or_exclude_it() -> None:
    indexed = index(RULES, "organizations")
    mentioning = {value: names(indexed.mentioning(value)) for value in ("o-1", "o-2", "o-3")}
    assert mentioning == {"o-1": ["two", "not-one"], "o-2": ["two", "none"], "o-3": []}


def test_a_set_gives_its_rules_in_their_order() -> None:
    assert names(every(RULES)) == ["two", "any", "not-one", "none"]
    assert names(0b1001) == ["two", "none"]
    assert names(every(())) == []


def test_what_a_handshake_does_not_name_has_the_value_that_no_rule_names() -> None:
    silent = Handshake("h-00000001", "222222222222")
    assert exact_values(silent) == ("", "", "", "222222222222")
    named = Handshake("h-00000001", "222222222222", action="INVITE", sender=Sender("o-1", "111111111111"))
    assert dict(zip(EXACT_CONDITIONS, exact_values(named), strict=True)) == {
        "actions": "INVITE",
        "organizations": "o-1",
        "management_accounts": "111111111111",
        "accounts": "222222222222",
    }


def test_a_set_is_packed_from_a_value_for_each_rule() -> None:
    assert pack([True, False, False, True]) == 0b1001
    assert pack([False]) == pack([]) == 0


def test_values_are_indexed_by_the_rules_that_have_them() -> None:
    assert by_value([("a", "b"), None, (), ("b",)]) == {"a": 0b0001, "b": 0b1001}
    assert by_value([("a", "b"), None, (), ("b",)], others=0b0010) == {"a": 0b0011, "b": 0b1011}
