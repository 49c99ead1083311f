"""One choice of a few: a row of buttons whose value is kept in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import address


def choose(
    key: str,
    options: Sequence[str],
    *,
    default: str,
    label: str,
    name: Callable[[str], str],
    resets: str = "",
) -> str:
    """Draw the buttons and return the code chosen.

    Args:
        key: Name of the parameter and of the widget.
        options: The codes.
        default: The code that needs no parameter.
        label: What is chosen, for screen readers.
        name: The word on a button, from its code.
        resets: Key of the list that goes back to its first page, where the choice changes its rows.
    """
    address.seed_one(key, options, default)
    chosen = st.segmented_control(
        label,
        options,
        format_func=name,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=address.first_page if resets else "rerun",
        args=(resets,) if resets else None,
    )
    address.write(key, chosen or default, default=default)
    return chosen or default
