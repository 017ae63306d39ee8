"""The source's types: the models by which a policy is checked and documented.

Their JSON Schema is for editors, which resolve YAML's scalars, while each scalar is still text when a source is
checked. The schema covers single values, as far as editors can check them: the way a number was written is unknown to
them. Checks across values and files (repetitions, `mode` in exactly one file) are in `checks.py`.
"""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field

from invitation_responder.core.policy import EXCLUDING, PROTECTED_BY_DEFAULT

from ..source.validation import SourceModel, invalid_value
from .scalars import (
    AccountId,
    DeclinesPerSweep,
    Description,
    EmailGlob,
    Expiry,
    FilesDefault,
    FilesMode,
    Ignored,
    Keyword,
    KnownAction,
    OrganizationId,
    RuleEffect,
    RuleName,
    Truth,
    Version,
    Wait,
    refusal_where,
)


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


# A list that is left out is empty; a condition that is written must not be.
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
        raise invalid_value(
            "names no keyword, so all notes would match (add one to any, all or none; or remove `notes`)"
        )
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
