"""Figures are kept by the content of what they show, because plotly takes long to build one."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from typing import ParamSpec, cast

import plotly.graph_objects as go

P = ParamSpec("P")


def kept(function: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """A chart function whose figures are kept by the content of its arguments.

    Whoever gets a figure must not change it: the next reader with the same numbers, words and
    colours gets the same one. Arguments must be plain values (picklable).
    """
    build = cast("Callable[..., go.Figure]", function)

    @functools.lru_cache(maxsize=128)
    def draw(content: bytes) -> go.Figure:
        args, kwargs = pickle.loads(content)  # our own bytes, of the call below
        return build(*args, **kwargs)

    @functools.wraps(function)
    def chart(*args: P.args, **kwargs: P.kwargs) -> go.Figure:
        return draw(pickle.dumps((args, kwargs)))

    return chart
