"""Lists: pages, filters, tokens, and the odd pages that AWS allows."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from local.embedded.world import EmbeddedAws

Letter = Callable[..., dict[str, Any]]
Refused = Callable[..., str]
ACCOUNT = "222222222222"
GOOD = "h-00000000"


def pages(client: Any, **request: Any) -> list[list[str]]:
    """The ids on each page, following tokens until there is none."""
    result = []
    while True:
        answer = client.list_handshakes_for_account(**request)
        result.append([handshake["Id"] for handshake in answer["Handshakes"]])
        if "NextToken" not in answer:
            return result
        request["NextToken"] = answer["NextToken"]


@pytest.fixture
def fill(aws: EmbeddedAws, letter: Letter) -> Callable[[int], Any]:
    """A function that adds `number` invitations, and returns a client of their receiver."""

    def put(number: int) -> Any:
        for index in range(number):
            aws.receive(ACCOUNT, letter(Id=f"h-{index:08}"))
        return aws.client("organizations", ACCOUNT)

    return put


@pytest.mark.parametrize(
    ("number", "request_", "sizes"),
    [
        pytest.param(0, {}, [0], id="an empty list is one empty page"),
        pytest.param(20, {}, [20], id="twenty fit on a page"),
        pytest.param(45, {}, [20, 20, 5], id="which is also what is shown where nothing is asked for"),
        pytest.param(3, {"MaxResults": 1}, [1, 1, 1], id="a caller may ask for less"),
        pytest.param(6, {"MaxResults": 3}, [3, 3], id="a full last page carries no token"),
    ],
)
def test_pages(fill: Callable[[int], Any], number: int, request_: dict[str, Any], sizes: list[int]) -> None:
    found = pages(fill(number), **request_)
    assert [len(page) for page in found] == sizes
    assert [handshake_id for page in found for handshake_id in page] == [f"h-{index:08}" for index in range(number)]


def test_empty_pages_may_carry_a_token(aws: EmbeddedAws, fill: Callable[[int], Any]) -> None:
    client = fill(3)
    aws.paging.empty_pages_first = 2
    assert [len(page) for page in pages(client, MaxResults=2)] == [0, 0, 2, 1]


def test_a_stuck_list_repeats_its_page_and_its_token_for_ever(aws: EmbeddedAws, fill: Callable[[int], Any]) -> None:
    client = fill(3)
    aws.paging.stuck = True
    first = client.list_handshakes_for_account(MaxResults=2)
    for _ in islice(iter(int, 1), 5):
        again = client.list_handshakes_for_account(MaxResults=2, NextToken=first["NextToken"])
        assert (again["Handshakes"], again["NextToken"]) == (first["Handshakes"], first["NextToken"])


@pytest.mark.parametrize(
    ("chosen", "ids"),
    [
        pytest.param({}, ["h-invite00", "h-transfer", "h-child000"], id="everything without a filter"),
        pytest.param({"ActionType": "INVITE"}, ["h-invite00"], id="by action"),
        pytest.param({"ActionType": "APPROVE_ALL_FEATURES"}, [], id="by an action that none has"),
        pytest.param({"ParentHandshakeId": "h-parent00"}, ["h-child000"], id="by parent"),
        pytest.param({"ParentHandshakeId": "h-unknown0"}, [], id="by a parent that none has"),
    ],
)
def test_filters(aws: EmbeddedAws, letter: Letter, chosen: dict[str, str], ids: list[str]) -> None:
    parent = [{"Type": "PARENT_HANDSHAKE", "Value": "parent00"}]
    aws.receive(ACCOUNT, letter(Id="h-invite00"))
    aws.receive(ACCOUNT, letter(Id="h-transfer", Action="TRANSFER_RESPONSIBILITY"))
    aws.receive(ACCOUNT, letter(Id="h-child000", Action="ENABLE_ALL_FEATURES", Resources=parent))
    assert pages(aws.client("organizations", ACCOUNT), Filter=chosen) == [ids]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param({"MaxResults": 21}, "MAX_VALUE_EXCEEDED", id="more than twenty at once"),
        pytest.param({"NextToken": "nonsense"}, "INVALID_NEXT_TOKEN", id="a token that nobody gave"),
        pytest.param({"NextToken": "e30="}, "INVALID_NEXT_TOKEN", id="a token of another make"),
        pytest.param({"NextToken": "é"}, "INVALID_NEXT_TOKEN", id="a token that is not even ASCII"),
        pytest.param({"Filter": {"ActionType": "JOIN"}}, "INVALID_ENUM", id="an unknown action"),
        pytest.param({"Filter": {"ParentHandshakeId": "parent00"}}, "INVALID_PATTERN", id="a malformed parent"),
        pytest.param(
            {"Filter": {"ActionType": "INVITE", "ParentHandshakeId": GOOD}},
            "MAX_LIMIT_EXCEEDED_FILTER",
            id="two filters at once",
        ),
    ],
)
def test_lists_that_are_refused(
    fill: Callable[[int], Any], refused: Refused, request_: dict[str, Any], reason: str
) -> None:
    assert refused(fill(1).list_handshakes_for_account, **request_) == f"InvalidInputException {reason}"


def test_a_token_is_good_for_its_own_list_only(aws: EmbeddedAws, fill: Callable[[int], Any], refused: Refused) -> None:
    token = fill(2).list_handshakes_for_account(MaxResults=1)["NextToken"]
    other = aws.client("organizations", "333333333333")
    assert "INVALID_NEXT_TOKEN" in refused(other.list_handshakes_for_account, NextToken=token)
    same = aws.client("organizations", ACCOUNT)
    filtered = {"ActionType": "INVITE"}
    assert "INVALID_NEXT_TOKEN" in refused(same.list_handshakes_for_account, NextToken=token, Filter=filtered)


def test_the_list_goes_on_where_it_stopped_though_time_goes_by(aws: EmbeddedAws, fill: Callable[[int], Any]) -> None:
    client = fill(3)
    token = client.list_handshakes_for_account(MaxResults=2)["NextToken"]
    aws.clock.advance(timedelta(days=16))
    [last] = client.list_handshakes_for_account(NextToken=token)["Handshakes"]
    assert (last["Id"], last["State"]) == ("h-00000002", "EXPIRED")
