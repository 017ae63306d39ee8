"""The search for a witness against the whole universe: it finds one if and only if there is one."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authoring.analysis.witness import Pinned, find_witness
from authoring.language.short_form import ShortForm, read_short_form
from invitation_responder.core.handshake import ACTIONS
from invitation_responder.core.policy import Keywords, Rule
from support.strategies import examples
from support.universe import ACCOUNTS, KEYWORDS, ORGANIZATIONS, matches, named, seldom, some, up_to

WORDS = up_to(1, KEYWORDS)
# Of few conditions, so that many rules match one handshake, and what is excluded is often all that tells them apart.
RULES = st.builds(
    Rule,
    name=st.just(""),
    effect=st.just("allow"),
    actions=seldom(ACTIONS),
    not_actions=seldom(ACTIONS),
    organizations=seldom(ORGANIZATIONS),
    not_organizations=some(ORGANIZATIONS),
    management_accounts=seldom(ACCOUNTS[:1]),
    not_management_accounts=some(ACCOUNTS[:1]),
    accounts=seldom(ACCOUNTS[1:]),
    not_accounts=some(ACCOUNTS[1:]),
    notes=st.none() | st.builds(Keywords, any=WORDS, all=WORDS, none=WORDS),
)


@examples(800)
@given(st.lists(RULES, max_size=2), st.lists(RULES, max_size=4))
def test_a_handshake_is_found_where_there_is_one(required: list[Rule], avoided: list[Rule]) -> None:
    rules = named([*required, *avoided])
    wanted, unwanted = rules[: len(required)], rules[len(required) :]
    exists = any(
        all(rule in matching for rule in wanted) and not any(rule in matching for rule in unwanted)
        for _, matching in matches(rules)
    )
    assert (find_witness(wanted, unwanted) is not None) is exists


STRANGER = read_short_form(ShortForm())
SILENT = Keywords(none=("gift",))


@pytest.mark.parametrize(
    ("required", "avoided", "is_found"),
    [
        pytest.param(
            [Rule("r", "allow", notes=SILENT)],
            [Rule("a", "decline", notes=SILENT, not_accounts=("222222222222",))],
            True,
            id="a rule that no text fails is failed by what it excludes",
        ),
        pytest.param(
            [Rule("r", "allow", notes=SILENT, not_accounts=("222222222222",))],
            [Rule("a", "decline", notes=SILENT, not_accounts=("222222222222",))],
            False,
            id="not where that is excluded here, too",
        ),
        pytest.param(
            [Rule("r", "allow", not_organizations=(STRANGER.organization or "",))],
            [],
            True,
            id="a sender that is excluded is not the one that stands for all others",
        ),
        pytest.param([Rule("r", "allow", not_actions=ACTIONS)], [], False, id="no action is left"),
        pytest.param(
            [Rule("r", "allow", notes=Keywords(all=("gift",)))],
            [
                Rule("a", "decline", notes=Keywords(all=("gift",))),
                Rule("b", "decline", notes=Keywords(all=("chg",)), not_accounts=("222222222222",)),
            ],
            False,
            id="a rule that is missed by text does not make up for one that is not",
        ),
    ],
)
def test_what_is_excluded(required: list[Rule], avoided: list[Rule], is_found: bool) -> None:
    assert (find_witness(required, avoided) is not None) is is_found


def test_what_is_given_and_excluded_is_not_found() -> None:
    rule = Rule("r", "allow", not_accounts=(STRANGER.receiver,))
    assert find_witness([rule], [], Pinned(STRANGER, frozenset({"organizations"}))) is None
    found = find_witness([rule], [], Pinned(STRANGER, frozenset({"accounts"})))
    assert found is not None
    assert found.receiver != STRANGER.receiver
    assert replace(found, receiver=STRANGER.receiver) == STRANGER


@pytest.mark.untraced
def test_it_is_soon_known_that_many_rules_exclude_too_little() -> None:
    """No text fails these rules, so each has to be failed by a value of its own, and there are only four values."""
    avoided = [
        Rule(
            f"a{number}",
            "decline",
            not_organizations=(f"o-number{number:06}",),
            not_management_accounts=(f"{number:012}",),
            not_accounts=(f"{number:012}",),
            notes=SILENT,
        )
        for number in range(200)
    ]
    start = time.process_time()
    assert find_witness([Rule("r", "allow", notes=SILENT)], avoided) is None
    assert time.process_time() - start < 1
    assert find_witness([Rule("r", "allow", notes=SILENT)], avoided[:3]) is not None
