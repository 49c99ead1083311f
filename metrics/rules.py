"""The rules: tier schemes, promises, targets and thresholds, as data in `rules/*.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(topic: str) -> dict[str, Any]:
    """The rules of one topic, as written in `metrics/rules/<topic>.toml`.

    Raises:
        FileNotFoundError: There is no such topic.
        tomllib.TOMLDecodeError: The file is not valid TOML.
    """
    text = resources.files("metrics").joinpath("rules", f"{topic}.toml").read_text("utf-8")
    return tomllib.loads(text)
