"""The scalars of a policy: validators that read them, and their JSON Schema for editors."""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, WithJsonSchema

from invitation_responder.core.handshake import ACTIONS, Action
from invitation_responder.core.normalization import normalize
from invitation_responder.core.policy import ACCOUNT_ID, ORGANIZATION_ID, RULE_NAME, Default, Effect, Mode

from ..diagnostics.catalog import CAN_BE_IGNORED, LINTS
from ..diagnostics.wording import describe, join_words, nearest, quote
from ..source.validation import invalid_value

_COUNT: Final = re.compile(r"0|[1-9][0-9]{0,3}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION: Final = re.compile(r"(0|[1-9][0-9]{0,4})([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_MAX_DECLINES: Final = 1000
_LONGEST_WAIT: Final = timedelta(days=14)
# The same pattern for editors, up to the longest wait in each unit: 20160 minutes, 336 hours, 14 days.
_WAIT: Final = (
    r"(0|[1-9][0-9]{0,3}|1[0-9]{4}|20(0[0-9]{2}|1[0-5][0-9]|160))m"
    r"|(0|[1-9][0-9]?|[12][0-9]{2}|3([0-2][0-9]|3[0-6]))h|([0-9]|1[0-4])d"
)


def scalar(
    read: Callable[[str], object | None], noun: str, expected: str, known: Iterable[str] = ()
) -> BeforeValidator:
    """A validator that converts a text by `read`, which returns None for an invalid text."""

    def validate(value: object) -> object:
        if not isinstance(value, str) or not value:
            raise invalid_value(f"expected {noun} ({expected}), found {describe(value)}")
        result = read(value)
        if result is None:
            near = nearest(value, known)
            hint = f"; did you mean {quote(near)}?" if near else ""
            raise invalid_value(f"{quote(value)} is not {noun} (expected {expected}{hint})")
        return result

    return BeforeValidator(validate)


def one_of(noun: str, known: tuple[str, ...]) -> BeforeValidator:
    """A validator that accepts the known texts only."""
    return scalar(lambda text: text if text in known else None, noun, join_words(known, "or"), known)


def _matching(pattern: re.Pattern[str], noun: str, expected: str) -> BeforeValidator:
    return scalar(lambda text: text if pattern.fullmatch(text) else None, noun, expected)


def _read_count(text: str) -> int | None:
    return int(text) if _COUNT.fullmatch(text) and int(text) <= _MAX_DECLINES else None


def _read_wait(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    wait = int(match[1]) * _UNITS[match[2]] if match else None
    return wait if wait is not None and wait <= _LONGEST_WAIT else None


def write_wait(wait: timedelta) -> str:
    """A wait as an author would write it, as in `90m`, `24h` or `3d`."""
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
    # `fnmatch`, which compares globs, reads `[` as a set of characters; this language has no sets.
    return None if "[" in text else text.casefold()


def _read_lint(text: str) -> str | None:
    if text in LINTS and text not in CAN_BE_IGNORED:
        raise invalid_value(f"{quote(text)} can't be ignored (mend what it tells of)")
    return text if text in CAN_BE_IGNORED else None


def _read_description(value: object) -> str:
    if not isinstance(value, str):
        raise invalid_value(f"expected text, found {describe(value)}")
    return value


# The types that editors give to text without quotes: `2027` is a number, `true` a boolean.
_TEXT_TYPES: Final = ("string", "number", "boolean")
# The schema of text that may be empty, which is null to an editor.
EDITORS_TEXT: Final = WithJsonSchema({"type": [*_TEXT_TYPES, "null"]})
_VISIBLE: Final = r"\S"


def editors_text(pattern: str, expected: str, types: Iterable[str] = _TEXT_TYPES, **more: int | str) -> WithJsonSchema:
    """The JSON Schema of text that matches a pattern; `more` are further keywords of the schema."""
    # `patternErrorMessage` is not JSON Schema: the YAML language server and VS Code show it, validators ignore it.
    words = {"pattern": pattern, "patternErrorMessage": f"expected {expected}"}
    kinds = list(types)
    return WithJsonSchema({"type": kinds if len(kinds) > 1 else kinds[0], **words, **more})


def refusal_where(case: dict[str, Any], message: str, key: str = "") -> dict[str, Any]:
    """The JSON Schema that refuses, with a message, a value that matches `case`, or the value's `key`."""
    # `false` would mean the same to a validator, but editors show `errorMessage` only beside a type.
    refused: dict[str, Any] = {"type": "null", "errorMessage": message}
    return {"if": case, "then": {"properties": {key: refused}} if key else refused}


Version = Annotated[
    Literal["1"], one_of("a version that this program knows", ("1",)), WithJsonSchema({"enum": [1, "1"]})
]
# None if the file leaves the mode to another file; only the whole policy needs a mode.
FilesMode = Annotated[Mode | None, one_of("a mode", get_args(Mode)), WithJsonSchema({"enum": list(get_args(Mode))})]
FilesDefault = Annotated[Default, one_of("a default", get_args(Default))]
RuleEffect = Annotated[Effect, one_of("an effect", get_args(Effect))]
_TRUTH: Final = {"true": True, "false": False}
Truth = Annotated[bool, scalar(_TRUTH.get, "a truth value", join_words(_TRUTH, "or"), _TRUTH)]
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
    # To an editor, an account number without quotes is a number; leading zeros make it a shorter number.
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
    scalar(_read_lint, "a lint that can be ignored", join_words(CAN_BE_IGNORED, "or"), CAN_BE_IGNORED),
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
_A_NUMBER: Final = f"a whole number from 0 to {_MAX_DECLINES}"
DeclinesPerSweep = Annotated[
    int,
    scalar(_read_count, "a number of declines", _A_NUMBER),
    editors_text("^(0|[1-9][0-9]{0,2}|1000)$", _A_NUMBER, ["integer", "string"], minimum=0, maximum=_MAX_DECLINES),
]
_A_WAIT: Final = (
    f"whole minutes, hours or days such as `90m`, `24h` or `3d`, at most {_LONGEST_WAIT.days}d: "
    "an invitation expires after 15 days"
)
Wait = Annotated[
    timedelta, scalar(_read_wait, "a duration", _A_WAIT), editors_text(f"^({_WAIT})$", _A_WAIT, ["string"])
]
