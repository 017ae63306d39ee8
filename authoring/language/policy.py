"""What a policy author may write: the source's types, which check it and document it.

Their JSON Schema is for editors, which resolve YAML's scalars; when a source is checked every scalar is still text. It
says what can be said about one value; how a number was written, for one, an editor can't know.
What concerns more than one value or file (repetitions, `mode` in exactly one file) is checked in `source.py`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from authoring.diagnostics.catalog import CAN_BE_IGNORED, LINTS
from authoring.diagnostics.mistakes import found, listed, nearest, shown
from authoring.source.validation import SourceModel, mistake
from invitation_responder.core.handshake import ACTIONS, Action
from invitation_responder.core.policy import (
    ACCOUNT_ID,
    EXCLUDING,
    ORGANIZATION_ID,
    PROTECTED_BY_DEFAULT,
    RULE_NAME,
    Default,
    Effect,
    Mode,
    normalize,
)

_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,3}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION: Final = re.compile(r"(0|[1-9][0-9]{0,4})([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MOST_DECLINES: Final = 1000
_LONGEST_WAIT: Final = timedelta(days=14)
# The same for editors, with the longest wait in each unit: 20160 minutes, 336 hours, 14 days.
_WAIT: Final = (
    r"(0|[1-9][0-9]{0,3}|1[0-9]{4}|20(0[0-9]{2}|1[0-5][0-9]|160))m"
    r"|(0|[1-9][0-9]?|[12][0-9]{2}|3([0-2][0-9]|3[0-6]))h|([0-9]|1[0-4])d"
)


def scalar(
    read: Callable[[str], object | None], noun: str, expected: str, known: Iterable[str] = ()
) -> BeforeValidator:
    """Check and convert one text by `read`, which gives None for what is wrong."""

    def validate(value: object) -> object:
        if not isinstance(value, str) or not value:
            raise mistake(f"expected {noun} ({expected}), found {found(value)}")
        result = read(value)
        if result is None:
            near = nearest(value, known)
            hint = f"; did you mean {shown(near)}?" if near else ""
            raise mistake(f"{shown(value)} is not {noun} (expected {expected}{hint})")
        return result

    return BeforeValidator(validate)


def one_of(noun: str, known: tuple[str, ...]) -> BeforeValidator:
    """Check that one text is among those that are known."""
    return scalar(lambda text: text if text in known else None, noun, listed(known, "or"), known)


def _matching(pattern: re.Pattern[str], noun: str, expected: str) -> BeforeValidator:
    return scalar(lambda text: text if pattern.fullmatch(text) else None, noun, expected)


def _read_count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) and int(text) <= _MOST_DECLINES else None


def _read_wait(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    wait = int(match[1]) * _UNITS[match[2]] if match else None
    return wait if wait is not None and wait <= _LONGEST_WAIT else None


def write_wait(wait: timedelta) -> str:
    """A wait as an author would write it."""
    minutes = int(wait.total_seconds()) // 60
    if minutes % 60:
        return f"{minutes}m"
    days, hours = divmod(minutes // 60, 24)
    return f"{days}d" if days > 1 and not hours else f"{minutes // 60}h"


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _read_glob(text: str) -> str | None:
    # In the matching that compares them, `[` opens a set of characters; this language has no such thing.
    return None if "[" in text else text.casefold()


def _read_lint(text: str) -> str | None:
    if text in LINTS and text not in CAN_BE_IGNORED:
        raise mistake(f"{shown(text)} can't be ignored (mend what it tells of)")
    return text if text in CAN_BE_IGNORED else None


def _read_description(value: object) -> str:
    if not isinstance(value, str):
        raise mistake(f"expected text, found {found(value)}")
    return value


# What editors make of text without quotes: `2027` is a number to them, `true` a truth value.
_TEXT_TYPES: Final = ("string", "number", "boolean")
# And of nothing at all, where empty text will do.
EDITORS_TEXT: Final = WithJsonSchema({"type": [*_TEXT_TYPES, "null"]})
_VISIBLE: Final = r"\S"


def editors_text(pattern: str, expected: str, types: Iterable[str] = _TEXT_TYPES, **more: int | str) -> WithJsonSchema:
    """What editors are told about text that matches a pattern; `more` is what else the schema says of the value."""
    # Not one of JSON Schema's keywords: the YAML language server and VS Code show it, validators pass over it.
    words = {"pattern": pattern, "patternErrorMessage": f"expected {expected}"}
    kinds = list(types)
    return WithJsonSchema({"type": kinds if len(kinds) > 1 else kinds[0], **words, **more})


def refusal_where(case: dict[str, Any], message: str, key: str = "") -> dict[str, Any]:
    """What editors are told to refuse: this value, or one of its keys, where it is as in `case`."""
    # `false` would say the same to a validator; but only beside a type do editors show words of our own.
    refused: dict[str, Any] = {"type": "null", "errorMessage": message}
    return {"if": case, "then": {"properties": {key: refused}} if key else refused}


Version = Annotated[
    Literal["1"], one_of("a version that this program knows", ("1",)), WithJsonSchema({"enum": [1, "1"]})
]
# None where this file leaves it to another one; only a whole policy needs it.
FilesMode = Annotated[Mode | None, one_of("a mode", get_args(Mode)), WithJsonSchema({"enum": list(get_args(Mode))})]
FilesDefault = Annotated[Default, one_of("a default", get_args(Default))]
RuleEffect = Annotated[Effect, one_of("an effect", get_args(Effect))]
_TRUTH: Final = {"true": True, "false": False}
Truth = Annotated[bool, scalar(_TRUTH.get, "a truth value", listed(_TRUTH, "or"), _TRUTH)]
KnownAction = Annotated[Action, one_of("an action", ACTIONS)]
_A_NAME: Final = "1 to 64 letters, digits, `.`, `_` and `-`, a letter or digit first"
RuleName = Annotated[
    str,
    _matching(RULE_NAME, "a rule name", _A_NAME),
    editors_text(f"^{RULE_NAME.pattern}$", _A_NAME, minimum=0),
]
_AN_ORGANIZATION: Final = "`o-` and 10 to 32 lowercase letters or digits"
OrganizationId = Annotated[
    str,
    _matching(ORGANIZATION_ID, "an organization id", _AN_ORGANIZATION),
    editors_text(f"^{ORGANIZATION_ID.pattern}$", _AN_ORGANIZATION, ["string"]),
]
_AN_ACCOUNT: Final = "12 digits"
AccountId = Annotated[
    str,
    _matching(ACCOUNT_ID, "an account number", _AN_ACCOUNT),
    # To an editor, an account number without quotes is a number, and one with leading zeros a shorter number.
    editors_text(f"^{ACCOUNT_ID.pattern}$", _AN_ACCOUNT, ["string", "integer"], minimum=0, maximum=10**12 - 1),
]
_A_GLOB: Final = "text in which `*` and `?` are the only wildcards, so no `[`"
EmailGlob = Annotated[str, scalar(_read_glob, "an e-mail pattern", _A_GLOB), editors_text(r"^[^\[]+$", _A_GLOB)]
_A_KEYWORD: Final = "something visible: without it all notes would match"
Keyword = Annotated[
    str,
    scalar(lambda text: normalize(text) or None, "a keyword", _A_KEYWORD),
    editors_text(_VISIBLE, _A_KEYWORD),
]
Description = Annotated[str, BeforeValidator(_read_description), EDITORS_TEXT]
LintId = Annotated[
    str,
    scalar(_read_lint, "a lint that can be ignored", listed(CAN_BE_IGNORED, "or"), CAN_BE_IGNORED),
    WithJsonSchema({"enum": list(CAN_BE_IGNORED)}),
]
_A_REASON: Final = "a sentence for whoever reviews this"
Reason = Annotated[str, scalar(lambda text: text.strip() or None, "a reason", _A_REASON)]
Ignored = Annotated[
    dict[LintId, Reason],
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                name: {
                    **editors_text(_VISIBLE, _A_REASON).json_schema,
                    "description": f"Why not to tell: {LINTS[name].title}",
                }
                for name in CAN_BE_IGNORED
            },
            "additionalProperties": False,
        }
    ),
]
_A_DATE: Final = "YYYY-MM-DD"
Expiry = Annotated[
    date | None,
    scalar(_read_date, "a date", _A_DATE),
    editors_text(f"^{_DATE.pattern}$", _A_DATE, ["string"], format="date"),
]
_A_NUMBER: Final = f"a whole number from 0 to {_MOST_DECLINES}"
DeclinesPerSweep = Annotated[
    int,
    scalar(_read_count, "a number of declines", _A_NUMBER),
    editors_text("^(0|[1-9][0-9]{0,2}|1000)$", _A_NUMBER, ["integer", "string"], minimum=0, maximum=_MOST_DECLINES),
]
_A_WAIT: Final = (
    f"whole minutes, hours or days such as `90m`, `24h` or `3d`, at most {_LONGEST_WAIT.days}d: "
    "an invitation expires after 15 days"
)
Wait = Annotated[
    timedelta, scalar(_read_wait, "a duration", _A_WAIT), editors_text(f"^({_WAIT})$", _A_WAIT, ["string"])
]


class Limits(SourceModel):
    """How much is declined, and how soon."""

    noun: ClassVar = "limits"

    declines_per_sweep: DeclinesPerSweep = Field(
        default=25,
        description="The most handshakes that one sweep declines; above it the rest is deferred to the next sweep. "
        "0 declines none.",
    )
    wait: Wait = Field(
        default=timedelta(),
        description="How long a handshake is left before it is declined: whole minutes, hours or days, as in `90m`, "
        "`24h` or `3d`, at most 14d. Nothing said: not at all.",
        json_schema_extra={"default": "0h"},
    )


# Lists that a file may leave out, and then are empty; a condition that is written is not.
_keywords = partial(Field, default_factory=list, json_schema_extra={"uniqueItems": True})
_values = partial(_keywords, min_length=1)


class Notes(SourceModel):
    """Keywords that a handshake's notes contain or lack, in any case and spacing. At least one keyword is needed."""

    model_config = ConfigDict(
        json_schema_extra=refusal_where(
            {
                "type": "object",
                "properties": {part: {"type": "array", "maxItems": 0} for part in ("any", "all", "none")},
                "additionalProperties": False,
            },
            "names no keyword, so all notes would match",
        )
    )
    noun: ClassVar = "notes"

    any: list[Keyword] = _keywords(description="The notes contain at least one of these.")
    all: list[Keyword] = _keywords(description="The notes contain all of these.")
    none: list[Keyword] = _keywords(description="The notes contain none of these.")


