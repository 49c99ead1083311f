"""Every page in a real browser: the shell comes first, the console stays clean."""

from __future__ import annotations

import pytest

from dashboard import i18n
from tests.browser.conftest import MakeReader, Reader, serve
from tests.conftest import Installation
from tests.pages.test_pages import PAGES

pytestmark = pytest.mark.browser
DATABASES = ("demo", "real", "empty", "minimal", "unreachable")


def path_of(page: str) -> str:
    return "" if page == "overview" else page


def open_with_shell(visitor: Reader, page: str, language: str) -> None:
    """Streamlit's old page discovery would run the page file alone, without rights or language."""
    visitor.open(path_of(page))
    assert visitor.title() == i18n.words(language)[f"page.{page}.title"]
    assert visitor.page.get_by_test_id("stSidebarNavLink").count() == len(PAGES), page


@pytest.mark.parametrize("page", PAGES[len(DATABASES) :])
def test_a_fresh_server_answers_a_deep_link_with_the_shell(
    page: str, demo: Installation, reader: MakeReader
):
    """The other pages are what the servers of the next test are asked for first."""
    with serve(demo) as address:
        visitor = reader(address)
        open_with_shell(visitor, page, "zh")
        assert visitor.complaints == []


@pytest.mark.parametrize("database", DATABASES)
def test_no_page_complains_or_calls_out(
    database: str, reader: MakeReader, request: pytest.FixtureRequest
):
    first = DATABASES.index(database)
    with serve(request.getfixturevalue(database)) as address:
        visitor = reader(address, locale="en-GB")
        for page in PAGES[first:] + PAGES[:first]:
            open_with_shell(visitor, page, "en")
            assert visitor.page.get_by_test_id("stException").count() == 0, page
        assert visitor.complaints == []
        assert visitor.foreign == []


def test_nothing_is_wider_than_a_phone(demo_address: str, reader: MakeReader):
    """Neither by day nor by night."""
    visitor = reader(demo_address, width=390)
    for page in PAGES:
        visitor.open(path_of(page))
        main, colours = visitor.page.get_by_test_id("stMain"), set[str]()
        for scheme in ("dark", "light"):
            visitor.page.emulate_media(color_scheme=scheme)
            visitor.settle()
            app = visitor.page.get_by_test_id("stApp")
            colours.add(app.evaluate("it => getComputedStyle(it).backgroundColor"))
            # a wide map may scroll inside its panel, the page itself may not
            assert main.evaluate("it => it.scrollWidth - it.clientWidth") <= 1, (page, scheme)
        assert len(colours) == 2, page
    assert visitor.complaints == []
