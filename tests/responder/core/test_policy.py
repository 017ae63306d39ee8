"""The compiled policy and its JSON document."""

import hashlib
import json
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invitation_responder.core.decision import Decider
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Keywords, Policy, PolicyError, Rule
from support.strategies import policies

WHOLE = Policy(
    mode="enforce",
    default="allow",
    declines_per_sweep=3,
    wait=timedelta(hours=24),
    protect=("INVITE", "APPROVE_ALL_FEATURES"),
    rules=(
        Rule(
            "corporate",
            "allow",
            actions=("INVITE",),
            organizations=("o-exampleorgid",),
            management_accounts=("111111111111",),
            management_emails=("*@example.com",),
            accounts=("222222222222",),
            notes=Keywords(any=("chg-",), none=("gift card",)),
            expires=date(2027, 3, 31),
        ),
    ),
)


def test_the_document_says_everything_in_one_line_of_json() -> None:
    document = WHOLE.to_json()
    assert document.count(b"\n") == 1
    assert json.loads(document) == {
        "format": 1,
        "mode": "enforce",
        "default": "allow",
        "declines_per_sweep": 3,
        "wait_seconds": 86400,
        "protect": ["APPROVE_ALL_FEATURES", "INVITE"],
        "rules": [
            {
                "name": "corporate",
                "effect": "allow",
                "actions": ["INVITE"],
                "organizations": ["o-exampleorgid"],
                "management_accounts": ["111111111111"],
                "management_emails": ["*@example.com"],
                "accounts": ["222222222222"],
                "notes": {"any": ["chg-"], "all": [], "none": ["gift card"]},
                "expires": "2027-03-31",
            }
        ],
    }


def test_leaving_an_organization_is_written_where_a_rule_says_so() -> None:
    policy = Policy("enforce", rules=(Rule("moves", "accept", actions=("INVITE",), leave_organization=True),))
    assert json.loads(policy.to_json())["rules"][0]["leave_organization"] is True
    assert Policy.from_json(policy.to_json()) == policy


def test_the_policy_is_named_by_the_documents_sha256() -> None:
    assert WHOLE.sha256 == hashlib.sha256(WHOLE.to_json()).hexdigest()


def test_the_order_of_rules_and_values_means_nothing() -> None:
    one = Policy(mode="audit", rules=(Rule("a", "allow", organizations=("o-1", "o-2", "o-2")), Rule("b", "decline")))
    two = Policy(mode="audit", rules=(Rule("b", "decline"), Rule("a", "allow", organizations=("o-2", "o-1"))))
    assert one == two
    assert one.sha256 == two.sha256


def test_a_policy_that_excludes_nothing_is_named_as_it_was_before_rules_could() -> None:
    assert WHOLE.sha256 == "954a222d94f17a005c6708384d7791e064ea9edef339ed828db87d32910a5107"


def test_what_a_rule_excludes_stands_in_its_document() -> None:
    rule = Rule("a", "allow", not_accounts=("222222222223", "222222222222"), not_actions=("INVITE",))
    document = Policy("audit", rules=(rule,)).to_json()
    assert json.loads(document)["rules"] == [
        {"name": "a", "effect": "allow", "not_accounts": ["222222222222", "222222222223"], "not_actions": ["INVITE"]}
    ]
    assert Policy.from_json(document).rules == (rule,)


@given(policies())
def test_reading_gives_back_what_was_written(policy: Policy) -> None:
    assert Policy.from_json(policy.to_json()) == policy


