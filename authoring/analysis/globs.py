"""Which e-mail addresses there are: ones that are like some patterns and unlike others. Pure.

`*` stands for any text, `?` for one character; patterns are case folded. A handshake may hold any number of addresses,
and is like a pattern where one of them is.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

_READABLE: Final = ("someone", "someone@example.net", "")
_IDEOGRAPHS: Final = range(0x4E00, 0x9FFF)

# Where in a pattern the text that was read so far may end.
_Positions = frozenset[int]


def is_possible(like: Collection[str], unlike: frozenset[str]) -> bool:
    """Whether there are addresses that are together like all of the one, and each unlike all of the other."""
    return all(_write((pattern,), unlike) is not None for pattern in like)


def write_emails(like: Collection[str], unlike: frozenset[str]) -> tuple[str, ...]:
    """Addresses that are together like all of the one, and each unlike all of the other, which must be possible.

    One address where one is enough.
    """
    wanted = tuple(sorted(like))
    if not wanted:
        return ()
    one = _write(wanted, unlike)
    each = [one] if one is not None else [_write((pattern,), unlike) for pattern in wanted]
    return tuple(dict.fromkeys(email for email in each if email is not None))


@lru_cache(maxsize=65536)
def _write(wanted: tuple[str, ...], unlike: frozenset[str]) -> str | None:
    """One address that is like all of `wanted` and unlike all of `unlike`, if there is one."""
    return next(_readable(wanted, unlike), None) or _shortest(wanted, unlike)


def _readable(wanted: Sequence[str], unlike: frozenset[str]) -> Iterator[str]:
    for pattern in wanted:
        for text in _READABLE:
            email = pattern.replace("*", text, 1).replace("*", "").replace("?", "x")
            if all(fnmatchcase(email, one) for one in wanted) and not any(fnmatchcase(email, one) for one in unlike):
                yield email


def _shortest(wanted: tuple[str, ...], unlike: frozenset[str]) -> str | None:
    """The definition, as a search through what the patterns can have read of a text; exact.

    A character that no wanted pattern reads as itself may as well be one that occurs in no pattern at all: it is
    read by the same wildcards, and by fewer of the patterns that are not wanted.
    """
    other = _unused((*wanted, *unlike))
    patterns = (*wanted, *sorted(unlike))
    start = tuple(_closed(pattern, {0}) for pattern in patterns)
    waiting = deque([("", start)])
    seen = {start}
    while waiting:
        text, state = waiting.popleft()
        ends = [len(pattern) in positions for pattern, positions in zip(patterns, state, strict=True)]
        if all(ends[: len(wanted)]) and not any(ends[len(wanted) :]):
            return text
        for character in _next_characters(wanted, state, other):
            following = tuple(_read(patterns[index], positions, character) for index, positions in enumerate(state))
            if all(following[: len(wanted)]) and following not in seen:
                seen.add(following)
                waiting.append((text + character, following))
    return None


def _unused(patterns: Collection[str]) -> str:
    used: set[str] = set().union(*patterns)
    letters: tuple[str, ...] = (*"xyzabcdefghijklmnopqrstuvw0123456789", *map(chr, _IDEOGRAPHS))
    return next(letter for letter in letters if letter not in used)


def _closed(pattern: str, positions: Collection[int]) -> _Positions:
    """With what is reached without reading: a `*` may stand for nothing."""
    closed = set(positions)
    for position in positions:
        while position < len(pattern) and pattern[position] == "*":
            position += 1  # noqa: PLW2901 - the walk over stars that follow each other
            closed.add(position)
    return frozenset(closed)


def _read(pattern: str, positions: _Positions, character: str) -> _Positions:
    following = set()
    for position in positions:
        if position < len(pattern):
            if pattern[position] == "*":
                following.add(position)
            elif pattern[position] in ("?", character):
                following.add(position + 1)
    return _closed(pattern, following)


def _next_characters(wanted: Sequence[str], state: Sequence[_Positions], other: str) -> list[str]:
    literals = {
        pattern[position]
        for pattern, positions in zip(wanted, state, strict=False)
        for position in positions
        if position < len(pattern) and pattern[position] not in "*?"
    }
    return [*sorted(literals), other]
