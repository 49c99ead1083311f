"""Every page, in both languages, on every kind of database: it opens, and says why if empty."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import i18n
from dashboard.drilldown import IN_DIALOG
from dashboard.turns import AT_ONCE, turn
from metrics.tiers.scheme import scheme_codes
from tests.conftest import Installation

SHELL = Path(__file__).parents[2] / "dashboard" / "shell.py"
PAGES = sorted(path.stem for path in (SHELL.parents[1] / "pages").glob("[a-z]*.py"))
Open = Callable[[Installation], None]


def run(page: str, language: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(SHELL), default_timeout=60)
    app.query_params["language"] = language
    for name, value in query.items():
        app.query_params[name] = value
    # the default page lies at the root; a page is addressed by the hash of its path
    app._page_hash = "" if page == "overview" else calc_hash(page)
    return app.run()


def assert_opens(app: AppTest, page: str, language: str) -> None:
    words = i18n.words(language)
    assert not app.exception
    assert not app.error
    assert [title.value for title in app.title] == [words[f"page.{page}.title"]]


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("database", ["demo", "real", "empty", "minimal"])
def test_every_page_opens(
    database: str,
    page: str,
    language: str,
    opened: Open,
    request: pytest.FixtureRequest,
):
    opened(request.getfixturevalue(database))
    assert_opens(run(page, language), page, language)


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
@pytest.mark.parametrize("page", PAGES)
def test_without_data_every_page_says_so_in_one_sentence(
    page: str, language: str, opened: Open, unreachable: Installation
):
    opened(unreachable)
    app = run(page, language)
    assert not app.exception
    assert [error.value for error in app.error] == [i18n.words(language)["error.no_snapshot"]]


# The panels that open the rows behind them, by page.
BEHIND = {
    "tiers": ("mix", "concentration", "moves", "matrix"),
    "lifecycle": ("stages", "funnel", "accounting", "retention", "waits", "cohorts"),
    "care": ("touches", "touch_owners", "touch_trend", "cross_sell"),
    "churn_risk": ("survival",),
    "engagement": (
        *("cadence_rules", "cadence_groups", "fit", "funnel", "matrix", "touchpoints", "hours"),
        *("channel_survival", "both_ways", "calls", "experiments", "topics"),
    ),
    "voice": (
        *("nps_trend", "nps_by", "csat_trend", "response_trend", "scores", "recovery"),
        *("feedback", "needs_found"),
    ),
    "loyalty": (
        *("members", "levels", "member_curves", "member_differences"),
        *("points", "redemption", "coupons", "referrals"),
    ),
    "service": ("sla_trend", "sla_promises", "sla_channel", "backlog"),
    "service_quality": (
        *("solved", "scenarios", "calls", "hand_overs", "agents", "employers", "trainings"),
    ),
    "rectification": ("departments", "loop", "pareto"),
    "returns": ("modules",),
}


@pytest.mark.parametrize("page", BEHIND)
def test_an_address_opens_the_rows_behind_every_chart(page: str, opened: Open, demo: Installation):
    opened(demo)
    closed = run(page, "en", rows="nonsense")
    for panel in BEHIND[page]:
        app = run(page, "en", rows=panel)
        assert_opens(app, page, "en")
        assert len(app.dataframe) == len(closed.dataframe) + 1, panel
        assert len(app.selectbox) > len(closed.selectbox), panel


# Choices of a dialog after which another one tells how many rows the list has.
CHOICES = {
    "fit_measure": [
        *("channel_fit", "content_fit", "positioning_fit", "operation_fit", "coupons"),
        *("personalised_coverage", "personalised_share", "contact_standard", "unwanted_contacts"),
    ],
    "cadence_rules_rule": ["all", "high_online", "mid_online", "basic_reminder"],
    "experiments_experiment": ["X01", "X02", "X03"],
    "touchpoints_channel": ["wechat", "email", "phone"],
}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_list_says_it_holds_what_its_choice_says(choice: str, opened: Open, demo: Installation):
    """One after the other in one process: a list must not take the length of another."""
    opened(demo)
    panel = choice.rpartition("_")[0]
    for code in CHOICES[choice]:
        app = run("engagement", "en", rows=panel, **{choice: code})
        boxes = {box.key: box for box in app.selectbox}
        assert boxes[choice].value == code
        group = boxes[f"{panel}_of"]
        label = group.options[group.index or 0]
        asked = int(label.rpartition("(")[2].rstrip(")").replace(",", ""))
        told = [text for text in _texts(app) if text.startswith("1–") and " of " in text]
        if asked > 12:
            assert any(text.endswith(f" of {asked:,}") for text in told), (code, label, told)


def test_the_clock_of_a_desk_that_closes_every_night_is_told_by_pages(
    opened: Open, demo: Installation
):
    opened(demo)
    app = run("service", "en", ticket_clock_page="2")
    pieces = [each.value for each in app.dataframe if "Ran in all" in each.value.columns]
    assert app.session_state["ticket_clock_page"] == 2
    assert [len(each) for each in pieces] == [IN_DIALOG]
    app.text_input(key="ticket").set_value("T0000000001").run()
    assert app.session_state["ticket_clock_page"] == 1


def _texts(app: AppTest) -> list[str]:
    return [re.sub("<[^>]*>", "", each.proto.body) for each in app.get("html")]


NOBODY = {"tier": "high", "stage": "new", "region": "overseas", "segment": "education"}


@pytest.mark.parametrize("key", [(page, key) for page, keys in BEHIND.items() for key in keys])
@pytest.mark.parametrize(
    ("database", "query"),
    [("demo", NOBODY), ("real", {"period": "month"}), ("minimal", {}), ("empty", {})],
    ids=["nobody", "real", "minimal", "empty"],
)
def test_rows_that_are_few_or_none_open_too(
    database: str,
    query: dict[str, str],
    key: tuple[str, str],
    opened: Open,
    request: pytest.FixtureRequest,
):
    opened(request.getfixturevalue(database))
    page, panel = key
    assert_opens(run(page, "zh", rows=panel, **query), page, "zh")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "query",
    [
        {"period": "month", "compare": "year"},
        {"period": "all"},
        {"period_from": "2025-02", "period_to": "2025-07"},
        {"period_from": "2026-10"},
        {"tier": "high", "region": "east_china"},
        {"period": "nonsense", "tier": "<script>", "segment": "' or 1=1 --", "period_to": ".."},
    ],
    ids=["month", "all", "months", "month_on", "filtered", "hostile"],
)
def test_every_page_opens_with_what_an_address_may_hold(
    query: dict[str, str], page: str, opened: Open, demo: Installation
):
    opened(demo)
    assert_opens(run(page, "en", **query), page, "en")


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_the_overview_tells_the_end_of_each_source(language: str, opened: Open, real: Installation):
    opened(real)
    page = "\n".join(element.proto.body for element in run("overview", language).get("html"))
    words = i18n.words(language)
    assert words["header.data_as_of_each"] in page
    assert all(year in page for year in ("2011", "2017", "2018", "2022"))


def test_every_run_gives_its_turn_back(opened: Open, unreachable: Installation, demo: Installation):
    """All turns but one are taken, so a run that kept the last would be the last."""
    with ExitStack() as taken:
        for _ in range(AT_ONCE - 1):
            taken.enter_context(turn)
        opened(unreachable)
        assert run("voice", "en").error
        opened(demo)
        for page in ("customer", "definitions"):
            assert_opens(run(page, "en"), page, "en")
        assert turn.acquire(blocking=False)
        turn.release()


@pytest.mark.parametrize("code", scheme_codes()[1:])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("database", ["demo", "minimal"])
def test_every_page_opens_by_another_scheme_of_tiers(
    database: str, page: str, code: str, opened: Open, request: pytest.FixtureRequest
):
    opened(request.getfixturevalue(database))
    assert_opens(run(page, "en", tier_scheme=code), page, "en")
