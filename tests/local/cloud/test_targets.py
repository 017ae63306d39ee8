"""The accounts that a stack set deploys to."""

from typing import Any

import pytest

from local.cloud.targets import UnsupportedTargetsError, target_accounts

ACCOUNTS = [
    {"Id": "111111111111", "State": "ACTIVE", "Paths": ["o-x/r-1/111111111111/"]},
    {"Id": "222222222222", "State": "ACTIVE", "Paths": ["o-x/r-1/222222222222/"]},
    {"Id": "333333333333", "State": "ACTIVE", "Paths": ["o-x/r-1/ou-1-a/333333333333/"]},
    {"Id": "444444444444", "State": "ACTIVE", "Paths": ["o-x/r-1/ou-1-a/ou-1-b/444444444444/"]},
    {"Id": "555555555555", "State": "SUSPENDED", "Paths": ["o-x/r-1/ou-1-a/555555555555/"]},
]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param({"OrganizationalUnitIds": ["r-1"]}, "234", id="the root: all active members"),
        pytest.param({"OrganizationalUnitIds": ["ou-1-a"]}, "34", id="a unit: those in its units, too"),
        pytest.param({"OrganizationalUnitIds": ["ou-1-b", "ou-1-a"]}, "34", id="each only once"),
        pytest.param({"OrganizationalUnitIds": ["ou-1"]}, "", id="a unit with the same beginning is another one"),
        pytest.param(
            {"OrganizationalUnitIds": ["r-1"], "AccountFilterType": "DIFFERENCE", "Accounts": ["333333333333"]},
            "24",
            id="without these accounts",
        ),
        pytest.param(
            {"OrganizationalUnitIds": ["r-1"], "AccountFilterType": "INTERSECTION", "Accounts": ["333333333333"]},
            "3",
            id="of these accounts only",
        ),
    ],
)
def test_targets(targets: dict[str, Any], expected: str) -> None:
    assert target_accounts(ACCOUNTS, targets, management_account="111111111111") == [digit * 12 for digit in expected]


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param({"OrganizationalUnitIds": ["r-1"], "AccountFilterType": "UNION"}, id="a union"),
        pytest.param({"Accounts": ["222222222222"]}, id="accounts alone"),
        pytest.param({"OrganizationalUnitIds": ["r-1"], "Accounts": ["222222222222"]}, id="accounts without a filter"),
    ],
)
def test_what_is_not_known_is_refused(targets: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedTargetsError):
        target_accounts(ACCOUNTS, targets, management_account="111111111111")
