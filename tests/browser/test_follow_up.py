"""The follow-up in a real browser: what Streamlit's own test harness does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Locator

from dashboard import i18n
from dashboard.store import store
from data_access.principal import LOCAL_ADMINISTRATOR
from tests.browser.conftest import MakeReader, Reader, serve
from tests.conftest import Installation

pytestmark = pytest.mark.browser
WORDS = i18n.words("zh")


class Served(Installation):
    """An installation with a workspace of its own."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"STAYLINE_WORKSPACE_URL": self.own.workspace_url}


@pytest.fixture
def address(demo: Installation, tmp_path: Path) -> Iterator[str]:
    url = f"sqlite:///{tmp_path}/workspace.sqlite"
    with serve(Served(replace(demo.own, workspace_url=url))) as found:
        yield found


def press(reader: Reader, name: str) -> None:
    reader.page.get_by_role("button", name=name).first.click()
    reader.settle()


def fill(reader: Reader, outcome: str, remark: str) -> None:
    page = reader.page
    press(reader, WORDS["follow_up.result"])
    page.get_by_text(WORDS[f"code.step_outcome.{outcome}"], exact=True).click()
    page.get_by_label(WORDS["follow_up.remark"]).fill(remark)


def cost(reader: Reader) -> Locator:
    return reader.page.get_by_label(WORDS["follow_up.spent"].format(currency="CNY"))


def save(reader: Reader) -> None:
    reader.page.get_by_role("button", name=WORDS["follow_up.save"], exact=True).click()
    reader.settle()


@pytest.mark.parametrize("width", [1440, 390])
def test_two_people_on_one_step(address: str, width: int, demo: Installation, reader: MakeReader):
    mart = store(demo.own).current().scan("customer_mart", LOCAL_ADMINISTRATOR)
    customer = mart.select(pl.col("customer_id").min()).collect().item()
    first, second = reader(address, width=width), reader(address, width=width)
    first.open(f"customer?id={customer}")
    press(first, WORDS["follow_up.start"])
    second.open(f"customer?id={customer}")
    fill(first, "responded", "想要报价 <b>x</b>")
    cost(first).fill("66.5")
    fill(second, "no_answer", "没人接")
    save(first)
    page = first.page
    page.get_by_text(WORDS["saving.saved"]).wait_for()
    assert page.get_by_label(WORDS["follow_up.remark"]).count() == 0  # the form is closed
    save(second)
    page = second.page
    page.get_by_text(WORDS["follow_up.yours"]).wait_for()
    assert "想要报价 <b>x</b>" in page.get_by_test_id("stPopoverBody").inner_text()
    assert page.get_by_label(WORDS["follow_up.remark"]).input_value() == "没人接"
    assert page.get_by_label(WORDS["code.step_outcome.no_answer"]).is_checked()
    assert float(cost(second).input_value()) == 66.5  # not touched: the other's
    save(second)  # having seen it
    page.get_by_text(WORDS["saving.saved"]).wait_for()
    first.open(f"customer?id={customer}")
    assert "没人接" in first.text()
    assert "66.5" in first.text()
    for each in (first, second):
        assert each.complaints == []
        assert each.foreign == []
        assert each.page.evaluate("document.documentElement.scrollWidth") <= width
