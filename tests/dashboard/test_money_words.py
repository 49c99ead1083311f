"""Money in words: own signs, codes that Babel does not know, and the steps of short numbers."""

import pytest

from dashboard import i18n

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(params=["zh", "en"])
def language(request, monkeypatch):
    monkeypatch.setattr(i18n, "language", lambda: request.param)
    return request.param


@pytest.fixture
def english(monkeypatch):
    monkeypatch.setattr(i18n, "language", lambda: "en")


def test_a_known_currency_has_its_sign_without_a_gap(language):
    written = {"zh": "¥418万", "en": "¥4.18M"}
    assert i18n.money(418_000_000, scale=2, currency="CNY") == written[language]


def test_an_unknown_code_stands_before_the_number_with_a_gap(language):
    written = {"zh": "7137亿", "en": "714B"}
    amount = i18n.money(713_720_372_355_000, scale=3, currency="LCU-ALB")
    assert amount == f"LCU-ALB{NBSP}{written[language]}"


@pytest.mark.usefixtures("english")
def test_an_unknown_code_can_be_left_out_but_a_sign_cannot():
    assert i18n.money(-71_300, scale=0, currency="LCU-ALB", code=False) == "−71.3K"
    assert i18n.money(-71_300, scale=0, currency="CNY", code=False) == "−¥71.3K"


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("compact", [True, False])
def test_small_amounts_are_written_out(compact):
    plain = i18n.money(999_900, scale=2, currency="LCU-AFG", compact=compact)
    assert plain == f"LCU-AFG{NBSP}9,999"


@pytest.mark.usefixtures("english")
def test_signs_go_before_the_currency():
    assert i18n.money(500, scale=0, currency="LCU-AFG", sign=True) == f"+LCU-AFG{NBSP}500"
    assert i18n.money(-500, scale=0, currency="LCU-AFG") == f"−LCU-AFG{NBSP}500"


def test_trillions_keep_three_digits(language):
    written = {"zh": "2.98万亿", "en": "2.98T"}
    assert i18n.compact(2_980_000_000_000) == written[language]
