"""The script of every rerun: language, identity, navigation, filters, one error boundary."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import streamlit as st

import pages.budget
import pages.campaigns
import pages.care
import pages.churn_risk
import pages.customer
import pages.data_health
import pages.definitions
import pages.engagement
import pages.follow_ups
import pages.lifecycle
import pages.loyalty
import pages.model_quality
import pages.overview
import pages.programme
import pages.rectification
import pages.returns
import pages.scorecard
import pages.service
import pages.service_quality
import pages.tiers
import pages.voice
import pages.worklist
from dashboard import address, data, filters, i18n, navigation, theme
from dashboard.i18n import t
from dashboard.turns import turn
from data_access.errors import DataAccessError
from data_access.principal import LOCAL_ADMINISTRATOR

_ICON = Path(__file__).parent / "icon.png"
_WORDMARK = Path(__file__).parent / "wordmark.svg"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its module, the tables whose data time it tells, what narrows it, whose customers.

    `owners` is what a filter on owners goes by: "crm", "assigned" (who looks after a customer
    today) or "both", part by part.
    """

    module: ModuleType
    about: tuple[str, ...] = ("orders",)
    choices: filters.Choices = "all"
    owners: filters.Owners = "crm"

    @property
    def name(self) -> str:
        """Its name, which is also its address."""
        return self.module.__name__.removeprefix("pages.")


SECTIONS: dict[str, tuple[Entry, ...]] = {
    "review": (
        Entry(
            pages.overview,
            ("orders", "survey_responses", "tickets", "expenses"),
            owners="both",
        ),
        Entry(pages.scorecard, ("orders", "survey_responses", "tickets", "expenses")),
    ),
    "customers": (
        Entry(pages.tiers),
        Entry(pages.lifecycle),
        Entry(pages.churn_risk, owners="assigned"),
        Entry(pages.worklist, choices="customers", owners="assigned"),
        Entry(pages.follow_ups, choices="customers", owners="assigned"),
        Entry(pages.customer, choices="scheme"),
    ),
    "promises": (
        Entry(pages.voice, ("survey_responses",)),
        Entry(pages.service, ("tickets",)),
        Entry(pages.service_quality, ("tickets",)),
        Entry(pages.rectification, ("tickets",)),
        Entry(pages.care, ("interactions", "care_events")),
        Entry(pages.engagement, ("interactions",)),
    ),
    "money": (
        Entry(pages.campaigns, ("campaigns", "orders")),
        Entry(pages.loyalty, ("loyalty_accounts",)),
        Entry(pages.budget, ("expenses",), choices="period"),
        Entry(pages.returns, ("expenses",), choices="period"),
    ),
    "trust": (
        Entry(pages.model_quality, choices="scheme"),
        Entry(pages.data_health, ("customers",), choices="customers"),
        Entry(pages.programme, ("programme_tasks",), choices="none"),
        Entry(pages.definitions, choices="none"),
    ),
}


def _runner(entry: Entry) -> Callable[[], None]:
    def run() -> None:
        with data.reading() as version:
            view = filters.header(
                t(f"page.{entry.name}.title"),
                version,
                LOCAL_ADMINISTRATOR,
                about=entry.about,
                choices=entry.choices,
                owners=entry.owners,
            )
            entry.module.render(view)

    return run


def _choose_language() -> None:
    address.seed_one("language", tuple(i18n.LANGUAGES), i18n.guess())
    with st.sidebar:
        st.segmented_control(
            "Language / 语言",
            tuple(i18n.LANGUAGES),
            format_func=i18n.LANGUAGES.__getitem__,
            required=True,
            key="language",
            label_visibility="collapsed",
        )
    i18n.speak(st.session_state["language"])


def _show_name() -> None:
    """The product's name above the navigation, and beside the menu button on a phone."""
    st.logo(_WORDMARK.read_text("utf-8").replace("currentColor", theme.palette().ink), size="large")


def main() -> None:
    """Run the page the reader asked for; data errors are said here, in one sentence."""
    _choose_language()
    registered = {
        section: [
            st.Page(
                _runner(entry),
                title=t(f"page.{entry.name}.title"),
                url_path=entry.name,
                default=entry.name == "overview",
            )
            for entry in entries
        ]
        for section, entries in SECTIONS.items()
    }
    navigation.register([page for group in registered.values() for page in group])
    sections = {t(f"section.{name}"): group for name, group in registered.items()}
    page = st.navigation(sections, expanded=True)  # beyond twelve it would hide some
    navigation.arrive(page.url_path or "overview")
    st.set_page_config(page_title=f"{page.title} · Stayline", page_icon=str(_ICON), layout="wide")
    theme.apply_style()
    _show_name()
    address.write("language", st.session_state["language"])
    try:
        page.run()
    except DataAccessError as error:
        logging.getLogger(__name__).warning("page %s: %s", page.url_path or "overview", error)
        st.title(page.title, anchor=False)
        st.error(i18n.failure(error.code, error.fields))
        if failed := data.refresh_failure():
            st.warning(i18n.failure(failed["code"], failed["fields"]))


if __name__ == "__main__":
    with turn:
        main()
