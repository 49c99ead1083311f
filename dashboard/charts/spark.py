"""Sparklines: the last periods of one measure as a small SVG."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.palette import Palette

_WIDTH, _HEIGHT, _PAD = 160.0, 40.0, 4.0
_NEAR = 3.0  # a target further away than this many spans would flatten the line


def sparkline(
    values: Sequence[float | None],
    palette: Palette,
    judgement: str,
    *,
    target: float | None = None,
    running: bool = False,
) -> str:
    """An SVG line in the colour of the judgement; empty with fewer than two known values.

    A running last period is dotted with an open end; a target near the values is a thin dashed
    line.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = high - low
    if target is not None and min(abs(target - low), abs(target - high)) <= _NEAR * span:
        low, high = min(low, target), max(high, target)
    points = _points(values, low, high)
    colour = palette.of(judgement)
    parts: list[str] = []
    if target is not None and low <= target <= high:
        y = _height(target, low, high)
        parts.append(
            f'<line x1="0" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{palette.muted}" '
            'stroke-width="1" stroke-dasharray="4 3" opacity="0.8"/>'
        )
    parts.append(_line(points[:-1] if running else points, colour))
    if running:
        parts.append(_line(points[-2:], colour, ' stroke-dasharray="2 3"'))
    x, y = points[-1]
    fill = palette.background if running else colour
    parts.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{fill}" stroke="{colour}" '
        'stroke-width="1.4"/>'
    )
    size = f'viewBox="-3 0 {_WIDTH + 6:.0f} {_HEIGHT:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>'


def _height(value: float, low: float, high: float) -> float:
    return _PAD + (high - value) / ((high - low) or 1.0) * (_HEIGHT - 2 * _PAD)


def _points(values: Sequence[float | None], low: float, high: float) -> list[tuple[float, float]]:
    step = _WIDTH / max(len(values) - 1, 1)
    return [
        (index * step, _height(value, low, high))
        for index, value in enumerate(values)
        if value is not None
    ]


def _line(points: Sequence[tuple[float, float]], colour: str, extra: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.7"{extra}/>'
