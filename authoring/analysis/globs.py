"""The search for e-mail addresses that match some globs and avoid others. Pure.

`*` stands for any text, `?` for one character; globs are case-folded. A handshake may hold any number of addresses, and
matches a glob if one of them does.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

_READABLE: Final = ("someone", "someone@example.net", "")
_IDEOGRAPHS: Final = range(0x4E00, 0x9FFF)

# A state of a glob's automaton: the positions in the glob that the text read so far can have reached.
_Positions = frozenset[int]


def is_possible(like: Collection[str], unlike: frozenset[str]) -> bool:
    """True if some addresses together match every glob of `like`, and none of them matches one of `unlike`."""
    return all(_write((pattern,), unlike) is not None for pattern in like)


def write_emails(like: Collection[str], unlike: frozenset[str]) -> tuple[str, ...]:
    """Addresses that together match every glob of `like`, and none of `unlike`; a single one if that is enough.

    There must be such addresses: see `is_possible`.
    """
    wanted = tuple(sorted(like))
    if not wanted:
        return ()
    one = _write(wanted, unlike)
    each = [one] if one is not None else [_write((pattern,), unlike) for pattern in wanted]
    return tuple(dict.fromkeys(email for email in each if email is not None))


@lru_cache(maxsize=65536)
def _write(wanted: tuple[str, ...], unlike: frozenset[str]) -> str | None:
    """One address that matches every glob of `wanted` and none of `unlike`; None if there is none."""
    return next(_readable(wanted, unlike), None) or _shortest(wanted, unlike)


def _readable(wanted: Sequence[str], unlike: frozenset[str]) -> Iterator[str]:
    for pattern in wanted:
        for text in _READABLE:
            email = pattern.replace("*", text, 1).replace("*", "").replace("?", "x")
            if all(fnmatchcase(email, one) for one in wanted) and not any(fnmatchcase(email, one) for one in unlike):
                yield email


def _shortest(wanted: tuple[str, ...], unlike: frozenset[str]) -> str | None:
    """The shortest such address, by breadth-first search over the states of the globs' automata; exact.

    A character that no wanted glob has as a literal may as well be one that occurs in no glob: the wanted globs read it
    by the same wildcards, and no more of the unwanted globs read it.
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
    """The positions with all that are reached without reading, since a `*` may stand for no text (epsilon closure)."""
    closed = set(positions)
    for position in positions:
        while position < len(pattern) and pattern[position] == "*":
            position += 1  # noqa: PLW2901 - walks over adjacent stars
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
