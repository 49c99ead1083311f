"""What readers do: filter, share, drill, switch language; and what a page must not do."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from dashboard import i18n
from dashboard.pipeline import refresh
from tests.browser.conftest import PATIENCE, MakeReader, Reader, serve
from tests.conftest import Installation

pytestmark = pytest.mark.browser
ZH, EN = i18n.words("zh"), i18n.words("en")


def cards(reader: Reader) -> dict[str, str]:
    """Value on each card, by its label."""
    boxes = reader.page.locator(".sl-card").all()
    return {
        box.locator(".sl-card-label").inner_text(): box.locator(".sl-card-value").inner_text()
        for box in boxes
    }


def address(reader: Reader) -> dict[str, list[str]]:
    return parse_qs(urlparse(reader.page.url).query)


def choose(reader: Reader, label: str) -> None:
    reader.page.get_by_test_id("stMain").get_by_text(label, exact=True).first.click()
    reader.settle()


def test_the_browser_decides_the_first_language(demo_address: str, reader: MakeReader):
    chinese, english = reader(demo_address), reader(demo_address, locale="en-GB")
    for visitor, words in ((chinese, ZH), (english, EN)):
        visitor.open("voice")
        assert visitor.title() == words["page.voice.title"]


def test_the_address_decides_against_the_browser(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address, locale="zh-CN")
    visitor.open("voice?language=en")
    assert visitor.title() == EN["page.voice.title"]


def test_switching_the_language_keeps_the_numbers(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("voice?period=all")
    before = list(cards(visitor).values())
    visitor.page.get_by_test_id("stSidebar").get_by_text("English", exact=True).click()
    visitor.page.get_by_role("heading", name=EN["page.voice.title"]).wait_for()
    visitor.settle()
    after = list(cards(visitor).values())
    assert before[:3] == after[:3]
    assert address(visitor)["language"] == ["en"]


def test_a_copied_link_opens_the_same_numbers_in_a_fresh_browser(
    demo_address: str, reader: MakeReader
):
    visitor = reader(demo_address)
    visitor.open("")
    everybody = cards(visitor)
    visitor.page.get_by_text(ZH["filter.none"], exact=True).click()
    visitor.page.get_by_test_id("stPopoverBody").get_by_test_id("stMultiSelect").nth(0).click()
    visitor.page.get_by_role("option").filter(has_text=ZH["code.tier.high"]).click()
    visitor.settle()
    visitor.page.keyboard.press("Escape")
    choose(visitor, ZH["period.quarter"])
    mine = cards(visitor)
    assert mine != everybody
    assert address(visitor)["tier"] == ["high"]
    assert address(visitor)["period"] == ["quarter"]
    other = reader(demo_address)
    other.page.goto(visitor.page.url)
    other.settle()
    assert cards(other) == mine


def test_filters_stay_when_the_page_changes(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("?tier=high&period=all")
    visitor.page.get_by_role("link", name=ZH["page.voice.title"], exact=True).click()
    visitor.page.get_by_role("heading", name=ZH["page.voice.title"]).wait_for()
    visitor.settle()
    assert address(visitor)["tier"] == ["high"]
    assert address(visitor)["period"] == ["all"]


def test_a_card_opens_its_page(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("")
    visitor.page.locator(".st-key-card_nps a").click()
    visitor.page.get_by_role("heading", name=ZH["page.voice.title"]).wait_for()
    assert urlparse(visitor.page.url).path == "/voice"


NAME = 80  # pixels into a row of the risk list


def click_list(visitor: Reader, *, row: int, x: int) -> None:
    """Click so many pixels into a row of the risk list."""
    table = visitor.page.locator(".st-key-panel_risk_list").get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + x, box["y"] + 35 * (row + 1) + 17)
    visitor.settle()


def test_from_the_risk_list_to_one_customer_and_back_to_the_list_as_it_was(
    demo_address: str, reader: MakeReader
):
    visitor = reader(demo_address)
    visitor.open("churn_risk?risk_sort=silent&risk_page=2&risk_silent_from=30&definition=3x")
    click_list(visitor, row=0, x=15)  # the box of the row
    click_list(visitor, row=2, x=15)
    before, ticked = address(visitor), visitor.page.locator(".st-key-bulk b").inner_text()
    assert "2" in ticked
    click_list(visitor, row=1, x=NAME)
    visitor.page.wait_for_url(re.compile("/customer"))
    visitor.settle()
    visitor.page.locator(".st-key-customer_back a").click()
    visitor.page.get_by_role("heading", name=ZH["page.churn_risk.title"]).wait_for()
    visitor.settle()
    assert address(visitor) == before
    assert visitor.page.locator(".st-key-bulk b").inner_text() == ticked
    assert visitor.complaints == []


def test_a_list_opens_a_customer_by_the_keyboard_too(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("?tier=high")
    names = visitor.page.get_by_label(ZH["list.open"])
    panel = visitor.page.locator(".st-key-panel_contact")
    panel.get_by_test_id("stDataFrame").locator("canvas").first.focus()
    visitor.page.keyboard.press("Shift+Tab")
    expect(names).to_be_focused()
    box = names.bounding_box()
    assert box is not None
    assert box["width"] > 200  # seen, now that it has the focus
    second = panel.get_by_test_id("glide-cell-0-1").inner_text()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        visitor.page.keyboard.press(key)
    visitor.page.wait_for_url(re.compile("/customer"))
    visitor.settle()
    assert second in visitor.text()
    assert address(visitor)["tier"] == ["high"]
    assert visitor.complaints == []


def test_a_phone_shows_each_customer_of_a_list_as_lines(demo_address: str, reader: MakeReader):
    wide, phone = reader(demo_address), reader(demo_address, width=390)
    for visitor in (wide, phone):
        visitor.open("churn_risk?risk_sort=silent&risk_page=2")
    table = wide.page.locator(".st-key-panel_risk_list").get_by_test_id("stDataFrame")
    name = table.get_by_test_id("glide-cell-1-1").inner_text()
    panel = phone.page.locator(".st-key-panel_risk_list")
    assert panel.get_by_test_id("stDataFrame").count() == 0
    lines = panel.locator("[class*='st-key-line_risk']")
    assert lines.count() == 15
    told = lines.nth(1).inner_text()
    assert told.startswith(name)
    assert ZH["risk.column.revenue_at_risk_short"] in told
    lines.nth(0).get_by_test_id("stCheckbox").click()
    phone.settle()
    lines.nth(1).get_by_test_id("stCheckbox").click()
    phone.settle()
    assert "2" in phone.page.locator(".st-key-bulk b").inner_text()
    lines.nth(1).get_by_role("button", name=name).click()
    phone.page.wait_for_url(re.compile("/customer"))
    phone.settle()
    assert name in phone.text()
    phone.page.locator(".st-key-customer_back a").click()
    phone.page.get_by_role("heading", name=ZH["page.churn_risk.title"]).wait_for()
    phone.settle()
    assert lines.get_by_role("checkbox", checked=True).count() == 2
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert wide.complaints == phone.complaints == []


def test_the_files_of_the_list_hold_its_rows(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("churn_risk?risk_min=75&risk_warning=red")
    with visitor.page.expect_download() as waiting:
        visitor.page.locator(".st-key-churn_risk_csv button").click()
    lines = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
    shown = visitor.page.locator(".st-key-panel_risk_list .sl-panel-title").inner_text()
    assert shown.startswith(f"{len(lines) - 1} ")
    assert ZH["code.warning.red"] in lines[1]
    with visitor.page.expect_download() as waiting:
        visitor.page.locator(".st-key-churn_risk_xlsx button").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"PK")


def test_from_the_risk_list_to_one_customer_and_its_link(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("churn_risk")
    click_list(visitor, row=0, x=NAME)
    visitor.page.wait_for_url(re.compile("/customer"))
    visitor.settle()
    customer = address(visitor)["id"][0]
    assert re.fullmatch(r"C\d{7}", customer)
    panels = "[class*='st-key-panel_']"
    said = visitor.page.locator(panels).all_inner_texts()
    other = reader(demo_address)
    other.page.goto(visitor.page.url)
    other.settle()
    assert len(said) > 4
    assert other.page.locator(panels).all_inner_texts() == said
    assert visitor.complaints == []


def test_every_panel_gives_definition_and_figures(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("voice")
    visitor.page.locator(".st-key-tools_nps_trend button").first.click()
    visitor.settle()
    body = visitor.page.get_by_test_id("stPopoverBody")
    body.get_by_text(ZH["kpi.nps.definition"][:12]).wait_for()
    body.get_by_test_id("stDataFrame").wait_for()
    with visitor.page.expect_download() as waiting:
        body.get_by_text(ZH["panel.download"]).click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith(ZH["column.period"])
    assert len(text.splitlines()) > 3


def test_an_open_dashboard_picks_up_a_new_snapshot(
    tmp_path: Path, empty: Installation, demo: Installation, reader: MakeReader
):
    """The empty CRM is filled and refreshed while somebody looks at it."""
    own = replace(demo.own, home=tmp_path, crm_url=empty.own.crm_url)
    refresh(own)
    with serve(Installation(own)) as there:
        visitor = reader(there)
        visitor.open("data_health")
        before = visitor.text()
        refresh(replace(own, crm_url=demo.own.crm_url))
        visitor.page.get_by_role("link", name=ZH["page.voice.title"], exact=True).click()
        visitor.page.get_by_role("heading", name=ZH["page.voice.title"]).wait_for()
        visitor.settle()
        deadline = time.monotonic() + PATIENCE / 1000
        while cards(visitor)[ZH["kpi.nps.label"]] == "–":  # until it is loaded in the background
            assert time.monotonic() < deadline, "the new snapshot is not shown"
            visitor.open("voice")
        visitor.page.get_by_role("link", name=ZH["page.data_health.title"], exact=True).click()
        visitor.page.get_by_role("heading", name=ZH["page.data_health.title"]).wait_for()
        visitor.settle()
        assert visitor.text() != before
