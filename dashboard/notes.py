"""Small files by which one process of an installation tells the others something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any


def leave(file: Path, note: Mapping[str, Any]) -> None:
    """Put a note, JSON values, in the place of the one before; a reader sees the one or the other.

    A disk that is full takes none: what has failed is told elsewhere too.
    """
    part = file.with_suffix(".part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)  # a lake is elsewhere
        part.write_text(json.dumps(note), "utf-8")
        part.replace(file)


def left(file: Path) -> Mapping[str, Any] | None:
    """The note; None if there is none, or it cannot be read."""
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
