"""The reader's language: words from `locales/<language>/*.toml`, numbers and dates by Babel."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache

import streamlit as st
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal
from babel.numbers import get_currency_symbol as currency_symbol

from dashboard.words import filled, words

LANGUAGES = {"zh": "中文", "en": "English"}
LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
DASH = "–"
MINUS = "−"
_SHORT_FROM = 10_000  # below, all digits are written


# Asked for hundreds of times in a run, and the session state is slow to answer. A run is one
# thread of one session, so what the shell set there is that session's.
_speaking: ContextVar[str | None] = ContextVar("speaking", default=None)


def speak(language: str) -> None:
    """Settle the language of this run; the shell does so before it draws anything."""
    _speaking.set(language)


def language() -> str:
    """The language of this run: settled by the shell, else chosen, else the browser's."""
    settled = _speaking.get() or st.session_state.get("language")
    return settled if settled in LANGUAGES else guess()


def guess() -> str:
    """The language the browser asks for: Chinese, or else English."""
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def t(key: str, **values: object) -> str:
    """The words of a key in the reader's language, with `{placeholders}` filled.

    Raises:
        KeyError: The key has no words in that language.
    """
    text = words(language())[key]
    return filled(text, values) if values else text


def part(key: str, some: int, whole: int, **values: object) -> str:
    """So many out of so many, in the words of `key.some`, `all`, `none`, `only` or `not_only`."""
    if whole == 1:
        form = "only" if some else "not_only"
    else:
        form = "none" if some == 0 else "all" if some == whole else "some"
    return t(f"{key}.{form}", part=number(some), whole=number(whole), **values)


def code(dimension: str, value: str | None) -> str:
    """The word for a code of a dimension; a code of the source's own stays as it is."""
    if value is None:
        return t("code.unknown")
    return words(language()).get(f"code.{dimension}.{value}", value)


def plan(source: str) -> str:
    """The plan of the company that asks for something, `S3 4.2` by its title and section."""
    key, _, section = source.partition(" ")
    return f"{code('plan', key)} {section}".rstrip()


def _locale() -> Locale:
    return _parsed(language())


