"""Text for people: readable at 80 columns, in colour on a terminal only (never if NO_COLOR is set)."""

import textwrap
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .stdout import escape_unprintable

WIDTH: Final = 80
# Pads characters that are two columns wide (Chinese, for one) while text is wrapped; no text contains it.
_FILLER: Final = "\1"

Line = str | tuple[str, str]


class _Console(Console):
    """Leaves a closed pipe to the command group; rich would exit with 1, as if something had been found."""

    def on_broken_pipe(self) -> None:  # pragma: no cover - tested in a process of its own
        raise  # noqa: PLE0704 - rich calls it from where it caught the error


def show(*parts: Line) -> None:
    """Print one line on stdout; a part is text, or text with its style. Never wrapped, never read as markup."""
    escape_unprintable()
    _Console(highlight=False, soft_wrap=True).print(Text.assemble(*parts))


def show_table(table: Table) -> None:
    """Print a table on stdout."""
    escape_unprintable()
    _Console(highlight=False).print(table)


def wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """A paragraph within 80 columns; long words stay whole. `first` stands for `indent` on the first line."""
    filled = "".join(character + _FILLER * (cell_len(character) - 1) for character in text)
    return textwrap.fill(
        filled,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(_FILLER, "")