def _ask_for_something(notes: Notes) -> Notes:
    if not (notes.any or notes.all or notes.none):
        raise mistake("names no keyword, so all notes would match (add one to any, all or none; or remove `notes`)")
    return notes


class RuleSource(SourceModel):
    """One rule. It matches where all of its conditions hold; without conditions it matches everything."""

    model_config = ConfigDict(
        json_schema_extra=refusal_where(
            {
                "properties": {"leave_organization": {"const": True}},
                "required": ["leave_organization"],
                "not": {
                    "properties": {"effect": {"const": "accept"}, "actions": {"const": ["INVITE"]}},
                    "required": ["effect", "actions"],
                },
            },
            "only a rule with `effect: accept` and `actions: [INVITE]` lets an account leave its organization",
            "leave_organization",
        )
    )
    noun: ClassVar = "a rule"
    needed: ClassVar = {
        "name": "every rule has a name of its own",
        "effect": "every rule says decline, allow or accept",
    }
    empty: ClassVar = dict.fromkeys(EXCLUDING, "exclude nothing")

    name: RuleName = Field(description="The rule's name in every decision record; no two rules of a policy share one.")
    description: Description = Field(default="", description="What the rule is for. Changes nothing.")
    effect: RuleEffect = Field(
        description="What to do with what matches: decline it, allow it (leave it to a person) or accept it. Of the "
        "rules that match, the strictest wins: decline over allow over accept."
    )
    leave_organization: Truth = Field(
        default=False,
        description="Whether an account that is a member of another organization may leave that for the one it is "
        "invited to. True only in a rule with `effect: accept` and `actions: [INVITE]`: it gives the responder a "
        "permission that no resource narrows.",
    )
    actions: list[KnownAction] = _values(description="The handshake's action is one of these.")
    not_actions: list[KnownAction] = _values(description="The handshake's action is none of these.")
    organizations: list[OrganizationId] = _values(description="The sender's organization is one of these.")
    not_organizations: list[OrganizationId] = _values(
        description="The sender's organization is none of these. That leaves everybody else: never trust it alone."
    )
    management_accounts: list[AccountId] = _values(
        description="The sender's management account is one of these. Quote account numbers."
    )
    not_management_accounts: list[AccountId] = _values(
        description="The sender's management account is none of these. That leaves everybody else: never trust it "
        "alone. Quote account numbers."
    )
    management_emails: list[EmailGlob] = _values(
        description="The management account's e-mail address is like one of these, in any case: `*` stands for any "
        "text, `?` for one character. Senders choose their address: never trust it alone."
    )
    accounts: list[AccountId] = _values(description="The receiver is one of these accounts. Quote account numbers.")
    not_accounts: list[AccountId] = _values(
        description="The receiver is none of these accounts. Quote account numbers."
    )
    notes: Annotated[Notes, AfterValidator(_ask_for_something)] = Field(
        default_factory=Notes,
        description="What the sender's notes contain, and what they lack. Senders choose their words: never trust "
        "them alone.",
    )
    expires: Expiry = Field(
        default_factory=lambda: None, description="From 00:00 UTC of this day on the rule counts for nothing."
    )
    ignore: Ignored = Field(
        default_factory=dict,
        description="Lints of `responder check` that are not told about this rule, each with the reason for it.",
    )


