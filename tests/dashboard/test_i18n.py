"""Numbers, money and dates as people of each language write them."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import i18n


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(i18n, "language", lambda: request.param)
    return request.param


MONEY = [
    # minor units, Chinese, English
    (123_45, "¥123", "¥123"),
    (999_900, "¥9,999", "¥9,999"),
    (41_812_345, "¥41.8万", "¥418K"),
    (418_000_000, "¥418万", "¥4.18M"),
    (41_800_000_000, "¥4.18亿", "¥418M"),
    (-41_812_345, "−¥41.8万", "−¥418K"),
    (0, "¥0", "¥0"),
    (None, "–", "–"),
]


@pytest.mark.parametrize(("amount", "zh", "en"), MONEY)
def test_money_is_written_in_short(amount: int | None, zh: str, en: str, language: str):
    said = i18n.money(amount, scale=2, currency="CNY")
    assert said == (zh if language == "zh" else en)


@pytest.mark.usefixtures("language")
def test_money_with_a_sign():
    assert i18n.money(123_45, scale=2, currency="CNY", sign=True) == "+¥123"


def test_a_code_of_the_sources_own_is_a_currency_too(language: str):
    said = i18n.money(4_180_000_00, scale=2, currency="LCU-AFG")
    assert "LCU-AFG" in said
    assert ("418万" if language == "zh" else "4.18M") in said


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.8843, 1, "88.4%"),
        (0.0, 1, "0.0%"),
        (-0.0001, 1, "0.0%"),
        (1.0, 0, "100%"),
        (None, 1, "–"),
    ],
)
def test_shares(value: float | None, digits: int, text: str):
    assert i18n.share(value, digits) == text


def test_a_change_of_a_share_is_in_percentage_points(language: str):
    unit = "百分点" if language == "zh" else "pp"
    assert i18n.percentage_points(-0.02) == f"−2.0 {unit}"
    assert i18n.percentage_points(0.006) == f"+0.6 {unit}"


def test_days_and_months(language: str):
    zh = language == "zh"
    assert i18n.day(date(2026, 10, 31)) == ("2026年10月31日" if zh else "31 Oct 2026")
    assert i18n.month(date(2026, 10, 1)) == ("2026年10月" if zh else "Oct 2026")
    assert i18n.month(date(2026, 10, 1), year=False) == ("10月" if zh else "Oct")
    assert i18n.day(None) == "–"


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        (0.0, "0 分钟", "0 min"),
        (0.13, "8 分钟", "8 min"),
        (59.4 / 60, "59 分钟", "59 min"),
        (59.6 / 60, "1 小时", "1 h"),
        (3.5, "3.5 小时", "3.5 h"),
        (9.96, "10 小时", "10 h"),
        (36.4, "36 小时", "36 h"),
        (48.0, "2 天", "2 days"),
        (60.0, "2.5 天", "2.5 days"),
        (8622.0, "359 天", "359 days"),
        (48_000.0, "2,000 天", "2,000 days"),
        (-3.5, "−3.5 小时", "−3.5 h"),
        (None, "–", "–"),
    ],
)
def test_time_is_told_as_people_say_it(hours: float | None, zh: str, en: str, language: str):
    assert i18n.duration(hours) == (zh if language == "zh" else en)


@pytest.mark.usefixtures("language")
def test_a_longer_and_a_shorter_time_carry_their_sign():
    assert i18n.duration(0.2, sign=True).startswith("+12")
    assert i18n.duration(-50.0, sign=True).startswith("−2.1")


def test_untrusted_text_is_shown_not_obeyed():
    assert i18n.markdown("![x](http://evil/x.png) **b**\n# h") == (
        r"\!\[x\]\(http\://evil/x\.png\) \*\*b\*\* \# h"
    )


def test_an_unknown_code_stays_as_it_is(language: str):
    assert i18n.code("region", "Atlantis") == "Atlantis"
    assert i18n.code("region", None) == ("未知" if language == "zh" else "unknown")


@pytest.mark.parametrize(
    ("some", "whole", "zh", "en"),
    [
        (2, 5, "5 个渠道中 2 个低于 95%", "2 of 5 channels below 95%"),
        (5, 5, "5 个渠道全部低于 95%", "All 5 channels below 95%"),
        (0, 5, "各渠道全部达到 95%", "No channel below 95%"),
        (1, 1, "唯一的渠道低于 95%", "The only channel is below 95%"),
        (0, 1, "唯一的渠道达到 95%", "The only channel meets 95%"),
    ],
)
def test_so_many_of_so_many_reads_well_at_its_ends(
    some: int, whole: int, zh: str, en: str, language: str
):
    said = i18n.part("service.below.channel", some, whole, target="95%")
    assert said == (zh if language == "zh" else en)


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "0 tickets open"),
        (1, "1 ticket open"),
        (2, "2 tickets open"),
        (1_234, "1,234 tickets open"),
    ],
)
def test_one_is_not_many(n: int, said: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "language", lambda: "en")
    assert i18n.t("service.backlog.title", n=i18n.number(n)) == said


def test_a_verb_follows_its_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "language", lambda: "en")
    said = [i18n.part("data_health.tables.title", n, 24) for n in (1, 2)]
    assert said == ["1 of 24 tables is in the CRM", "2 of 24 tables are in the CRM"]
