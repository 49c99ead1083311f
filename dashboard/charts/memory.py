"""Figures are kept by the content of what they show, because plotly takes long to build one."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from typing import Any, ParamSpec, cast

import orjson
import plotly.graph_objects as go

P = ParamSpec("P")


class Drawn(go.Figure):
    """A figure kept as its JSON, which is all that is sent; taken apart only when looked into.

    A figure of objects would be walked whenever garbage is collected: 2 ms for each page that is
    kept.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def to_dict(self) -> dict[str, Any]:
        """The figure as plain values."""
        return orjson.loads(self._content)

    def __getattr__(self, name: str) -> Any:
        """The parts of an ordinary figure, built when first asked for."""
        if name == "_content" or "_data_objs" in self.__dict__:
            raise AttributeError(name)
        self.__dict__.update(go.Figure(self.to_dict()).__dict__)
        return getattr(self, name)


def kept(function: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """A chart function whose figures are kept by the content of its arguments.

    Arguments must be plain values (picklable).
    """
    build = cast("Callable[..., go.Figure]", function)

    @functools.lru_cache(maxsize=128)
    def draw(content: bytes) -> bytes:
        args, kwargs = pickle.loads(content)  # our own bytes, of the call below
        return cast("str", build(*args, **kwargs).to_json()).encode()

    @functools.wraps(function)
    def chart(*args: P.args, **kwargs: P.kwargs) -> go.Figure:
        return Drawn(draw(pickle.dumps((args, kwargs))))

    return chart
