"""The quality page follows its address, and says in one sentence where nothing can be judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard import i18n
from tests.conftest import Installation
from tests.pages.test_pages import run

Open = Callable[[Installation], None]


def page(language: str = "en", **query: str) -> str:
    app = run("model_quality", language, **query)
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_cards_and_chart_follow_the_length_of_the_list(opened: Open, demo: Installation):
    opened(demo)
    usual, shorter = page(), page(list_size="50")
    assert "Of 100 on the list" in usual
    assert "Of the 100 customers it put first" in usual
    assert "Of 50 on the list" in shorter
    assert "Of the 50 customers it put first" in shorter
    assert "Of 100 on the list" in page(list_size="nonsense")


def test_the_title_follows_the_horizon(opened: Open, demo: Installation):
    opened(demo)
    words = {days: page(horizon=days) for days in ("30", "60", "90")}
    assert all("forecasts came near to what happened" in text for text in words.values())
    assert len({text.split("forecasts came near")[0][-40:] for text in words.values()}) > 1


def test_a_rule_that_is_off_is_said_to_be(opened: Open, minimal: Installation):
    opened(minimal)
    assert "Red cannot be told" in page()


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_without_a_forecast_there_is_one_sentence(language: str, opened: Open, empty: Installation):
    opened(empty)
    words = i18n.words(language)
    text = page(language)
    assert words["risk.refusal.no_landmarks"] in text
    assert 'class="sl-card' not in text
