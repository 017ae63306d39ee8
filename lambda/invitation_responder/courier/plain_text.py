"""Text for an e-mail and a chat: visible, harmless, and as long as it may be. Pure."""

import unicodedata
from typing import Final

from invitation_responder.core.escaping import ELLIPSIS

_LIMIT: Final = 500


def visible(text: str, limit: int = _LIMIT) -> str:
    """The text on one line, cut to `limit` characters; what is not plainly visible becomes a dot."""
    clean = "".join(character if character.isprintable() else "·" for character in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + ELLIPSIS


# What could begin a link, a mention or markup, in an e-mail, in Slack or in Teams.
_HARMLESS: Final = str.maketrans(
    {"@": "[at]", "&": "+", "<": "{", ">": "}", "(": "{", ")": "}", "[": "{", "]": "}", '"': "'", "。": "[.]"}
    | dict.fromkeys("*_~`|#", "·")
)


def quote_sender(text: str, limit: int = 200) -> str:
    """The text of a sender, harmless, in quotation marks that it can't end itself."""
    return f'"{harmless(text, limit)}"'


def harmless(text: str, limit: int = 200) -> str:
    """Text of others on one line, without a link, a mention or markup for an e-mail program or a chat."""
    clean = visible(unicodedata.normalize("NFKC", text[:limit]), limit).translate(_HARMLESS)
    characters = []
    for at, character in enumerate(clean):
        following = clean[at + 1 : at + 2]
        is_link = character in ".:" and following.strip()
        characters.append(f"[{character}]" if is_link else character)
    return "".join(characters)


def cut_lines(text: str, limit: int, rest: str) -> str:
    """The whole lines of a text that fit into `limit` characters together with a line that says where the rest is."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n", 0, limit - len(rest) - 2)
    return f"{text[: max(end, 0)]}\n{ELLIPSIS} {rest}"
