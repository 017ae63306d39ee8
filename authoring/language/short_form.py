"""The short form of a handshake, as people write it: parts that are left out are those of a stranger's invitation."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

import yaml
from pydantic import BeforeValidator, Field, WithJsonSchema

from invitation_responder.core.handshake import Handshake, Sender

from ..diagnostics.wording import describe
from ..source.validation import SourceModel, invalid_value
from .scalars import EDITORS_TEXT, AccountId, KnownAction, OrganizationId

SOMEBODY: Final = Sender("o-somebodyelse", "999999999999")
SOME_ACCOUNT: Final = "123456789012"

_ID: Final = "h-0123456789ab"
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise invalid_value(f"expected text, found {describe(value)}")
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
    """The handshake of a short form."""
    sender = Sender(short.organization, short.management_account)
    return make_handshake(short.action, sender, short.account, emails=tuple(short.management_email), notes=short.notes)


def make_handshake(
    action: str, sender: Sender, receiver: str, *, emails: tuple[str, ...] = (), notes: str = ""
) -> Handshake:
    """A handshake with only the parts of a short form: long pending, and never expiring."""
    return Handshake(
        id=_ID,
        receiver=receiver,
        action=action,
        state="OPEN",
        sender=sender,
        requested_at=_LONG_AGO,
        emails=emails,
        notes=notes,
    )


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


def short_fields(short: ShortForm) -> dict[str, str | list[str]]:
    """The fields of a short form that differ from their defaults: the shortest way to write it."""
    fields: dict[str, str | list[str]] = {}
    for name, field in ShortForm.model_fields.items():
        value = getattr(short, name)
        if value != field.get_default(call_default_factory=True):
            fields[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return fields


def in_yaml(short: ShortForm) -> str:
    """A short form on one line of YAML, as in a policy's tests: ASCII, without hidden characters."""
    return yaml.dump(
        short_fields(short), Dumper=_Dumper, default_flow_style=True, sort_keys=False, width=100_000
    ).strip()


class _Dumper(yaml.SafeDumper):
    """Quotes every number, as the descriptions ask people to do."""


def _represent(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if text.isdigit() else None)


_Dumper.add_representer(str, _represent)
