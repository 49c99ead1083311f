"""The state of a view in its address: codes, not names, so that a copied link opens the same view.

Streamlit's own binding writes the label of an option, which changes with the language, so the
address is kept here. A widget keeps its value in the session; the address wins when it differs
from what this session wrote last (a pasted link, the Back button).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

import streamlit as st

_DIGITS = 12  # of a whole number; thousands of digits, or "²", are no number to `int`
_WRITTEN = "address_written"  # what this session last wrote, by parameter


def _written() -> dict[str, list[str]]:
    return st.session_state.setdefault(_WRITTEN, {})


def _from_address(key: str) -> list[str] | None:
    """Values of a parameter if the reader, not this session, put them there.

    Or if the widget has lost its value: Streamlit forgets those it did not draw in the last run,
    which a change of page cuts short.
    """
    values = st.query_params.get_all(key)
    ours = values == _written().get(key) and key in st.session_state
    return None if not values or ours else values


def seed_one(key: str, options: Sequence[str], default: str) -> None:
    """Give a single-choice widget its value before it is drawn.

    Always set, also to what it is: on another page it is another widget of the same name, which
    Streamlit would otherwise begin without a value.
    """
    given = _from_address(key)
    value = given[-1] if given else st.session_state.get(key)
    st.session_state[key] = value if value in options else default


def seed_optional(key: str, options: Sequence[str]) -> None:
    """Give a single-choice widget that may be open its value before it is drawn."""
    given = _from_address(key)
    value = given[-1] if given else st.session_state.get(key)
    st.session_state[key] = value if value in options else None


def seed_many(key: str, options: Sequence[str], default: Sequence[str] = ()) -> None:
    """Give a multiple-choice widget its values before it is drawn; unknown codes are dropped.

    Where none is left it gets those of `default`.
    """
    given = _from_address(key)
    current = st.session_state.get(key, []) if given is None else given
    known = [value for value in current if value in options]
    st.session_state[key] = known or list(default)


def seed_text(key: str) -> None:
    """Give a text field its value before it is drawn."""
    given = _from_address(key)
    value = st.session_state.get(key) or "" if given is None else given[-1]
    st.session_state[key] = value[:200]


def seed_page_number(key: str, pages: int) -> None:
    """Give a paging widget its page before it is drawn, within 1 and `pages`."""
    given = _from_address(key)
    wanted = given[-1] if given else str(st.session_state.get(key, 1))
    st.session_state[key] = min(max(_whole(wanted) or 1, 1), pages)


def seed_whole(key: str) -> None:
    """Give a field for a whole number its value before it is drawn; none if it is no number."""
    given = _from_address(key)
    st.session_state[key] = _whole(given[-1]) if given else st.session_state.get(key)


def seed_range(key: str, lowest: int, highest: int, default: tuple[int, int]) -> tuple[int, int]:
    """Give a slider with two ends its values before it is drawn, within bounds; return them."""
    given = _from_address(key)
    values = [_whole(value) for value in given] if given else st.session_state.get(key, default)
    known = [value for value in values if value is not None and lowest <= value <= highest]
    pair = (min(known), max(known)) if len(known) == 2 else default
    st.session_state[key] = pair
    return pair


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def first_page(key: str) -> None:
    """Go back to the first page of a list, because its rows have changed."""
    st.session_state[f"{key}_page"] = 1


def write(key: str, *values: str, default: str = "") -> None:
    """Put the value of a widget into the address, or take it out where it is the default."""
    wanted = [value for value in values if value != default]
    if st.query_params.get_all(key) != wanted:
        if wanted:
            st.query_params[key] = wanted
        else:
            del st.query_params[key]
    _written()[key] = wanted


def forget(*keys: str) -> None:
    """Take the values of widgets away, before they are drawn: they begin with their defaults."""
    for key in keys:
        st.session_state.pop(key, None)
        _written().pop(key, None)
        if key in st.query_params:
            del st.query_params[key]


def query(*keys: str) -> str:
    """Those parameters of the present address as the query of one, in this order."""
    present = [(key, value) for key in keys for value in st.query_params.get_all(key)]
    return urlencode(present)


def restore(query: str, *keys: str) -> None:
    """Give those parameters what a query says, and their widgets with them; before they are drawn.

    What the query does not name begins with its default; what else it names is left out.
    """
    forget(*keys)
    said = parse_qs(query)
    st.query_params.update({key: said[key] for key in keys if key in said})


def keep(*keys: str) -> dict[str, str | list[str]]:
    """Those parameters of the present address, for a link that should carry them."""
    present = {key: st.query_params.get_all(key) for key in keys}
    return {key: values for key, values in present.items() if values}
