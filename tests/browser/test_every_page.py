"""Every page in a real browser: the shell comes first, the console stays clean."""

from __future__ import annotations

import pytest

from dashboard import i18n
from tests.browser.conftest import MakeReader, serve
from tests.conftest import Installation
from tests.pages.test_pages import PAGES

pytestmark = pytest.mark.browser


def path_of(page: str) -> str:
    return "" if page == "overview" else page


@pytest.mark.parametrize("page", PAGES)
def test_a_fresh_server_answers_a_deep_link_with_the_shell(
    page: str, demo: Installation, reader: MakeReader
):
    """Streamlit's old page discovery would run the page file alone, without rights or language."""
    with serve(demo) as address:
        visitor = reader(address)
        visitor.open(path_of(page))
        assert visitor.title() == i18n.words("zh")[f"page.{page}.title"]
        links = visitor.page.locator("[data-testid='stSidebarNavLink']")
        assert links.count() == len(PAGES)
        assert visitor.complaints == []


@pytest.mark.parametrize("database", ["demo", "real", "empty", "minimal", "unreachable"])
def test_no_page_complains_or_calls_out(
    database: str, reader: MakeReader, request: pytest.FixtureRequest
):
    with serve(request.getfixturevalue(database)) as address:
        visitor = reader(address, locale="en-GB")
        for page in PAGES:
            visitor.open(path_of(page))
            assert visitor.title() == i18n.words("en")[f"page.{page}.title"]
            assert visitor.page.locator("[data-testid='stException']").count() == 0, page
        assert visitor.complaints == []
        assert visitor.foreign == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_wider_than_a_phone(dark: bool, demo_address: str, reader: MakeReader):
    visitor = reader(demo_address, width=390, dark=dark)
    for page in PAGES:
        visitor.open(path_of(page))
        main = visitor.page.get_by_test_id("stMain")
        # a wide map may scroll inside its panel, the page itself may not
        assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 1, page
    assert visitor.complaints == []
