"""A handshake as people write one: only what matters, the rest is somebody else's invitation to some account."""

from typing import Annotated, Any, ClassVar, Final

import yaml
from pydantic import BeforeValidator, Field, WithJsonSchema

from authoring.diagnostics.mistakes import found
from authoring.language.policy import EDITORS_TEXT, AccountId, KnownAction, OrganizationId
from authoring.source.validation import SourceModel, mistake
from invitation_responder.core.handshake import Handshake, Sender, read_handshake

SOMEBODY: Final = Sender("o-somebodyelse", "999999999999")
SOME_ACCOUNT: Final = "123456789012"

_ID: Final = "h-0123456789ab"
_LONG_AGO: Final = "2000-01-01T00:00:00Z"


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise mistake(f"expected text, found {found(value)}")
    return value


def _read_emails(value: object) -> object:
    return value if isinstance(value, list) else [_read_text(value)]


Text = Annotated[str, BeforeValidator(_read_text), EDITORS_TEXT]
Emails = Annotated[
    list[Text],
    BeforeValidator(_read_emails),
    WithJsonSchema({"type": [*EDITORS_TEXT.json_schema["type"], "array"], "items": EDITORS_TEXT.json_schema}),
]


class ShortForm(SourceModel):
    """A handshake in short. What is left out is an invitation from an organization that no policy knows."""

    noun: ClassVar = "a handshake"

    action: KnownAction = Field(default="INVITE", description="What is asked of the receiver.")
    organization: OrganizationId = Field(default=SOMEBODY.organization, description="The sender's organization.")
    management_account: AccountId = Field(
        default=SOMEBODY.management_account, description="The sender's management account. Quote account numbers."
    )
    management_email: Emails = Field(
        default_factory=list, description="The management account's e-mail address, as the sender wrote it."
    )
    account: AccountId = Field(default=SOME_ACCOUNT, description="The receiver. Quote account numbers.")
    notes: Text = Field(default="", description="The sender's notes.")


def read_short_form(short: ShortForm) -> Handshake:
    """The handshake, by way of the API's own form."""
    return read_handshake(to_api(short), short.account)


def to_api(short: ShortForm) -> dict[str, Any]:
    """The API's form: pending for long, and never expiring."""
    emails = [{"Type": "MASTER_EMAIL", "Value": email} for email in short.management_email]
    notes = [{"Type": "NOTES", "Value": short.notes}] if short.notes else []
    sender = f"{short.management_account}:handshake/{short.organization}"
    return {
        "Id": _ID,
        "Arn": f"arn:aws:organizations::{sender}/{short.action.lower()}/{_ID}",
        "State": "OPEN",
        "RequestedTimestamp": _LONG_AGO,
        "Action": short.action,
        "Resources": [{"Type": "ORGANIZATION", "Value": short.organization, "Resources": emails}, *notes],
    }


def shorten(handshake: Handshake) -> ShortForm:
    """The short form of a handshake that can be judged."""
    assert handshake.sender is not None  # noqa: S101 - for mypy: it can be judged
    return ShortForm.model_validate(
        {
            "action": handshake.action,
            "organization": handshake.sender.organization,
            "management_account": handshake.sender.management_account,
            "management_email": list(handshake.emails),
            "account": handshake.receiver,
            "notes": handshake.notes,
        }
    )


def said(short: ShortForm) -> dict[str, str | list[str]]:
    """What a short form says that is not left out anyway; the shortest that can be written."""
    fields: dict[str, str | list[str]] = {}
    for name, field in ShortForm.model_fields.items():
        value = getattr(short, name)
        if value != field.get_default(call_default_factory=True):
            fields[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return fields


def in_yaml(short: ShortForm) -> str:
    """A short form on one line, as it stands in a policy's tests; ASCII, with nothing hidden in it."""
    return yaml.dump(said(short), Dumper=_Dumper, default_flow_style=True, sort_keys=False, width=100_000).strip()


class _Dumper(yaml.SafeDumper):
    """Puts every number into quotes, as people are told to do."""


def _represent(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if text.isdigit() else None)


_Dumper.add_representer(str, _represent)
