"""The lints: each with a stable id, a slug, a severity, a title and a page, `docs/lints/<id>.md`."""

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "note"]
WORST_FIRST: Final[tuple[Severity, ...]] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Lint:
    """A kind of diagnostic. `severity` is the default; a check may set another one."""

    id: str
    slug: str
    severity: Severity
    title: str

    @property
    def label(self) -> str:
        """The id and the slug: `IR006 shadowed-rule`."""
        return f"{self.id} {self.slug}"

    @property
    def page(self) -> str:
        """The path of the lint's page, from the project's root."""
        return f"docs/lints/{self.id}.md"


INVALID: Final = Lint("IR000", "invalid-policy", "error", "The policy can't be used")
UNTRUSTED_SENDER_TEXT: Final = Lint("IR001", "untrusted-sender-text", "error", "A rule rests on what the sender wrote")
ACCEPTS_ANYBODY: Final = Lint("IR002", "accepts-anybody", "error", "A rule accepts from anybody")
UNATTENDED_MOVE: Final = Lint("IR003", "unattended-move", "note", "A rule can move the account by itself")
EXPIRED_RULE: Final = Lint("IR004", "expired-rule", "warning", "A rule has expired")
EXPIRING_RULE: Final = Lint("IR005", "expiring-rule", "warning", "A rule expires within 30 days")
SHADOWED_RULE: Final = Lint("IR006", "shadowed-rule", "warning", "A rule never decides anything")
DUPLICATE_RULE: Final = Lint("IR007", "duplicate-rule", "warning", "Two rules say the same")
CONFLICTING_RULES: Final = Lint(
    "IR008", "conflicting-rules", "warning", "An organization is let through by one rule and declined by another"
)
DECLINED_PROTECTED_ACTION: Final = Lint(
    "IR009", "declined-protected-action", "warning", "A protected action is declined"
)
REDUNDANT_KEYWORD: Final = Lint("IR010", "redundant-keyword", "warning", "A keyword is part of another one in its list")
NOTHING_DECLINED: Final = Lint("IR011", "nothing-declined", "warning", "Nothing can be declined")
EXAMPLE_SENDER: Final = Lint(
    "IR012", "example-sender", "warning", "An enforcing policy names the example's organization"
)
IMPOSSIBLE_ADDRESS: Final = Lint("IR013", "impossible-address", "warning", "An e-mail pattern fits no address")
IMPOSSIBLE_RULE: Final = Lint("IR014", "impossible-rule", "warning", "A rule can match nothing")
UNUSED_IGNORE: Final = Lint("IR015", "unused-ignore", "warning", "Something is ignored that is not there")
PATTERN_KEYWORD: Final = Lint("IR016", "pattern-keyword", "warning", "A keyword looks like a pattern")
NO_WAIT: Final = Lint("IR017", "no-wait", "note", "An enforcing policy declines without any wait")
REDUNDANT_EXCLUSION: Final = Lint("IR018", "redundant-exclusion", "warning", "A rule excludes what it does not ask for")
STANDALONE_ONLY: Final = Lint("IR019", "standalone-only", "note", "An accept rule works in standalone accounts only")
IMPLIED_LEAVE: Final = Lint(
    "IR020", "implied-leave", "warning", "An accept rule leaves organizations by another rule's permission"
)

LINTS: Final[dict[str, Lint]] = {
    lint.id: lint
    for lint in (
        INVALID,
        UNTRUSTED_SENDER_TEXT,
        ACCEPTS_ANYBODY,
        UNATTENDED_MOVE,
        EXPIRED_RULE,
        EXPIRING_RULE,
        SHADOWED_RULE,
        DUPLICATE_RULE,
        CONFLICTING_RULES,
        DECLINED_PROTECTED_ACTION,
        REDUNDANT_KEYWORD,
        NOTHING_DECLINED,
        EXAMPLE_SENDER,
        IMPOSSIBLE_ADDRESS,
        IMPOSSIBLE_RULE,
        UNUSED_IGNORE,
        PATTERN_KEYWORD,
        NO_WAIT,
        REDUNDANT_EXCLUSION,
        STANDALONE_ONLY,
        IMPLIED_LEAVE,
    )
}
# An invalid policy and an unused `ignore` are fixed, never ignored.
CAN_BE_IGNORED: Final = tuple(name for name in LINTS if name not in (INVALID.id, UNUSED_IGNORE.id))
