"""The environment of the functions of organization scope."""

from datetime import timedelta

import pytest

from invitation_responder.organization.settings import read_names, read_rate, read_schedule, read_text
from invitation_responder.settings import SettingsError


@pytest.mark.parametrize("environment", [{}, {"TABLE": ""}, {"TABLE": "  "}])
def test_a_variable_without_a_value_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^TABLE is not set$"):
        read_text(environment, "TABLE")


def test_names_stand_between_commas() -> None:
    assert read_names({"LEAVE_OUT": " ou-a ,222222222222,"}, "LEAVE_OUT") == {"ou-a", "222222222222"}
    assert read_names({}, "LEAVE_OUT") == frozenset()


def test_a_rate_is_a_number_up_to_the_quota() -> None:
    assert read_rate({"LISTINGS_A_SECOND": "4.5"}) == 4.5
    for text in ("0", "-1", "6.1", "nan", "inf", "five"):
        with pytest.raises(SettingsError, match="takes a number above 0, and at most 6"):
            read_rate({"LISTINGS_A_SECOND": text})


def test_a_schedule_is_a_number_of_seconds() -> None:
    assert read_schedule({"SCHEDULE_SECONDS": "900"}) == timedelta(minutes=15)
    for text in ("0", "15m", "-5", "\u0664"):
        with pytest.raises(SettingsError, match="takes a number of seconds"):
            read_schedule({"SCHEDULE_SECONDS": text})
