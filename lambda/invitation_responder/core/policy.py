"""The compiled policy and its JSON, the one document that ships to Lambda.

The document is canonical, so that its SHA-256 names the policy: each policy is written in one way, and reading refuses
every other.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final, Literal, TypeVar, get_args

from invitation_responder.core.handshake import Action

FORMAT: Final = 1

T = TypeVar("T")
_Readers = Mapping[str, Callable[[Any], Any]]

Mode = Literal["audit", "enforce"]
Effect = Literal["decline", "allow", "accept"]
Default = Literal["decline", "allow"]

PROTECTED_BY_DEFAULT: Final[tuple[Action, ...]] = (
    "ENABLE_ALL_FEATURES",
    "APPROVE_ALL_FEATURES",
    "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
)

# The excluding conditions, each with its contrary: with the same list, exactly one of the two holds.
EXCLUDING: Final = {
    "not_actions": "actions",
    "not_organizations": "organizations",
    "not_management_accounts": "management_accounts",
    "not_accounts": "accounts",
}
# The conditions with one list of values; `notes` has several lists.
VALUE_CONDITIONS: Final = (
    "actions",
    "not_actions",
    "organizations",
    "not_organizations",
    "management_accounts",
    "not_management_accounts",
    "management_emails",
    "accounts",
    "not_accounts",
)

ORGANIZATION_ID: Final = re.compile(r"o-[a-z0-9]{10,32}")
ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
RULE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class PolicyError(ValueError):
    """The compiled policy is damaged, or of another format. Nothing may be answered by it."""


@dataclass(frozen=True)
class Keywords:
    """The keywords that normalized notes must contain: one of `any`, all of `all`, none of `none`. Empty lists hold."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bring the keywords into their canonical order."""
        for name in ("any", "all", "none"):
            object.__setattr__(self, name, _canonical(getattr(self, name)))

    def failures(self, notes: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The parts that normalized notes fail, each with its keywords."""
        if self.any and not any(keyword in notes for keyword in self.any):
            yield "any", self.any
        if not all(keyword in notes for keyword in self.all):
            yield "all", self.all
        if any(keyword in notes for keyword in self.none):
            yield "none", self.none


@dataclass(frozen=True)
class Rule:
    """One rule. A condition that is None is not named by the rule, and always holds.

    The values of a condition are alternatives; an excluding condition (`not_…`) holds if none of its values is the
    handshake's. `leave_organization` lets an account that accepts an invitation by the rule leave its present
    organization.
    """

    name: str
    effect: Effect
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    organizations: tuple[str, ...] | None = None
    not_organizations: tuple[str, ...] | None = None
    management_accounts: tuple[str, ...] | None = None
    not_management_accounts: tuple[str, ...] | None = None
    management_emails: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    not_accounts: tuple[str, ...] | None = None
    notes: Keywords | None = None
    expires: date | None = None
    leave_organization: bool = False

    def __post_init__(self) -> None:
        """Bring the values of each condition into their canonical order."""
        for name in VALUE_CONDITIONS:
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, _canonical(values))

    def is_about(self, action: str) -> bool:
        """True if the rule's conditions on actions hold for this action."""
        return (self.actions is None or action in self.actions) and action not in (self.not_actions or ())

    def is_expired(self, now: datetime) -> bool:
        """True from 00:00 UTC of the day `expires` on; the rule then matches nothing."""
        return self.expires is not None and now.astimezone(UTC).date() >= self.expires


@dataclass(frozen=True)
class Policy:
    """A whole policy. Equal policies have equal JSON and equal `sha256`; the order of rules has no meaning."""

    mode: Mode
    default: Default = "decline"
    declines_per_sweep: int = 25
    wait: timedelta = timedelta()
    protect: tuple[str, ...] = PROTECTED_BY_DEFAULT
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        """Bring rules and protected actions into their canonical order."""
        object.__setattr__(self, "protect", _canonical(self.protect))
        object.__setattr__(self, "rules", tuple(sorted(self.rules, key=lambda rule: rule.name)))

    @cached_property
    def sha256(self) -> str:
        """The policy's name in every decision record: the SHA-256 of its JSON document, in hexadecimal."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """The canonical JSON document."""
        document = {
            "format": FORMAT,
            "mode": self.mode,
            "default": self.default,
            "declines_per_sweep": self.declines_per_sweep,
            "wait_seconds": int(self.wait.total_seconds()),
            "protect": self.protect,
            "rules": [_rule_to_json(rule) for rule in self.rules],
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), check_circular=False)
        return text.encode() + b"\n"

    @classmethod
    def from_json(cls, document: bytes) -> "Policy":
        """Read a compiled document.

        Raises `PolicyError` if the document is damaged, of another format, or not exactly what `to_json` writes.
        """
        try:
            fields = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise PolicyError("the compiled policy is not JSON: compile it again with this version") from error
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise PolicyError(f"the compiled policy is not of format {FORMAT}: compile it again with this version")
        try:
            policy = _policy_from_json(fields)
            intact = policy.sha256 == hashlib.sha256(document).hexdigest()
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise PolicyError("the compiled policy is damaged: compile it again") from error
        if not intact:
            raise PolicyError("the compiled policy is damaged: it is not in the form that compiling gives it")
        return policy


def _canonical(values: Collection[str]) -> tuple[str, ...]:
    # Most are in order already, and what is in order is sorted at once; a set would mix them up.
    return tuple(dict.fromkeys(sorted(values))) if len(values) > 1 else tuple(values)


def _rule_to_json(rule: Rule) -> dict[str, object]:
    """The rule as JSON, with only the conditions that it names."""
    fields: dict[str, object] = {"name": rule.name, "effect": rule.effect}
    for name in VALUE_CONDITIONS:
        values = getattr(rule, name)
        if values is not None:
            fields[name] = values
    if rule.notes is not None:
        fields["notes"] = {"any": rule.notes.any, "all": rule.notes.all, "none": rule.notes.none}
    if rule.expires is not None:
        fields["expires"] = rule.expires.isoformat()
    if rule.leave_organization:
        fields["leave_organization"] = True
    return fields


def _policy_from_json(fields: dict[str, Any]) -> Policy:
    return Policy(
        mode=_MODES[fields["mode"]],
        default=_DEFAULTS[fields["default"]],
        declines_per_sweep=_count(fields["declines_per_sweep"]),
        wait=timedelta(seconds=_count(fields["wait_seconds"])),
        protect=_texts(fields["protect"]),
        rules=tuple(_read(Rule, _RULE, rule) for rule in fields["rules"]),
    )


def _read(kind: type[T], readers: _Readers, fields: dict[str, Any]) -> T:
    """An object with these fields; its class has the defaults of the others. To call the class sets them one by one."""
    made = object.__new__(kind)
    values = vars(made)
    for name, value in fields.items():
        values[name] = readers[name](value)
    return made


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: list[str]) -> tuple[str, ...]:
    "".join(values)  # raises TypeError if one of them is no text
    return _canonical(values)


_MODES: Final[dict[object, Mode]] = {mode: mode for mode in get_args(Mode)}
_DEFAULTS: Final[dict[object, Default]] = {default: default for default in get_args(Default)}
_EFFECTS: Final[dict[object, Effect]] = {effect: effect for effect in get_args(Effect)}
# What reads each field of keywords, and of a rule.
_KEYWORDS: Final[_Readers] = dict.fromkeys(("any", "all", "none"), _texts)
_RULE: Final[_Readers] = {
    "name": _text,
    "effect": _EFFECTS.__getitem__,
    "notes": partial(_read, Keywords, _KEYWORDS),
    "expires": date.fromisoformat,
    "leave_organization": lambda value: value is True,
    **dict.fromkeys(VALUE_CONDITIONS, _texts),
}
