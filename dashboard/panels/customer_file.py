"""Panel of one customer: the file's blocks, consent, accounts, membership, recorded tier."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from dashboard import i18n, panel
from dashboard.answers.customer_file import CustomerFile, file_of
from dashboard.i18n import t
from dashboard.view import View
from metrics.profiles.facts import entries

Row = Mapping[str, Any]
_CODED = {"preferred_channel": "channel"}


def file(view: View, row: Row) -> None:
    """What is known of the customer, block by block; nothing where the file is not readable."""
    found = file_of(view, row["customer_id"])
    if found is None:
        return
    title = t(
        "customer_file.title",
        filled=i18n.number(found.filled),
        of=i18n.number(len(found.entries)),
    )
    with panel.panel("customer_file", title, t("customer_file.subtitle", confirmed=_day(found))):
        blocks = {
            "basic": _entries(found, "basic"),
            "transaction": {
                "orders": i18n.number(row["purchases"]),
                "last_order": i18n.short_day(row["last_order_on"]),
            },
            "preference": _entries(found, "preference"),
            "other": _others(found, row),
        }
        for name, facts in blocks.items():
            st.html(_block(name, facts))


def _day(found: CustomerFile) -> str:
    if found.confirmed_on is None:
        return t("customer_file.never")
    return t("customer_file.confirmed", day=i18n.short_day(found.confirmed_on))


def _block(name: str, facts: Mapping[str, str]) -> str:
    """A heading and its facts; names of entries are those of the page Data health."""
    own = i18n.words(i18n.language())
    cells = "".join(
        f"<div><dt>{escape(_label(key, own))}</dt><dd>{escape(text)}</dd></div>"
        for key, text in facts.items()
    )
    heading = escape(t(f"customer_file.block.{name}"))
    return f'<div class="sl-sub"><b>{heading}</b></div><dl class="sl-facts sl-dense">{cells}</dl>'


def _label(key: str, words: Mapping[str, str]) -> str:
    if f"customer_file.{key}" in words:
        return t(f"customer_file.{key}")
    return i18n.code("entry", key)


def _entries(found: CustomerFile, block: str) -> dict[str, str]:
    return {
        name: _said(name, found.entries[name]) for name in entries(block) if name in found.entries
    }


def _said(name: str, value: str | None) -> str:
    if value is None:
        return i18n.DASH
    if value == "":
        return t("customer_file.known")
    return i18n.code(_CODED[name], value) if name in _CODED else value


def _others(found: CustomerFile, row: Row) -> dict[str, str]:
    answer = {True: "yes", False: "no", None: "unknown"}[found.consent]
    accounts = t("list.and").join(i18n.code("own_channel", each) for each in found.channels)
    return {
        "consent": t(f"customer_file.{answer}"),
        "channels": accounts or i18n.DASH,
        "level": i18n.code("level", found.level) if found.level else i18n.DASH,
        "points": i18n.number(found.points),
        "recorded": _tier(found.recorded_tier),
        "computed": _tier(row["tier"]),
    }


def _tier(code: str | None) -> str:
    return i18n.DASH if code is None else i18n.code("tier", code)
