"""The accounts that a sweep is about."""

import pytest

from invitation_responder.aws.accounts import Account
from invitation_responder.organization.selection import Scope

HUB, MEMBER = "111111111111", "222222222222"
PATHS = ("o-exampleorgid/r-exam/ou-exam-production/ou-exam-payments/222222222222/",)
SCOPE = Scope(HUB, units=frozenset({"ou-exam-production"}), leave_out=frozenset({"ou-exam-sandbox", "333333333333"}))


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (Account(MEMBER, "ACTIVE", PATHS), None),
        (Account(MEMBER, "SUSPENDED", PATHS), "it is SUSPENDED"),
        (Account(MEMBER, "PENDING_ACTIVATION", PATHS), "it is PENDING_ACTIVATION"),
        (Account("333333333333", "ACTIVE", PATHS), "the configuration leaves it out"),
        (Account(MEMBER, "ACTIVE", ("o-e/r-exam/ou-exam-sandbox/222222222222/",)), "the configuration leaves it out"),
        (
            Account(MEMBER, "ACTIVE", ("o-e/r-exam/ou-exam-other/222222222222/",)),
            "it is in none of the organizational units to sweep",
        ),
        (Account(HUB, "ACTIVE", ("o-e/r-exam/111111111111/",)), None),
    ],
)
def test_which_accounts_are_left_out_and_why(account: Account, reason: str | None) -> None:
    assert SCOPE.reason_to_leave_out(account) == reason


def test_an_account_whose_units_are_unknown_is_swept() -> None:
    assert SCOPE.reason_to_leave_out(Account(MEMBER, "ACTIVE")) is None


def test_without_units_it_is_the_whole_organization() -> None:
    assert Scope(HUB).reason_to_leave_out(Account(MEMBER, "ACTIVE", PATHS)) is None
