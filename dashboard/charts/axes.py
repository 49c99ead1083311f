"""What several chart families share: ticks that do not crowd, reference lines with a label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from dashboard.palette import Palette, label


@dataclass(frozen=True, slots=True)
class Reference:
    """A target or another fixed line: where it lies and what it says."""

    value: float
    text: str
    dashed: bool = False


def ticks(labels: Sequence[str], most: int = 7) -> dict[str, Any]:
    """Axis settings that write at most `most` of the labels, the last one always among them.

    Few enough to stand upright on a phone. A second line (the year, where it changes) moves on
    to the next label that is written; where the next one has one too, the first does without.
    """
    count = len(labels)
    step = max(-(-count // most), 1)
    positions = list(range((count - 1) % step, count, step)) if count else []
    written: list[tuple[str, str]] = []
    second = ""
    for position, name in enumerate(labels):
        first, _, year = name.partition("\n")
        second = year or second
        if position in positions:
            written.append((first, second))
            second = ""
    if len(written) > 2 and written[1][1]:
        written[0] = (written[0][0], "")
    texts = [label(f"{first}\n{year}" if year else first) for first, year in written]
    return {
        "tickmode": "array",
        "tickvals": positions,
        "ticktext": texts,
        "tickangle": 0,
        "range": [-0.5, max(count, 1) - 0.5],
    }


def reference_room(references: Sequence[Reference]) -> int:
    """Pixels that the labels of reference lines take beside the plot."""
    return text_width([reference.text for reference in references])


def add_references(
    figure: go.Figure,
    references: Sequence[Reference],
    palette: Palette,
    *,
    at: float,
    gap: float,
) -> None:
    """Draw horizontal reference lines, labelled beside the plot, where no line can cross them.

    Args:
        figure: The chart.
        references: The lines.
        palette: Colours.
        at: Position of the last period.
        gap: Least distance between two labels, in units of the value axis.
    """
    ordered = sorted(references, key=lambda reference: reference.value)
    places = apart([reference.value for reference in ordered], gap, low=float("-inf"))
    for reference in ordered:
        figure.add_shape(
            type="line",
            x0=-0.5,
            x1=at + 0.5,
            y0=reference.value,
            y1=reference.value,
            line={
                "color": palette.muted if reference.dashed else palette.ink,
                "width": 1,
                "dash": "dash" if reference.dashed else "solid",
            },
            layer="below",
        )
    told = zip(places, (reference.text for reference in ordered), strict=True)
    write_beside(figure, told, palette.muted, shift=4, size=11)


def annotate(figure: go.Figure, texts: Iterable[dict[str, Any]]) -> None:
    """Write many texts at once: with every single one plotly takes all those before it anew."""
    figure.layout.annotations = [*figure.layout.annotations, *texts]


def write_beside(
    figure: go.Figure,
    texts: Iterable[tuple[float, str]],
    colour: str,
    *,
    shift: int,
    size: int = 12,
) -> None:
    """Write texts to the right of the plot, at their places on the value axis.

    Within the plot others would cross them, and plotly hides what lies outside an axis.
    """
    annotate(
        figure,
        [
            {
                "x": 1,
                "xref": "paper",
                "xshift": shift,
                "y": place,
                "text": label(text),
                "showarrow": False,
                "xanchor": "left",
                "font": {"size": size, "color": colour},
            }
            for place, text in texts
        ],
    )


def value_range(
    values: Sequence[float | None], references: Sequence[Reference], *, floor: float | None = None
) -> list[float]:
    """Limits that hold every value and reference with some air; not below `floor`."""
    known = [value for value in values if value is not None]
    known += [reference.value for reference in references]
    if not known:
        return [0.0, 1.0]
    low, high = min(known), max(known)
    air = (high - low or abs(high) or 1.0) * 0.12
    bottom = low - air
    return [bottom if floor is None else max(bottom, floor), high + air]


def apart(positions: Sequence[float], gap: float, *, low: float = 0.0) -> list[float]:
    """Ascending positions moved as little as needed to lie at least `gap` from each other.

    Neighbours that touch are spread evenly around their common centre, none below `low`: plotly
    does not draw a label outside its axis.
    """
    groups: list[tuple[float, int]] = []  # first position of each run of labels, and their number
    for position in positions:
        start, count = position, 1
        while groups and groups[-1][0] + groups[-1][1] * gap > start:
            before, number = groups.pop()
            start = (before * number + (start - number * gap) * count) / (number + count)
            count += number
        groups.append((start, count))
    spread = [start + index * gap for start, count in groups for index in range(count)]
    return [max(place, low + index * gap) for index, place in enumerate(spread)]


_NAME = 140  # pixels: on a phone half of the plot is left for the bars
_MORE = "…"


def text_width(texts: Sequence[str]) -> int:
    """Pixels that the widest of these texts takes at size 12, estimated; Chinese is wider."""
    lines = [line for text in texts for line in text.split("\n")]
    return max((sum(_width(sign) for sign in line) for line in lines), default=0)


def _width(sign: str) -> int:
    return 13 if ord(sign) > 0x2E7F else 7


def row_name(text: str, width: int = _NAME) -> str:
    """The name of a row in at most two lines of so many pixels; what does not fit ends in …."""
    first, broken, second = text.partition("\n")
    if not broken:
        first = _beginning(text, width)
        if first != text:  # between words, where there are any
            first = text[: text.rfind(" ", 0, len(first) + 1) + 1 or len(first)]
        second = text[len(first) :]
    lines = (_cut(line.strip(), width) for line in (first, second) if line)
    return label("\n".join(lines))


def _beginning(text: str, width: int) -> str:
    taken = accumulate(_width(sign) for sign in text)
    return text[: sum(reached <= width for reached in taken)]


def _cut(line: str, width: int) -> str:
    if text_width([line]) <= width:
        return line
    return _beginning(line, width - text_width([_MORE])).rstrip() + _MORE