@cache
def _parsed(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


@lru_cache(maxsize=20_000)  # Babel takes a tenth of a millisecond, and a page says hundreds
def _decimal(value: float, digits: int, language: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=_parsed(language))


def _signed(text: str, value: float, *, sign: bool) -> str:
    text = text.replace("-", MINUS)
    return f"+{text}" if sign and value > 0 else text


def number(value: float | Decimal | None, digits: int = 0, *, sign: bool = False) -> str:
    """A plain number with grouping; a dash if there is none."""
    if value is None:
        return DASH
    value = 0.0 if round(value, digits) == 0 else float(value)
    return _signed(_decimal(value, digits, language()), value, sign=sign)


def shares(low: float | None, high: float | None) -> str:
    """From one share to another, as an interval is told; a dash where there is none."""
    return DASH if low is None or high is None else f"{share(low)}–{share(high)}"


def share(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """A share (0 to 1) as per cent."""
    return DASH if value is None else f"{number(value * 100, digits, sign=sign)}%"


def percentage_points(value: float | None, digits: int = 1) -> str:
    """A difference of two shares, in percentage points, always signed."""
    return DASH if value is None else f"{number(value * 100, digits, sign=True)} {t('unit.pp')}"


def money(
    amount: float | None,
    *,
    scale: int,
    currency: str,
    sign: bool = False,
    compact: bool = True,
    code: bool = True,
    digits: int = 0,
) -> str:
    """Money from integer minor units: `¥418万`, `¥4.18M`; with so many digits if not compact.

    A currency without a sign is written by its code, `LCU-ALB 214B`, or not at all where `code`
    is false because the unit is told nearby.
    """
    if amount is None:
        return DASH
    value = amount / 10**scale
    if has_sign(currency):
        text = _symbol(currency) + number(abs(value), digits)
        if compact and abs(value) >= _SHORT_FROM:
            text = _compact_money(abs(value), currency)
    else:
        text = _short(abs(value)) if compact else number(abs(value), digits)
        text = f"{currency}\N{NO-BREAK SPACE}{text}" if code else text
    return _money_sign(text, value, sign=sign)


def _short(value: float) -> str:
    return compact(value)  # by another name, which no parameter hides


def _compact_digits(value: float) -> int:
    """Fraction digits that leave three significant ones: ¥4.18M, ¥41.8万, ¥418万."""
    steps = (1e12, 1e8, 1e4) if language() == "zh" else (1e12, 1e9, 1e6, 1e3)
    lead = value / next((step for step in steps if value >= step), 1)
    return 0 if lead >= 100 else 1 if lead >= 10 else 2


def has_sign(currency: str) -> bool:
    """Whether a currency has a sign such as ¥; a code of the source's own, `LCU-ALB`, has none."""
    return not _symbol(currency)[-1:].isalpha()


def _symbol(currency: str) -> str:
    return currency_symbol(currency, locale=_locale()).replace("CN¥", "¥")


def _compact_money(value: float, currency: str) -> str:
    digits = _compact_digits(value)
    text = format_compact_currency(value, currency, locale=_locale(), fraction_digits=digits)
    return text.replace("CN¥", "¥")


def _money_sign(text: str, value: float, *, sign: bool) -> str:
    if value < 0:
        return MINUS + text
    return f"+{text}" if sign and value > 0 else text


def compact(value: float | None) -> str:
    """A large plain number in short: `41.8万`, `418K`."""
    if value is None:
        return DASH
    if abs(value) < _SHORT_FROM:
        return number(value)
    digits = _compact_digits(abs(value))
    text = format_compact_decimal(value, locale=_locale(), fraction_digits=digits)
    return text.replace("-", MINUS)


_MINUTES, _DAYS = 1, 48  # hours: below the one told in minutes, from the other on in days
_WHOLE = 10  # from here a decimal of an hour or a day says nothing


def duration(hours: float | None, *, sign: bool = False) -> str:
    """A length of time as people say it: `8 min`, `3.5 h`, `36 h`, `359 days`."""
    if hours is None:
        return DASH
    size = abs(hours)
    if round(size * 60) < _MINUTES * 60:
        return t("unit.minutes", n=number(hours * 60, sign=sign))
    unit, value = ("days", hours / 24) if size >= _DAYS else ("hours", hours)
    digits = 1 if round(abs(value), 1) < _WHOLE and round(value, 1) % 1 else 0
    return t(f"unit.{unit}", n=number(value, digits, sign=sign))


def day(value: date | None) -> str:
    """A day: `2026年10月31日`, `31 Oct 2026`."""
    return DASH if value is None else format_date(value, "medium", locale=_locale())


def short_day(value: date | None) -> str:
    """A day in a table: `2026-10-31`, `31 Oct 2026`."""
    return value.isoformat() if value is not None and language() == "zh" else day(value)


def moment(value: datetime | None) -> str:
    """A moment, to the minute, in the zone it carries."""
    pattern = "yyyy-MM-dd HH:mm" if language() == "zh" else "d MMM yyyy, HH:mm"
    return DASH if value is None else format_datetime(value, pattern, locale=_locale())


def month(value: date, *, year: bool = True) -> str:
    """A month: `2026年10月`, `Oct 2026`, or without the year."""
    patterns = {("zh", True): "yyyy年M月", ("zh", False): "M月", ("en", True): "MMM yyyy"}
    return format_date(value, patterns.get((language(), year), "MMM"), locale=_locale())


_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()<>#+-.!|~$:"})


def markdown(text: str) -> str:
    """Untrusted text for a Streamlit label or message: shown as it is, never obeyed."""
    return text.translate(_MARKDOWN).replace("\n", " ")


def failure(code: str, fields: Mapping[str, str]) -> str:
    """What went wrong with the data, in the reader's language, ready for a message box."""
    return t(f"error.{code}", **{name: markdown(value) for name, value in fields.items()})
