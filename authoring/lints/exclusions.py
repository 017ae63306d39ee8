"""The lint of redundant exclusions. Pure."""

from collections.abc import Iterator
from datetime import datetime

from invitation_responder.core.policy import EXCLUDING

from ..diagnostics.catalog import REDUNDANT_EXCLUSION
from ..diagnostics.diagnostic import Diagnostic
from ..diagnostics.wording import quote
from ..language.source_map import Source


def redundant_exclusions(source: Source, _now: datetime) -> Iterator[Diagnostic]:
    """Exclusions in a rule that lists the wanted values: a value in both lists is invalid, the others never match."""
    for place in source.rules.values():
        for excluding, condition in EXCLUDING.items():
            if getattr(place.authored, excluding) and getattr(place.authored, condition):
                message = (
                    f"excludes by {quote(excluding)} what {quote(condition)} does not ask for anyway "
                    f"(remove {quote(excluding)}, or {quote(condition)} if all others are meant)"
                )
                yield source.diagnose(REDUNDANT_EXCLUSION, place.authored.name, (excluding,), message)
