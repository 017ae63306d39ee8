"""Hostile text, made safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.core.escaping import printable


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("plain text, é, 日本", "plain text, é, 日本", id="what is visible stays"),
        pytest.param("a\nb\r\tc", "a\\nb\\r\\tc", id="line ends and tabs"),
        pytest.param("\x1b[31mred\x07", "\\x1b[31mred\\x07", id="terminal escapes"),
        pytest.param("\u202eabc\u2066", "\\u202eabc\\u2066", id="direction marks"),
        pytest.param("\u2028\u0085\u00a0", "\\u2028\\x85\\xa0", id="separators that are no space"),
        pytest.param("\U000e0041", "\\U000e0041", id="invisible letters"),
        pytest.param("\ud800", "\\ud800", id="half a surrogate pair"),
        pytest.param("a\\n", "a\\\\n", id="a backslash, so that nothing can look escaped"),
        pytest.param("x" * 20, "x" * 9 + "…", id="cut"),
        pytest.param("x" * 10, "x" * 10, id="as long as it may be"),
    ],
)
def test_printable(text: str, printed: str) -> None:
    assert printable(text, 10 if text.startswith("x") else 200) == printed


def test_two_hundred_characters_are_shown_where_nobody_asks_for_less() -> None:
    assert printable("x" * 200) == "x" * 200
    assert printable("x" * 201) == "x" * 199 + "…"


@given(st.text(), st.integers(1, 50))
def test_whatever_is_shown_is_one_short_visible_line(text: str, limit: int) -> None:
    printed = printable(text, limit)
    assert len(printed) <= limit
    assert all(character.isprintable() for character in printed)
