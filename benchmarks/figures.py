"""Processor seconds of the last runs, by what took them and the number of customers."""

from __future__ import annotations

import json
from pathlib import Path

PATH = Path(__file__).with_name("figures.json")


def recorded() -> dict[str, dict[int, float]]:
    """Seconds by name and number of customers, ascending."""
    if not PATH.exists():
        return {}
    known = json.loads(PATH.read_text("utf-8"))
    return {name: {int(size): each[size] for size in each} for name, each in known.items()}


def record(name: str, customers: int, seconds: float) -> None:
    """Put a figure in the place of the one of an earlier run."""
    known = recorded()
    known.setdefault(name, {})[customers] = round(seconds, 3)
    rows = {each: dict(sorted(known[each].items())) for each in sorted(known)}
    PATH.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
