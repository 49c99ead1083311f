"""Rows ticked in a list, by customer: they stay ticked on other pages and in another order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

_KEY = "ticked"
_TURN = "ticked_turn"


def ticked(key: str) -> tuple[str, ...]:
    """The customers ticked in a list, in the order in which they were."""
    return tuple(st.session_state.get(_KEY, {}).get(key, ()))


def turn(key: str) -> int:
    """How often the ticks of a list were set from outside its table: a new table shows them."""
    return st.session_state.get(_TURN, {}).get(key, 0)


def take(key: str, shown: Sequence[str], rows: Collection[int]) -> None:
    """What the table of one page says: of its customers those in these rows are ticked."""
    here = [shown[row] for row in rows if 0 <= row < len(shown)]
    elsewhere = [each for each in ticked(key) if each not in shown]
    _set(key, [*elsewhere, *here])


def put(key: str, customers: Sequence[str]) -> None:
    """Tick exactly these."""
    _set(key, list(customers))
    turns = st.session_state.get(_TURN, {})
    st.session_state[_TURN] = {**turns, key: turn(key) + 1}


def _set(key: str, customers: list[str]) -> None:
    st.session_state[_KEY] = {**st.session_state.get(_KEY, {}), key: customers}
