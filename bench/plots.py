"""The process that draws plots, with the Python of `.bench`: `python -m bench.plots FOLDER < plots.json`.

The same plots make the same bytes.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

# Greys and colours that are legible on white and on black; ours comes first.
_COLOURS = (
    "#d9480f",
    "#1c7ed6",
    "#2b8a3e",
    "#9c36b5",
    "#868e96",
    "#0c8599",
    "#e67700",
    "#5c7cfa",
    "#c2255c",
    "#66a80f",
)
_GREY: Final = "#868e96"


def draw(plot: dict[str, Any], folder: Path) -> None:
    """Draw lines over logarithmic axes into an SVG."""
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log")
    for number, (name, points) in enumerate(plot["lines"].items()):
        colour, width = _COLOURS[number % len(_COLOURS)], 2.6 if number == 0 else 1.4
        style = "-" if number < len(_COLOURS) else "--"
        axes.plot(
            [int(x) for x in points],
            list(points.values()),
            style,
            marker="o",
            label=name,
            color=colour,
            lw=width,
            ms=3.5,
        )
    axes.set(title=plot["title"], xlabel=plot["x"], ylabel=plot["y"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.title.set_color(_GREY)
    axes.tick_params(which="both", colors=_GREY)
    axes.xaxis.label.set_color(_GREY)
    axes.yaxis.label.set_color(_GREY)
    axes.spines[:].set_color(_GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, labelcolor=_GREY)
    figure.savefig(folder / f"{plot['file']}.svg", transparent=True, metadata={"Date": None})


def main(folder: Path) -> None:
    """Draw the plots that stdin lists."""
    mpl.rcParams |= {"svg.hashsalt": "bench", "svg.fonttype": "none", "font.family": "sans-serif"}
    folder.mkdir(exist_ok=True)
    for plot in json.load(sys.stdin):
        draw(plot, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
