"""The environment of the courier, parsed once.

| variable | meaning |
|---|---|
| `MARKS_TABLE` | the DynamoDB table of what was sent; required |
| `TOPIC` | the ARN of the topic for everything; required |
| `URGENT_TOPIC` | the ARN of the topic for what is urgent; none by default |
| `ORGANIZATION_TABLE` | the DynamoDB table with the names of an organization's accounts; none by default |
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
    organization_table: str | None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read all settings; raises `SettingsError`. An empty or blank variable counts as unset."""

    def optional(name: str) -> str | None:
        return environment.get(name, "").strip() or None

    def required(name: str) -> str:
        value = optional(name)
        if not value:
            raise SettingsError(f"{name} is not set")
        return value

    return Settings(
        marks_table=required("MARKS_TABLE"),
        topic=required("TOPIC"),
        urgent_topic=optional("URGENT_TOPIC"),
        organization_table=optional("ORGANIZATION_TABLE"),
    )
