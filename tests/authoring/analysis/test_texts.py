"""The search for notes and addresses against every text of a small alphabet."""

from fnmatch import fnmatchcase
from functools import cache
from itertools import chain, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.analysis import globs, keywords
from authoring.analysis.texts import Literal, Texts
from authoring.analysis.witness import find_witness
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Keywords, Rule

TEXTS = ["".join(letters) for letters in chain.from_iterable(product("abz", repeat=length) for length in range(7))]
PATTERNS = st.text("ab*?", min_size=1, max_size=4)


@cache
def texts_like(glob: str) -> frozenset[str]:
    """The texts that match a pattern."""
    return frozenset(text for text in TEXTS if fnmatchcase(text, glob))


@given(st.lists(PATTERNS, min_size=1, max_size=2, unique=True), st.lists(PATTERNS, max_size=3, unique=True))
def test_an_address_is_found_where_there_is_one(like: list[str], unlike: list[str]) -> None:
    left = frozenset(TEXTS).difference(*map(texts_like, unlike))
    possible = globs.is_possible(like, frozenset(unlike))
    if possible:
        emails = globs.write_emails(like, frozenset(unlike))
        assert all(any(fnmatchcase(email, glob) for email in emails) for glob in like)
        assert not any(fnmatchcase(email, glob) for email in emails for glob in unlike)
    else:
        assert not all(left & texts_like(glob) for glob in like)
    if left.intersection(*map(texts_like, like)):
        assert possible
        assert len(globs.write_emails(like, frozenset(unlike))) == 1


@pytest.mark.parametrize(
    ("like", "unlike", "expected"),
    [
        pytest.param(["*@example.com"], [], ("someone@example.com",), id="a star is somebody"),
        pytest.param(["b?ll@example.com"], [], ("bxll@example.com",), id="a question mark is a letter"),
        pytest.param(["*@example.com"], ["someone@*"], ("@example.com",), id="not that one"),
        pytest.param(["*@a.example", "m*"], [], ("m@a.example",), id="one address is enough for two patterns"),
        pytest.param(["a@b", "c@d"], [], ("a@b", "c@d"), id="two addresses, where no one can be both"),
        pytest.param([], ["*"], (), id="no address at all"),
        pytest.param(["*"], ["?*"], ("",), id="an empty one"),
        pytest.param(["*xyz?"], ["*xyzx"], ("xyza",), id="a letter that no pattern uses"),
    ],
)
def test_addresses_read_well(like: list[str], unlike: list[str], expected: tuple[str, ...]) -> None:
    assert globs.write_emails(like, frozenset(unlike)) == expected


@pytest.mark.parametrize(
    ("like", "unlike"),
    [
        pytest.param(["a*"], ["*"], id="everything is excluded"),
        pytest.param(["?"], ["?"], id="itself is excluded"),
        pytest.param(["a*"], ["a", "a?*"], id="two patterns together exclude it"),
        pytest.param(["*"], ["", "?", "??*"], id="by length"),
    ],
)
def test_some_addresses_do_not_exist(like: list[str], unlike: list[str]) -> None:
    assert not globs.is_possible(like, frozenset(unlike))


def test_many_patterns_of_other_domains_take_no_time() -> None:
    others = frozenset(f"*@domain-{number}.example" for number in range(300))
    assert globs.is_possible(["*@*.example"], others)


WORDS = st.lists(
    st.text("ab /;,\u2013\u0301", min_size=1, max_size=4).map(normalize).filter(bool), max_size=4, unique=True
)


@given(WORDS, WORDS)
def test_notes_are_written_wherever_no_keyword_contains_another_that_must_not_be_there(
    contained: list[str], lacking: list[str]
) -> None:
    if keywords.is_possible(contained, lacking):
        notes = normalize(keywords.write_notes(contained, lacking))
        assert all(word in notes for word in contained)
        assert not any(word in notes for word in lacking)
    else:
        assert any(absent in present for present in contained for absent in lacking)


def test_notes_read_well() -> None:
    assert keywords.write_notes(["chg-", "chg-12", "onboarding"], []) == "chg-12 onboarding"
    assert keywords.write_notes(["a", "b"], ["a b"]) == "a / b"
    assert keywords.write_notes([], ["a"]) == ""


def test_what_asks_for_nothing_can_not_be_missed() -> None:
    assert find_witness([Rule("any", "allow")], [Rule("none", "decline", notes=Keywords())]) is None
    assert find_witness([Rule("any", "allow")], []) is not None


def test_a_thousand_rules_about_one_text_each_are_missed_at_once() -> None:
    absent = [Rule(f"r{number}", "decline", notes=Keywords(any=(f"word-{number}",))) for number in range(1000)]
    present = [Rule(f"s{number}", "decline", notes=Keywords(none=(f"w{number:03}",))) for number in range(200)]
    assert find_witness([Rule("any", "allow")], absent) is not None
    found = find_witness([Rule("any", "allow")], [*absent, *present])
    assert found is not None
    assert all(f"w{number:03}" in found.notes for number in range(200))


def test_where_keywords_use_every_usual_separator_another_one_is_found() -> None:
    lacking = ["b c", "b / c", "b ; c", "b, c", "b \u2013 c"]
    notes = keywords.write_notes(["b", "c"], lacking)
    assert notes == "b\u4e00c"
    assert not any(word in normalize(notes) for word in lacking)
    assert keywords.write_notes(["b", "c"], [*lacking, "\u4e00"]) == "b\u4e01c"


def test_what_is_given_is_taken_as_it_is() -> None:
    given = Texts(notes="chg-1", emails=("bill@example.com",))
    assert given.with_all((Literal("notes", "chg", True), Literal("emails", "bill@*", True))) is given
    assert given.with_all((Literal("notes", "chg", False),)) is None
    assert given.with_all((Literal("emails", "*@evil.example", True),)) is None
    assert given.write() == (("bill@example.com",), "chg-1")


def test_what_follows_from_a_demand_adds_nothing() -> None:
    texts = Texts(contained=frozenset({"chg-1"}), lacking=frozenset({"gift"}), like=frozenset({"*"}))
    assert texts.with_all((Literal("notes", "chg", True), Literal("notes", "a gift", False))) is texts
    assert texts.with_all((Literal("emails", "*", True),)) is texts
    assert texts.with_all((Literal("notes", "gift card", True),)) is None
