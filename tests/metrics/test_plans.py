"""Every entry of the plans in the covered areas is answered, by something that exists."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from dashboard import shell
from dashboard.words import words
from metrics import plans
from metrics.catalog import KPIS
from metrics.plans.conflicts import conflicts
from metrics.rules import load

ALL_AREAS = tuple(
    path.name.removesuffix(".toml")
    for path in resources.files("metrics").joinpath("plans", "entries").iterdir()
)
COVERS = [(area, key) for area in plans.areas() for key in plans.covered(area)]
PAGES = {entry.name for entries in shell.SECTIONS.values() for entry in entries}


def test_the_plans_are_here_in_full():
    entries = [entry for area in ALL_AREAS for entry in plans.asked(area)]
    assert len(entries) == len({entry.id for entry in entries}) == 382
    assert {entry.source.split(" ")[0] for entry in entries} == {"S0", "S1", "S2", "S3", "S4"}
    assert all(entry.names["zh"] and entry.names["en"] for entry in entries)


def test_every_area_is_answered():
    assert set(plans.areas()) == set(ALL_AREAS)


@pytest.mark.parametrize("area", plans.areas())
def test_every_entry_of_an_area_is_answered_or_has_a_reason(area: str):
    assert set(plans.covered(area)) == {entry.id for entry in plans.asked(area)}


@pytest.mark.parametrize(("area", "key"), COVERS)
def test_what_answers_an_entry_exists(area: str, key: str):
    cover = plans.covered(area)[key]
    assert cover.kpis or cover.rule or cover.page or cover.reason
    assert not (cover.reason and (cover.kpis or cover.rule or cover.page))
    assert set(cover.kpis) <= set(KPIS)
    assert not cover.page or cover.page in PAGES
    if cover.rule:
        assert found(cover.rule) is not None
        assert cover.kpis or cover.page, "a reader must find the rule somewhere"
    if cover.reason:
        for language in plans.LANGUAGES:
            assert words(language)[f"plans.reason.{cover.reason}"]


def found(path: str) -> Any:
    """The rule at `topic.table.key`.

    Raises:
        KeyError: There is none.
    """
    topic, *keys = path.split(".")
    rule: Any = load(topic)
    for key in keys:
        rule = rule[key]
    return rule


@pytest.mark.parametrize(("area", "key"), COVERS)
def test_what_is_to_be_computed_is_a_measure_or_says_why_not(area: str, key: str):
    entry = next(entry for entry in plans.asked(area) if entry.id == key)
    if entry.kind.startswith("compute"):
        cover = plans.covered(area)[key]
        assert cover.kpis or cover.reason


def test_all_fifty_points_on_which_the_plans_disagree_are_settled():
    found = conflicts()
    assert [each.key for each in found] == [f"c{number:02}" for number in range(1, 51)]
    for each in found:
        assert each.said, each.key
        for told in (each.topic, each.chosen, *(position.words for position in each.said)):
            assert told["zh"], each.key
            assert told["en"], each.key


@pytest.mark.parametrize("conflict", conflicts(), ids=lambda conflict: conflict.key)
def test_where_a_point_is_settled_exists(conflict):
    assert load(conflict.rule) if "." not in conflict.rule else found(conflict.rule) is not None


def test_of_several_targets_of_a_measure_one_is_judged_against():
    for entry in KPIS.values():
        roles = [target.role for target in entry.targets]
        assert roles.count("base") <= 1, entry.key
        assert not roles or roles[0] == "base", entry.key
