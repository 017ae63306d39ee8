"""The one form in which keywords and notes are compared. Pure."""

import re
import unicodedata
from typing import Final

# Invisible characters outside the category Cf (format): grapheme joiner, fillers, inherent vowels, variation selectors.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)


def normalize(text: str) -> str:
    """Bring keywords and notes to one form: invisible characters dropped, NFKC and case folded, spaces collapsed.

    `normalize(normalize(text)) == normalize(text)`.
    """
    visible = _INVISIBLE.sub("", text)
    for character in set(visible):
        if not character.isspace() and unicodedata.category(character) in ("Cf", "Cc"):
            visible = visible.replace(character, "")
    # Unicode's NFKC_Casefold: folding can undo normalization and vice versa, hence twice.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", visible).casefold())
    folded = unicodedata.normalize("NFKC", folded.casefold())
    return " ".join(folded.split())
