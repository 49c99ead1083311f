"""Phone numbers, e-mail addresses and names as they are compared: never stored, never shown."""

from __future__ import annotations

from typing import Any

import polars as pl

from metrics.rules import load


def digits(phone: pl.Expr) -> pl.Expr:
    """A phone number as digits without the national prefix; null where it has none.

    `+86 138-1234 5678`, `0086 13812345678` and `13812345678` are the same number. The prefix is
    left out only behind + or 00, or before 11 digits: a number may begin with the same ones.
    """
    prefix: str = load("data_quality")["phone"]["national_prefix"]
    kept = phone.str.replace_all(r"[^0-9+]", "").str.replace(rf"^(\+|00){prefix}", "")
    kept = kept.str.replace_all(r"\+", "").str.replace(rf"^{prefix}([0-9]{{11}})$", "$1")
    return pl.when(kept.str.len_bytes() > 0).then(kept)


def phone_valid(phone: pl.Expr) -> pl.Expr:
    """Whether a number has as many digits as one that can be called; null where there is none."""
    fewest, most = load("data_quality")["phone"]["digits"]
    length = digits(phone).str.len_bytes().fill_null(0)
    return pl.when(known(phone)).then(length.is_between(fewest, most))


def address(email: pl.Expr) -> pl.Expr:
    """An e-mail address in small letters without blanks around it; null where there is none."""
    trimmed = email.str.strip_chars().str.to_lowercase()
    return pl.when(trimmed.str.len_bytes() > 0).then(trimmed)


def email_valid(email: pl.Expr) -> pl.Expr:
    """Whether it looks like an address: something, @, something with a dot; null if none."""
    return address(email).str.contains(load("data_quality")["email"]["pattern"])


def same_name(name: pl.Expr, region: pl.Expr) -> pl.Expr:
    """Name and region as they are compared; null unless both are known."""
    words = name.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(known(name) & region.is_not_null()).then(words + "\n" + region)


def known(entry: pl.Expr) -> pl.Expr:
    """Whether a text says anything at all; false where it is null or blank."""
    return (entry.str.strip_chars().str.len_bytes() > 0).fill_null(value=False)


def twins(key: pl.Expr) -> pl.Expr:
    """The number of the group of rows with one key (Int32, from 1); null for who stands alone.

    Only keys that occur twice are ranked, so the cost is that of looking each key up once.
    """
    double = pl.when(key.is_not_null() & key.is_duplicated()).then(key)
    return double.rank("dense").cast(pl.Int32)


def usable(phone: pl.Expr, email: pl.Expr) -> dict[str, pl.Expr]:
    """What two files are compared by: only what can be used, a placeholder makes no twins."""
    keys: dict[str, Any] = {
        "phone_twin": pl.when(phone_valid(phone)).then(digits(phone)),
        "email_twin": pl.when(email_valid(email)).then(address(email)),
    }
    return keys
