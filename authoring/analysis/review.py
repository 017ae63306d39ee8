"""The review of an edited policy: every change in meaning, and the edits behind it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from invitation_responder.core.policy import Policy

from .edits import Edit, edits
from .semantic_diff import Change, Direction, compare
from .settings_diff import SettingChange, compare_settings


@dataclass(frozen=True, slots=True)
class Review:
    """Changes of decisions, changes of how decisions are carried out, and the edits behind both."""

    changes: tuple[Change, ...]
    limits: tuple[SettingChange, ...]
    edits: tuple[Edit, ...]

    def count(self, direction: Direction) -> int:
        """The number of changes in a direction."""
        both: list[Change | SettingChange] = [*self.changes, *self.limits]
        return sum(change.direction == direction for change in both)

    def behind(self, change: Change) -> list[Edit]:
        """The edits behind a change: those of the condition that explains it, else those of both decisions' causes."""
        if change.edited:
            rule, condition = change.edited
            return [edit for edit in self.edits if edit.rule == rule and edit.condition == condition]
        rules = {*change.old.rules, *change.new.rules}
        settings = ("default", "protect") if not (change.old.rules and change.new.rules) else ()
        return [edit for edit in self.edits if edit.rule in rules or (edit.rule is None and edit.name in settings)]

    def without_effect(self) -> list[Edit]:
        """The edits that change no answer, now or later. None of them is of a rule that makes a difference."""
        felt = {name for change in self.changes for name in (*change.old.rules, *change.new.rules)}
        effective = {edit for change in self.changes for edit in self.behind(change)}
        limits = {limit.name for limit in self.limits}
        if "mode" in limits:
            limits |= {"wait", "declines_per_sweep"}
        return [
            edit
            for edit in self.edits
            if edit.rule not in felt
            and edit not in effective
            and (edit.name or "").removeprefix("limits.") not in limits
        ]


def review(old: Policy, new: Policy, now: datetime) -> Review:
    """The review of an old and a new policy from `now` (timezone-aware) on."""
    return Review(tuple(compare(old, new, now)), tuple(compare_settings(old, new, now)), tuple(edits(old, new)))