class PolicySource(SourceModel):
    """A policy, or one file of a policy's folder: `mode` stands in exactly one of its files, `rules` in any."""

    noun: ClassVar = "a policy"
    needed: ClassVar = {"version": "write `version: 1`"}
    lists: ClassVar = {"rules": "a list of rules, each beginning with `- name:`, or `[]`"}

    version: Version = Field(description="The version of this language: 1.")
    mode: FilesMode = Field(
        default_factory=lambda: None, description="`audit`: decide and record, answer nothing. `enforce`: answer."
    )
    default: FilesDefault = Field(
        default="decline",
        description="What happens to a handshake that no rule matches: `decline` it, or `allow` it (leave it to a "
        "person).",
    )
    limits: Limits = Field(default_factory=Limits, description="How much is declined, and how soon.")
    protect: list[KnownAction] = Field(
        default=list(PROTECTED_BY_DEFAULT),
        description="Actions that are left to a person where no rule matches, whatever the default.",
        json_schema_extra={"uniqueItems": True},
    )
    rules: list[RuleSource] = Field(
        default_factory=list, description="The rules. Their order means nothing, nor does the file that they stand in."
    )
    ignore: Ignored = Field(
        default_factory=dict,
        description="Lints of `responder check` that are not told about the policy as a whole, each with the reason "
        "for it. What concerns one rule is ignored in that rule.",
    )


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of a policy, or of one file of a policy's folder, for editors."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **PolicySource.model_json_schema()}
    return {**schema, "title": "A policy of Invitation Responder"}
