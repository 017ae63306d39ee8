"""What can be found in a policy: an id for good, a severity, and a title. Each has a page, `docs/lints/<id>.md`."""

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "note"]
WORST_FIRST: Final[tuple[Severity, ...]] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Lint:
    """A kind of finding. `severity` is the one that it has where a check does not say another."""

    id: str
    severity: Severity
    title: str

    @property
    def page(self) -> str:
        """Where it is explained, from the project's root."""
        return f"docs/lints/{self.id}.md"


MISTAKE: Final = Lint("IR000", "error", "The policy can't be used")
FORGEABLE: Final = Lint("IR001", "error", "A rule rests on what the sender wrote")
ANYBODY: Final = Lint("IR002", "error", "A rule accepts from anybody")
MOVES: Final = Lint("IR003", "note", "A rule can move the account by itself")
EXPIRED: Final = Lint("IR004", "warning", "A rule has expired")
EXPIRES_SOON: Final = Lint("IR005", "warning", "A rule expires within 30 days")
NEVER_DECIDES: Final = Lint("IR006", "warning", "A rule never decides anything")
SAME: Final = Lint("IR007", "warning", "Two rules say the same")
TORN: Final = Lint("IR008", "warning", "An organization is let through by one rule and declined by another")
PROTECTED: Final = Lint("IR009", "warning", "A protected action is declined")
KEYWORD: Final = Lint("IR010", "warning", "A keyword is part of another one in its list")
NO_DECLINE: Final = Lint("IR011", "warning", "Nothing can be declined")
EXAMPLE: Final = Lint("IR012", "warning", "An enforcing policy names the example's organization")
NO_ADDRESS: Final = Lint("IR013", "warning", "An e-mail pattern fits no address")
NO_MATCH: Final = Lint("IR014", "warning", "A rule can match nothing")
NEEDLESS: Final = Lint("IR015", "warning", "Something is ignored that is not there")
PATTERN: Final = Lint("IR016", "warning", "A keyword looks like a pattern")
AT_ONCE: Final = Lint("IR017", "note", "An enforcing policy declines without any wait")
IDLE_EXCLUSION: Final = Lint("IR018", "warning", "A rule excludes what it does not ask for")
STANDALONE: Final = Lint("IR019", "note", "An accept rule works in standalone accounts only")
LEAVES_TOO: Final = Lint("IR020", "warning", "An accept rule leaves organizations by another rule's permission")

LINTS: Final[dict[str, Lint]] = {
    lint.id: lint
    for lint in (
        MISTAKE,
        FORGEABLE,
        ANYBODY,
        MOVES,
        EXPIRED,
        EXPIRES_SOON,
        NEVER_DECIDES,
        SAME,
        TORN,
        PROTECTED,
        KEYWORD,
        NO_DECLINE,
        EXAMPLE,
        NO_ADDRESS,
        NO_MATCH,
        NEEDLESS,
        PATTERN,
        AT_ONCE,
        IDLE_EXCLUSION,
        STANDALONE,
        LEAVES_TOO,
    )
}
# A policy that can't be used, and an ignored thing that is not there, are mended and not ignored.
CAN_BE_IGNORED: Final = tuple(name for name in LINTS if name not in (MISTAKE.id, NEEDLESS.id))
