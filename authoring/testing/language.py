"""The language of policy tests: the types of a file, which check it and document it.

Checks of more than one value are in `reading.py`: repeated names, and rules that the policy does not have.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import Effect

from ..language.api_form import MEMBERS
from ..language.scalars import AccountId, RuleName, Version, editors_text, one_of, refusal_where, scalar
from ..language.short_form import SOME_ACCOUNT
from ..source.validation import SourceModel, invalid_value
from .handshake_form import EitherForm

FOLDER_ABOVE: Final = ".."

ExpectedEffect = Literal[Effect, "undecided"]

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The usual forms, for editors: ISO 8601 also has weeks, and dates without hyphens.
_EDITORS_DAY: Final = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_EDITORS_HOUR: Final = r"([01][0-9]|2[0-3])(:?[0-5][0-9](:?[0-5][0-9]([.,][0-9]+)?)?)?"


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _ask_for_a_case(cases: "list[CaseSource]") -> "list[CaseSource]":
    if not cases:
        raise invalid_value("is an empty list, which would test nothing (write a case, beginning with `- name:`)")
    return cases


class _OrItsEffect:
    """Lets editors accept the effect alone as an expectation; `reading.py` expands it before the file is checked."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        effect = {"enum": list(get_args(ExpectedEffect)), "description": "The effect alone."}
        return {"anyOf": [effect, handler(schema)]}


_A_NAME: Final = "a sentence that says what the case shows"
Name = Annotated[
    str,
    scalar(lambda text: text if normalize(text) else None, "a name", _A_NAME),
    editors_text(r"\S", _A_NAME),
]
_A_PATH: Final = "a file or folder, relative to this file"
PolicyPath = Annotated[
    str,
    scalar(lambda text: None if "\0" in text else text, "a path", _A_PATH),
    editors_text(r"^[^\x00]+$", _A_PATH),
]
_SOME_TEXT: Final = "some text"
Part = Annotated[
    str, scalar(lambda text: text, "a part of the reason", _SOME_TEXT), editors_text(r"[\s\S]", _SOME_TEXT)
]
_A_MOMENT: Final = "a day as in 2027-03-31, or with its offset from UTC as in 2027-03-31T12:00Z"
Moment = Annotated[
    datetime | None,
    scalar(_read_moment, "a time", _A_MOMENT),
    editors_text(f"^{_EDITORS_DAY}([T ]{_EDITORS_HOUR}(Z|[+-]{_EDITORS_HOUR}))?$", _A_MOMENT, ["string"]),
]


class Expectation(SourceModel):
    """The decision that is expected. What is not said is not looked at."""

    noun: ClassVar = "an expectation"
    needed: ClassVar = {"effect": "write decline, allow, accept or undecided"}
    lists: ClassVar = {"rules": "a list of rule names, or `[]` for none"}

    effect: Annotated[ExpectedEffect, one_of("an effect that can be expected", get_args(ExpectedEffect))] = Field(
        description="What the policy says: decline, allow, accept, or undecided for a handshake that can't be judged."
    )
    rules: list[RuleName] = Field(
        default_factory=list,
        description="The rules that decide, all of them and in any order. `[]`: no rule does, so that it is the "
        "default's, or a protected action. Nothing said: any.",
        json_schema_extra={"uniqueItems": True},
    )
    reason: Part = Field(default="", description="A part of the decision's reason, as it is written there.")


class CaseSource(SourceModel):
    """One handshake, and the decision that is expected about it."""

    model_config = ConfigDict(
        json_schema_extra=refusal_where(
            {
                "required": ["handshake"],
                "properties": {"handshake": {"not": {"anyOf": [{"required": [member]} for member in MEMBERS]}}},
            },
            "belongs to the API's form, and this handshake is in the short form (write it in the handshake)",
            "account",
        )
    )
    noun: ClassVar = "a case"
    needed: ClassVar = {
        "name": "every case has a name of its own",
        "handshake": "write what matters of it; `{}` is an invitation from an organization that no policy knows",
        "expect": "write decline, allow, accept or undecided",
    }

    name: Name = Field(description="What the case shows, in a sentence. No two cases of a file share one.")
    at: Moment = Field(
        default_factory=lambda: None,
        description="When this handshake is judged: a day, which begins at 00:00 UTC, or ISO 8601 with an offset. "
        "Nothing said: the file's time.",
    )
    account: AccountId = Field(
        default_factory=lambda: SOME_ACCOUNT,
        description="The receiver of a handshake in the API's form, which does not say it. Nothing said: any account, "
        "and a decision that depends on it fails. Quote account numbers.",
    )
    handshake: EitherForm = Field(description="The handshake, in the short form or in the API's.")
    expect: Annotated[Expectation, _OrItsEffect()] = Field(
        description="The decision that is expected: its effect alone, or together with its rules and reason."
    )


class CasesSource(SourceModel):
    """One file of policy tests."""

    noun: ClassVar = "a file of policy tests"
    needed: ClassVar = {
        "version": "write `version: 1`",
        "cases": "write a list of cases, each beginning with `- name:`",
    }
    lists: ClassVar = {"cases": "a list of cases, each beginning with `- name:`"}

    version: Version = Field(description="The version of this language: 1.")
    policy: PolicyPath = Field(
        default=FOLDER_ABOVE,
        description="The policy that is tested: a file or a folder, relative to this file. Nothing said: the folder "
        "above the one that this file is in.",
    )
    at: Moment = Field(
        default_factory=lambda: None,
        description="When handshakes are judged: a day, which begins at 00:00 UTC, or ISO 8601 with an offset. "
        "Nothing said: now.",
    )
    cases: Annotated[list[CaseSource], AfterValidator(_ask_for_a_case)] = Field(
        description="The cases. Their order means nothing.", json_schema_extra={"minItems": 1}
    )


def tests_schema() -> dict[str, Any]:
    """The JSON Schema of a file of policy tests, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CasesSource.model_json_schema()}
    return {**schema, "title": "Tests of a policy of Invitation Responder"}
