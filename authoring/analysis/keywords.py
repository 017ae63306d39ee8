"""Which notes there are: ones that contain some keywords and lack others. Pure.

Keywords are normalized (`policy.normalize`), and so is what they are looked for in.
"""

from collections.abc import Collection, Iterator
from typing import Final

from invitation_responder.core.normalization import normalize

# Read well, in this order; the last of them are for keywords that hold all of the others.
_BETWEEN: Final = (" ", " / ", " ; ", ", ", " \u2013 ")
_IDEOGRAPHS: Final = range(0x4E00, 0x9FFF)


def is_possible(contained: Collection[str], lacking: Collection[str]) -> bool:
    """Whether there are notes that contain all of the one and none of the other.

    Some character occurs in no keyword: with it between them, keywords stand side by side and make no further one.
    """
    return not any(absent in present for present in contained for absent in lacking)


def write_notes(contained: Collection[str], lacking: Collection[str]) -> str:
    """Short notes that contain all of the one and none of the other, which must be possible."""
    longest = [word for word in sorted(contained) if not any(word in other for other in contained if other != word)]
    return next(
        notes
        for notes in (between.join(longest) for between in _separators({*contained, *lacking}))
        if _is_right(normalize(notes), contained, lacking)
    )


def _is_right(notes: str, contained: Collection[str], lacking: Collection[str]) -> bool:
    return all(word in notes for word in contained) and not any(word in notes for word in lacking)


def _separators(keywords: Collection[str]) -> Iterator[str]:
    yield from _BETWEEN
    used = set().union(*keywords)
    # No mark composes with an ideograph, and no case folding changes one.
    yield from (chr(code) for code in _IDEOGRAPHS if chr(code) not in used)