def changed(**fields: Any) -> bytes:
    """The document in canonical form, with fields replaced; None removes one."""
    document = {**json.loads(WHOLE.to_json()), **fields}
    document = {name: value for name, value in document.items() if value is not None}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def changed_rule(**fields: Any) -> bytes:
    """The document with fields of its rule replaced; None removes one."""
    rule = {**json.loads(WHOLE.to_json())["rules"][0], **fields}
    return changed(rules=[{name: value for name, value in rule.items() if value is not None}])


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="empty"),
        pytest.param(WHOLE.to_json()[:-20], id="cut short"),
        pytest.param(WHOLE.to_json()[:-1], id="without its line end"),
        pytest.param(WHOLE.to_json() + b" ", id="with something behind it"),
        pytest.param(b"\xff" + WHOLE.to_json(), id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(changed(format=2), id="of another format"),
        pytest.param(changed(format=None), id="of no format"),
        pytest.param(changed(mode=None), id="without a mode"),
        pytest.param(changed(mode="off"), id="of an unknown mode"),
        pytest.param(changed(mode=["enforce"]), id="a mode that is a list"),
        pytest.param(changed(default="accept"), id="accepting by default"),
        pytest.param(changed(declines_per_sweep="3"), id="a limit that is text"),
        pytest.param(changed(declines_per_sweep=True), id="a limit that is a truth value"),
        pytest.param(changed(declines_per_sweep=-1), id="a limit below nothing"),
        pytest.param(changed(wait_seconds=1.5), id="a wait of a broken second"),
        pytest.param(changed(wait_seconds=10**30), id="a wait beyond all time"),
        pytest.param(changed(protect="INVITE"), id="protected actions that are text"),
        pytest.param(changed(rules={}), id="rules that are an object"),
        pytest.param(changed(rules=None), id="without rules"),
        pytest.param(changed(rules=[7]), id="a rule that is a number"),
        pytest.param(changed(rules=[{"name": name, "effect": "allow"} for name in "ba"]), id="rules out of order"),
        pytest.param(changed(surprise=1), id="with a field that does not belong"),
        pytest.param(changed_rule(effect="alow"), id="an effect with a slip"),
        pytest.param(changed_rule(effect=["allow"]), id="an effect that is a list"),
        pytest.param(changed_rule(effect=None), id="a rule without an effect"),
        pytest.param(changed_rule(name=7), id="a name that is a number"),
        pytest.param(changed_rule(name=None), id="a rule without a name"),
        pytest.param(changed_rule(organizations=["b", "a"]), id="values out of order"),
        pytest.param(changed_rule(organizations=["a", "a"]), id="a value that stands there twice"),
        pytest.param(changed_rule(organizations=[7]), id="a value that is a number"),
        pytest.param(changed_rule(organizations=["a", 7]), id="a value of several that is a number"),
        pytest.param(changed_rule(organizations="a"), id="a value that is text"),
        pytest.param(changed_rule(organizations={"a": "b"}), id="values that are an object"),
        pytest.param(changed_rule(not_organizations=["b", "a"]), id="excluded values out of order"),
        pytest.param(changed_rule(not_organizations="a"), id="an excluded value that is text"),
        pytest.param(changed_rule(not_notes=["a"]), id="an exclusion that there is not"),
        pytest.param(changed_rule(notes={"some": []}), id="keywords of an unknown kind"),
        pytest.param(changed_rule(notes=[]), id="keywords that are a list"),
        pytest.param(changed_rule(notes={"any": ["a"], "all": []}), id="keywords without one of their kinds"),
        pytest.param(changed_rule(notes={"any": ["b", "a"], "all": [], "none": []}), id="keywords out of order"),
        pytest.param(changed_rule(notes={"any": [7], "all": [], "none": []}), id="a keyword that is a number"),
        pytest.param(changed_rule(expires="2027-02-30"), id="a day that does not exist"),
        pytest.param(changed_rule(expires="20270331"), id="a day that is written in another way"),
        pytest.param(changed_rule(leave_organization="true"), id="a truth value that is text"),
        pytest.param(changed_rule(leave_organization=1), id="a truth value that is a number"),
        pytest.param(changed_rule(leave_organization=False), id="a default that is written down"),
        pytest.param(changed_rule(surprise=1), id="a rule with a field that does not belong"),
    ],
)
def test_a_document_that_is_not_just_so_is_refused(document: bytes) -> None:
    with pytest.raises(PolicyError, match="compile"):
        Policy.from_json(document)


@given(st.integers(0, len(WHOLE.to_json()) - 1), st.integers(0, 255))
def test_a_document_with_one_byte_changed_is_refused_or_is_another_policy(position: int, byte: int) -> None:
    document = bytearray(WHOLE.to_json())
    document[position] = byte
    try:
        policy = Policy.from_json(bytes(document))
    except PolicyError:
        return
    assert (policy == WHOLE) == (bytes(document) == WHOLE.to_json())
    assert policy.to_json() == bytes(document)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("CHG-1", "chg-1", id="case"),
        pytest.param("Straße", "strasse", id="a letter that folds into two"),
        pytest.param("\uff27ift", "gift", id="full width"),
        pytest.param("g\u200bi\u00adf\u2060t", "gift", id="invisible format characters"),
        pytest.param("gi\ufe0ff\u034ft\u3164", "gift", id="invisible characters of other categories"),
        pytest.param("g\x00i\x07ft", "gift", id="control characters"),
        pytest.param("  gift \t\r\n\u00a0\u2028 card ", "gift card", id="white space of all kinds"),
        pytest.param("cafe\u0301", "caf\u00e9", id="a composed accent"),
        pytest.param("\u202egift", "gift", id="a direction mark"),
        pytest.param("\ufb01ne", "fine", id="a ligature"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_keywords_and_notes_are_brought_to_one_form(text: str, normal: str) -> None:
    assert normalize(text) == normal


@given(st.text())
def test_normalizing_twice_changes_nothing_more(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("now", "expired"),
    [
        pytest.param(datetime(2027, 3, 30, 23, 59, 59, tzinfo=UTC), False, id="the second before"),
        pytest.param(datetime(2027, 3, 31, tzinfo=UTC), True, id="the first second of the day"),
        pytest.param(datetime.fromisoformat("2027-03-31T08:00+09:00"), False, id="the day has begun elsewhere only"),
    ],
)
def test_a_rule_ends_with_the_beginning_of_its_day_in_utc(now: datetime, *, expired: bool) -> None:
    assert Rule("r", "allow", expires=date(2027, 3, 31)).is_expired(now) is expired
    assert Rule("r", "allow").is_expired(now) is False


def calls_to_read(count: int) -> int:
    """The number of calls of Python functions by which a policy of so many rules is read and indexed."""
    names = [f"{number:012}" for number in range(count)]
    rules = tuple(Rule(name, "allow", organizations=(f"o-{name}",), management_accounts=(name,)) for name in names)
    document = Policy("audit", rules=rules).to_json()
    calls: list[str] = []
    sys.setprofile(lambda _frame, event, _argument: calls.append(event))
    try:
        Decider(Policy.from_json(document))
    finally:
        sys.setprofile(None)
    return calls.count("call")


def test_a_rule_is_read_and_indexed_by_a_few_calls_however_many_rules_there_are() -> None:
    fewer, more = calls_to_read(200), calls_to_read(400)
    assert (more - fewer) / 200 < 20
    assert more < 2.1 * fewer
