"""The edits of a policy, value by value: the textual diff behind a semantic diff. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from invitation_responder.core.policy import EXCLUDING, VALUE_CONDITIONS, Keywords, Policy, Rule

from ..language.scalars import write_wait

# The values of a condition that a rule does not name: `NONE` if it excludes, `NEVER` for `expires`, else `ANY`.
ANY: Final = "(any)"
NONE: Final = "(none)"
NEVER: Final = "(never)"


class Edit(NamedTuple):
    """One edit. `rule` is None for an edit of the policy as a whole; `name` is a key, or None for a whole rule."""

    rule: str | None
    name: str | None
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def condition(self) -> str | None:
        """The edited condition of the rule, without its part: `notes` for `notes.any`. None for a whole rule."""
        return self.name and self.name.partition(".")[0]


def edits(old: Policy, new: Policy) -> list[Edit]:
    """Every edit: settings first, then rules by name. A renamed rule counts as one removed and one added."""
    before, after = ({rule.name: rule for rule in policy.rules} for policy in (old, new))
    found = list(_of_settings(old, new))
    for name in sorted({*before, *after}):
        if name not in after:
            found.append(Edit(name, None, ("rule",), ()))
        elif name not in before:
            found.append(Edit(name, None, (), ("rule",)))
        else:
            found.extend(_of_rule(before[name], after[name]))
    return found


def _of_settings(old: Policy, new: Policy) -> Iterator[Edit]:
    pairs = {
        "mode": (old.mode, new.mode),
        "default": (old.default, new.default),
        "limits.declines_per_sweep": (str(old.declines_per_sweep), str(new.declines_per_sweep)),
        "limits.wait": (write_wait(old.wait), write_wait(new.wait)),
    }
    yield from (Edit(None, name, (was,), (now,)) for name, (was, now) in pairs.items() if was != now)
    yield from _of_lists(None, "protect", old.protect, new.protect)


def _of_rule(old: Rule, new: Rule) -> Iterator[Edit]:
    if old.effect != new.effect:
        yield Edit(old.name, "effect", (old.effect,), (new.effect,))
    for condition in VALUE_CONDITIONS:
        yield from _of_lists(old.name, condition, getattr(old, condition), getattr(new, condition))
    for part in ("any", "all", "none"):
        words = (getattr(rule.notes or Keywords(), part) or None for rule in (old, new))
        yield from _of_lists(old.name, f"notes.{part}", *words)
    if old.leave_organization != new.leave_organization:
        yield Edit(old.name, "leave_organization", *((str(rule.leave_organization).lower(),) for rule in (old, new)))
    days = ((rule.expires.isoformat(),) if rule.expires else None for rule in (old, new))
    yield from _of_lists(old.name, "expires", *days)


def _of_lists(rule: str | None, name: str, old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Edit]:
    if old != new:
        # A condition that a rule does not name lets everything through.
        anything = (NEVER if name == "expires" else NONE if name in EXCLUDING else ANY,)
        before, after = (anything if values is None else values for values in (old, new))
        yield Edit(
            rule,
            name,
            tuple(value for value in before if value not in after),
            tuple(value for value in after if value not in before),
        )
