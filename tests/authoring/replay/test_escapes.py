"""Escaped text comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.replay.escapes import may_be_cut, unescape
from invitation_responder.core.escaping import escape, printable


@given(st.text(st.characters(exclude_categories=())))
def test_what_was_escaped_comes_back(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        pytest.param(r"a\nb\r\t", "a\nb\r\t", id="line ends"),
        pytest.param(r"\\n", "\\n", id="a backslash before a letter"),
        pytest.param(r"\x1b[2J\u202e\U000e0041\U0010ffff", "\x1b[2J\u202e\U000e0041\U0010ffff", id="by number"),
        pytest.param("日本 {}", "日本 {}", id="what was visible"),
    ],
)
def test_unescape(escaped: str, text: str) -> None:
    assert unescape(escaped) == text


@pytest.mark.parametrize("text", ["\\", r"\q", r"\x1", r"\u12", r"\U00110000", "a\\\\\\"])
def test_what_nobody_escaped_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="a backslash that escapes nothing"):
        unescape(text)


@given(st.text(), st.integers(1, 20))
def test_a_text_is_whole_or_may_be_cut(text: str, limit: int) -> None:
    printed = printable(text, limit)
    assert may_be_cut(printed, limit) or unescape(printed) == text
