"""The words of a language: read from `locales/<language>/*.toml`, their placeholders filled."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

_FOLDER = Path(__file__).parent / "locales"


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    words: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            words |= _flatten(value, f"{name}.")  # pyright: ignore[reportUnknownArgumentType]
        else:
            words[name] = str(value)
    return words


@cache
def words(language: str) -> dict[str, str]:
    """Every word of a language by its dotted key.

    Raises:
        ValueError: Two files define the same key.
    """
    found: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.toml")):
        fresh = _flatten(tomllib.loads(path.read_text("utf-8")))
        if doubled := found.keys() & fresh.keys():
            raise ValueError(f"{path.name} repeats {min(doubled)}")
        found |= fresh
    return found


def filled(text: str, values: Mapping[str, object]) -> str:
    """The text with its placeholders filled, and words in the number that stands before them."""
    # The formatter of the standard library is slow, and few texts count.
    return _COUNTING.format(text, **values) if "|" in text else text.format(**values)


class _Counting(Formatter):
    """`{n:ticket|tickets}` is `1 ticket` or `2 tickets`; `{n:|is|are}` only the word."""

    def format_field(self, value: object, format_spec: str) -> str:
        if "|" not in format_spec:
            return super().format_field(value, format_spec)
        *alone, one, many = format_spec.split("|")
        word = one if str(value) == "1" else many
        return word if alone else f"{value} {word}"


_COUNTING = _Counting()
