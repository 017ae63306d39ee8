"""Text of others made harmless, and text cut to what fits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.courier.plain_text import cut_lines, harmless, quote_sender


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Acme Inc. (Berlin)", "Acme Inc. {Berlin}"),
        ("AT&T", "AT+T"),
        ("Müller & Söhne", "Müller + Söhne"),
        ("https://evil.example/", "https[:]//evil[.]example/"),
        ("＠ｈｅｒｅ", "[at]here"),  # noqa: RUF001 - that is what a sender may write
        ("mailto:me", "mailto[:]me"),
        ("Note: this", "Note: this"),
        ("<!channel>", "{!channel}"),
        ("[a](b)", "{a}{b}"),
        ("https&colon;//evil&period;com", "https+colon;//evil+period;com"),
        ("evil.\ufe0fcom", "evil[.]\ufe0fcom"),
        ("line\nend", "line·end"),
    ],
)
def test_text_of_others_stays_readable_and_does_nothing(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(st.text(max_size=400))
def test_no_text_gets_out_of_its_quotation_marks(text: str) -> None:
    quoted = quote_sender(text)
    assert re.fullmatch(r'"[^"<>()*_~`|#\n\r]*"', quoted)
    assert "@" not in quoted
    assert quoted.isprintable()
    assert not re.search(r"\w\.\w|:[^\s\]\"]", re.sub(r"\[.\]|\[at\]", " ", quoted))


def test_a_text_is_cut_at_the_end_of_a_line() -> None:
    assert cut_lines("one\ntwo\nthree", 13, "more") == "one\ntwo\nthree"
    assert cut_lines("one\ntwo\nthree", 12, "more") == "one\n… more"
    assert cut_lines("one", 2, "more") == "\n… more"
