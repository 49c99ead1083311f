"""Kept results: computed once for all who ask at once, forgotten in turn, failures told apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event

import pytest

from dashboard.kept import Kept


def test_a_result_is_computed_once():
    kept, number = Kept[int](2), count()
    assert [kept.get("a", number.__next__) for _ in range(3)] == [0, 0, 0]


def test_the_one_asked_for_longest_ago_is_forgotten():
    kept, computed = Kept[str](2), list[str]()

    def ask(key: str) -> str:
        return kept.get(key, lambda: computed.append(key) or key.upper())

    assert [ask(key) for key in "abacab"] == list("ABACAB")
    assert computed == ["a", "b", "c", "b"]


def test_none_is_a_result_like_any_other():
    kept, computed = Kept[None](1), list[int]()
    for number in range(3):
        assert kept.get("a", lambda number=number: computed.append(number)) is None
    assert computed == [0]


def test_all_who_ask_at_once_get_the_one_result():
    kept, together, number = Kept[int](2), Barrier(8), count()

    def ask(_: int) -> int:
        together.wait(60)
        return kept.get("a", number.__next__)

    with ThreadPoolExecutor(8) as readers:
        assert set(readers.map(ask, range(8))) == {0}
    assert next(number) == 1


def test_one_that_takes_long_holds_nobody_else_up():
    kept, begun, go_on = Kept[str](2), Event(), Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(60)
        return "slow"

    with ThreadPoolExecutor(2) as readers:
        first = readers.submit(kept.get, "a", slow)
        assert begun.wait(60)
        assert kept.get("b", lambda: "quick") == "quick"
        second = readers.submit(kept.get, "a", lambda: "never")
        go_on.set()
        assert (first.result(60), second.result(60)) == ("slow", "slow")


def test_whoever_waited_for_a_failure_tries_himself():
    kept, begun, go_on = Kept[str](2), Event(), Event()

    def fail() -> str:
        begun.set()
        assert go_on.wait(60)
        raise ValueError("mine alone")

    with ThreadPoolExecutor(2) as readers:
        first = readers.submit(kept.get, "a", fail)
        assert begun.wait(60)
        second = readers.submit(kept.get, "a", lambda: "whole")
        go_on.set()
        with pytest.raises(ValueError, match="mine alone"):
            first.result(60)
        assert second.result(60) == "whole"


def test_computing_one_may_ask_for_another():
    kept = Kept[int](2)
    assert kept.get("a", lambda: kept.get("b", lambda: 1) + 1) == 2
