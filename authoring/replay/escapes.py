"""The inverse of `core.escaping`: the text behind an escaped text. Pure."""

import re
from typing import Final

from invitation_responder.core.escaping import ELLIPSIS

_ESCAPE: Final = re.compile(
    r"\\(?:([nrt\\])|[xuU]((?<=x)[0-9a-f]{2}|(?<=u)[0-9a-f]{4}|(?<=U)(?:000[0-9a-f]|0010)[0-9a-f]{4}))"
)
_WELL_FORMED: Final = re.compile(rf"(?:[^\\]|{_ESCAPE.pattern})*", re.DOTALL)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


def unescape(text: str) -> str:
    """The text that `escape` made into this one; raises ValueError for a text that `escape` can't have made."""
    if not _WELL_FORMED.fullmatch(text):
        raise ValueError("a backslash that escapes nothing")
    return _ESCAPE.sub(lambda found: _LETTERS[found[1]] if found[1] else chr(int(found[2], 16)), text)


def may_be_cut(text: str, limit: int) -> bool:
    """True if `printable` may have cut the text at `limit` characters; a whole text may end with an ellipsis, too."""
    return len(text) >= limit and text.endswith(ELLIPSIS)
