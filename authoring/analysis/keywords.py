"""The search for notes that contain some keywords and lack others. Pure.

Keywords are normalized (`core.normalization.normalize`), and so are the notes that are searched for them.
"""

from collections.abc import Collection, Iterator
from typing import Final

from invitation_responder.core.normalization import normalize

# Separators that read well, the best first. The later ones are for keywords that contain the earlier ones.
_BETWEEN: Final = (" ", " / ", " ; ", ", ", " \u2013 ")
_IDEOGRAPHS: Final = range(0x4E00, 0x9FFF)


def is_possible(contained: Collection[str], lacking: Collection[str]) -> bool:
    """True if some notes contain every keyword of `contained` and none of `lacking`.

    Some character occurs in no keyword: separated by it, keywords stand side by side and form no further keyword.
    """
    return not any(absent in present for present in contained for absent in lacking)


def write_notes(contained: Collection[str], lacking: Collection[str]) -> str:
    """Short notes that contain every keyword of `contained` and none of `lacking`; `is_possible` must hold."""
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
    # An ideograph is left alone by normalization: no mark composes with it, and no case folding changes it.
    yield from (chr(code) for code in _IDEOGRAPHS if chr(code) not in used)
