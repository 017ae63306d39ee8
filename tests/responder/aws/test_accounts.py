"""The accounts of an organization: every page of ListAccounts, and what is read of each account."""

from typing import Any

import pytest

from invitation_responder.aws.accounts import Account, list_accounts
from invitation_responder.aws.pace import Pace
from invitation_responder.aws.pages import ListingError
from local.embedded.world import EmbeddedAws


class Pages:
    """Gives pages of accounts, as boto3 does, and keeps what it was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._pages = list(pages)

    def list_accounts(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        return self._pages.pop(0)


def accounts_in(*pages: dict[str, Any]) -> list[Account]:
    return list_accounts(Pages(*pages), Pace(0))  # type: ignore[arg-type] # all that is called of a client


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        pytest.param({"State": "ACTIVE", "Status": "SUSPENDED"}, "ACTIVE", id="the state counts"),
        pytest.param({"State": "PENDING_CLOSURE", "Status": "ACTIVE"}, "PENDING_CLOSURE", id="and not the status"),
        pytest.param({"Status": "ACTIVE"}, "ACTIVE", id="the status of an old endpoint"),
        pytest.param({}, "unknown", id="neither"),
    ],
)
def test_the_state_is_read_and_the_status_only_without_it(raw: dict[str, Any], state: str) -> None:
    (account,) = accounts_in({"Accounts": [{"Id": "111111111111", **raw}]})
    assert (account.state, account.is_active) == (state, state == "ACTIVE")


@pytest.mark.parametrize(("raw", "name"), [({"Name": "payroll"}, "payroll"), ({}, ""), ({"Name": 7}, "")])
def test_the_name_is_read_if_there_is_one(raw: dict[str, Any], name: str) -> None:
    (account,) = accounts_in({"Accounts": [{"Id": "111111111111", "State": "ACTIVE", **raw}]})
    assert account.name == name


def test_every_page_is_read_an_empty_one_too_and_the_later_word_counts() -> None:
    pages = Pages(
        {"Accounts": [{"Id": "222222222222", "State": "ACTIVE"}], "NextToken": "a"},
        {"NextToken": "b"},
        {"Accounts": [{"Id": "111111111111", "State": "ACTIVE"}, {"Id": "222222222222", "State": "SUSPENDED"}]},
    )
    accounts = list_accounts(pages, Pace(0))  # type: ignore[arg-type] # all that is called of a client
    assert [(account.id, account.state) for account in accounts] == [
        ("111111111111", "ACTIVE"),
        ("222222222222", "SUSPENDED"),
    ]
    assert pages.asked == [
        {"MaxResults": 20},
        {"MaxResults": 20, "NextToken": "a"},
        {"MaxResults": 20, "NextToken": "b"},
    ]


def test_what_has_no_account_number_is_no_account() -> None:
    assert accounts_in({"Accounts": [{"Id": "1234"}, {"Id": 111111111111}, {}]}) == []


def test_a_list_without_an_end_is_an_error() -> None:
    with pytest.raises(ListingError, match="ListAccounts gave a pagination token a second time"):
        accounts_in({"NextToken": "a"}, {"NextToken": "a"})


def test_an_account_is_in_every_unit_of_its_paths(aws: EmbeddedAws) -> None:
    organization = aws.add_organization("o-exampleorgid", management_account="111111111111")
    aws.account("222222222222", organization=organization)
    client = aws.client("organizations", "111111111111")
    root = client.list_roots()["Roots"][0]["Id"]
    outer = client.create_organizational_unit(ParentId=root, Name="outer")["OrganizationalUnit"]["Id"]
    inner = client.create_organizational_unit(ParentId=outer, Name="inner")["OrganizationalUnit"]["Id"]
    client.move_account(AccountId="222222222222", SourceParentId=root, DestinationParentId=inner)

    management, member = list_accounts(client, Pace(0))
    assert member.paths == (f"o-exampleorgid/{root}/{outer}/{inner}/222222222222/",)
    assert [member.is_in({unit}) for unit in (root, outer, inner, "ou-other-12345678")] == [True, True, True, False]
    assert management.paths == (f"o-exampleorgid/{root}/111111111111/",)
    assert not management.is_in({outer})


def test_only_who_manages_the_organization_may_list_it(aws: EmbeddedAws) -> None:
    organization = aws.add_organization("o-exampleorgid", management_account="111111111111")
    aws.account("222222222222", organization=organization)
    with pytest.raises(ListingError, match="ListAccounts failed: AccessDeniedException"):
        list_accounts(aws.client("organizations", "222222222222"), Pace(0))


@pytest.mark.parametrize("calls", [1, 3])
def test_calls_keep_their_pace(calls: int) -> None:
    now, slept = 0.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    pace = Pace(0.5, sleep=sleep, monotonic=lambda: now)
    for _ in range(calls):
        pace.wait()
        now += 0.2  # the call itself
    assert slept == pytest.approx([0.3] * (calls - 1))
