"""The environment of the courier, parsed once.

| variable | meaning |
|---|---|
| `MARKS_TABLE` | the DynamoDB table of what was sent; required |
| `TOPIC` | the ARN of the topic for everything; required |
| `URGENT_TOPIC` | the ARN of the topic for what is urgent; none by default |
"""

from collections.abc import Mapping
from dataclasses import dataclass

from invitation_responder.settings import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the courier, from its environment."""

    marks_table: str
    topic: str
    urgent_topic: str | None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings; raises `SettingsError`. An empty or blank variable counts as unset."""

    def required(name: str) -> str:
        value = environment.get(name, "").strip()
        if not value:
            raise SettingsError(f"{name} is not set")
        return value

    return Settings(
        marks_table=required("MARKS_TABLE"),
        topic=required("TOPIC"),
        urgent_topic=environment.get("URGENT_TOPIC", "").strip() or None,
    )
