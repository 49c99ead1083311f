"""What the source plans ask for, sentence by sentence, and where Stayline answers it.

`entries/<area>.toml` holds every figure, rule, threshold and target that the plans name;
`coverage/<area>.toml` says for each of them which measure or rule answers it, or why none does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing a plan asks for.

    Attributes:
        id: Its name in the catalogue of the plans.
        area: Where it belongs.
        measure: What several plans ask for under the same name is one measure.
        kind: compute, compute_with_config, compute_if_recorded, config, tracker, seed_data,
            schema, reference_line or label_or_filter.
        source: The plan and its section, `S0 二(一)`.
        names: What it is called, by language.
        target: role, comparison, value and unit; empty where no number is given.
        months: First and last month of the programme that it is set for, or None.
    """

    id: str
    area: str
    measure: str
    kind: str
    source: str
    names: Mapping[str, str]
    target: Mapping[str, Any]
    months: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Cover:
    """Where it is answered.

    Attributes:
        kpis: Keys of the catalogue of measures.
        rule: A rule, as `topic.table.key` of `rules/<topic>.toml`.
        page: The page that shows it, where no measure tells that.
        reason: Why nothing answers it, a code of the locales; empty if something does.
    """

    kpis: tuple[str, ...] = field(default=())
    rule: str = ""
    page: str = ""
    reason: str = ""


def areas() -> tuple[str, ...]:
    """The areas whose entries are covered."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _folder("coverage").iterdir()))


@cache
def asked(area: str) -> tuple[Asked, ...]:
    """The entries of an area, in the order of the plans.

    Raises:
        FileNotFoundError: There is no such area.
    """
    return tuple(_asked(area, key, entry) for key, entry in _read("entries", area).items())


def _asked(area: str, key: str, entry: Mapping[str, Any]) -> Asked:
    return Asked(
        key,
        area,
        entry["measure"],
        entry["kind"],
        f"{entry['plan']} {entry['section']}",
        {language: entry[language] for language in LANGUAGES},
        entry.get("target", {}),
        tuple(entry["months"]) if "months" in entry else None,
    )


@cache
def covered(area: str) -> Mapping[str, Cover]:
    """Where each entry of an area is answered, by its id.

    Raises:
        FileNotFoundError: Nobody has said yet.
    """
    return {key: _cover(entry) for key, entry in _read("coverage", area).items()}


def _cover(entry: Mapping[str, Any]) -> Cover:
    kpis = entry.get("kpi", ())
    return Cover(
        (kpis,) if isinstance(kpis, str) else tuple(kpis),
        entry.get("rule", ""),
        entry.get("page", ""),
        entry.get("reason", ""),
    )


def _read(kind: str, area: str) -> dict[str, Any]:
    return tomllib.loads(_folder(kind).joinpath(f"{area}.toml").read_text("utf-8"))


def _folder(kind: str) -> Traversable:
    return resources.files("metrics").joinpath("plans", kind)
