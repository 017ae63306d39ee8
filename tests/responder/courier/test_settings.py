"""The environment of the courier."""

import pytest

from invitation_responder.courier.settings import Settings, read_settings
from invitation_responder.settings import SettingsError

REQUIRED = {"MARKS_TABLE": "marks", "TOPIC": "arn:all"}


def test_a_topic_for_what_is_urgent_is_optional() -> None:
    assert read_settings(REQUIRED) == Settings(
        marks_table="marks", topic="arn:all", urgent_topic=None, organization_table=None
    )
    assert read_settings({**REQUIRED, "URGENT_TOPIC": " "}).urgent_topic is None
    assert read_settings({**REQUIRED, "URGENT_TOPIC": "arn:urgent"}).urgent_topic == "arn:urgent"
    assert read_settings({**REQUIRED, "ORGANIZATION_TABLE": "t"}).organization_table == "t"


@pytest.mark.parametrize("name", REQUIRED)
def test_what_is_required_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        read_settings(REQUIRED | {name: " "})
