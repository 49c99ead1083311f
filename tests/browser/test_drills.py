"""From a number to the rows behind it, to one customer, and by a copied link to the same list."""

from __future__ import annotations

import re

import pytest

from dashboard import i18n
from tests.browser.conftest import MakeReader, Reader
from tests.browser.test_journeys import address

pytestmark = pytest.mark.browser
ZH = i18n.words("zh")


def dialog(reader: Reader) -> str:
    """What is chosen in the open dialog, its title and which of how many rows it shows."""
    box = reader.page.get_by_role("dialog")
    box.get_by_test_id("stDataFrame").wait_for()
    reader.settle()
    chosen = [each.input_value() for each in box.get_by_role("combobox").all()]
    return "\n".join([*chosen, *box.locator("h2, .sl-sub").all_inner_texts()])


def open_rows(reader: Reader, key: str) -> None:
    reader.page.locator(f".st-key-rows_{key} button").click()
    dialog(reader)


def choose(reader: Reader, place: int, option: str) -> None:
    """Take the option that begins so in one of the choices of the dialog."""
    reader.page.get_by_role("dialog").get_by_test_id("stSelectbox").nth(place).click()
    reader.page.get_by_role("option").filter(has_text=option).first.click()
    reader.settle()


def open_first_row(reader: Reader) -> None:
    table = reader.page.get_by_role("dialog").get_by_test_id("stDataFrame")
    box = table.bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + 60, box["y"] + 35 + 17)  # on the name
    reader.page.wait_for_url(re.compile("/customer"))
    reader.settle()


def test_from_a_band_of_the_flow_to_its_customers(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("tiers")
    open_rows(visitor, "moves")
    assert address(visitor)["rows"] == ["moves"]
    move = f"{ZH['code.tier.basic']} → {ZH['code.tier.mid']}"
    choose(visitor, 0, move)
    assert address(visitor)["moves_of"] == ["basic-mid"]
    said = dialog(visitor)
    number = re.search(rf"{move}（([\d,]+)）", said)
    assert number is not None
    assert ZH["list.range"].format(first=1, last=12, total=number[1]) in said
    other = reader(demo_address)
    other.page.goto(visitor.page.url)
    assert dialog(other) == said
    for each in (visitor, other):
        open_first_row(each)
    assert re.fullmatch(r"C\d{7}", address(other)["id"][0])
    assert address(other) == address(visitor)
    assert visitor.complaints == other.complaints == []


def test_the_open_tickets_of_an_age_and_the_way_out(demo_address: str, reader: MakeReader):
    visitor = reader(demo_address)
    visitor.open("service")
    open_rows(visitor, "backlog")
    choose(visitor, 0, ZH["code.age.over_30_days"])
    assert address(visitor)["backlog_of"] == ["over_30_days"]
    said = dialog(visitor)
    visitor.page.reload()
    assert dialog(visitor) == said
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("dialog").wait_for(state="detached")
    visitor.settle()
    assert not {"rows", "backlog_of"} & address(visitor).keys()
    assert visitor.complaints == []


def test_a_cell_of_the_heat_map(demo_address: str, reader: MakeReader):
    """A page of the list, then another cell: back on its first page."""
    visitor = reader(demo_address)
    visitor.open("lifecycle?rows=cohorts&cohorts_month=2026-01-01&cohorts_age=3&cohorts_page=2")
    said = dialog(visitor)
    month = ZH["lifecycle.cohorts.after"].format(age=3)
    assert month in said
    assert address(visitor)["cohorts_page"] == ["2"]
    choose(visitor, 1, ZH["lifecycle.cohorts.after"].format(age=2))
    assert address(visitor)["cohorts_age"] == ["2"]
    assert "cohorts_page" not in address(visitor)
    assert dialog(visitor) != said
    assert visitor.complaints == []
