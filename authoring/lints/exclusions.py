"""What a rule excludes without need. Pure."""

from collections.abc import Iterator
from datetime import datetime

from authoring.diagnostics.catalog import IDLE_EXCLUSION
from authoring.diagnostics.finding import Found
from authoring.diagnostics.mistakes import shown
from authoring.language.compiler import Source
from invitation_responder.core.policy import EXCLUDING


def idle_exclusions(source: Source, _now: datetime) -> Iterator[Found]:
    """Exclusions beside a list of what is asked for: a value that is in both is a mistake, and others never match."""
    for place in source.rules.values():
        for excluding, condition in EXCLUDING.items():
            if getattr(place.said, excluding) and getattr(place.said, condition):
                message = (
                    f"excludes by {shown(excluding)} what {shown(condition)} does not ask for anyway "
                    f"(remove {shown(excluding)}, or {shown(condition)} if all others are meant)"
                )
                yield Found(IDLE_EXCLUSION, place.said.name, (excluding,), message)
