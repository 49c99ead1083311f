"""Personal entries as they may be shown: enough to recognise them, too little to use them."""

from __future__ import annotations

import polars as pl

from metrics.profiles.details import address, digits

_HIDDEN = "***"
_LEAST = 9  # digits of which three and four may be shown


def phone(entry: pl.Expr) -> pl.Expr:
    """`138****5678`; a number too short to hide anything in it is `***`, none is null."""
    number = digits(entry)
    shown = number.str.head(3) + "****" + number.str.tail(4)
    short = pl.when(entry.is_not_null()).then(pl.lit(_HIDDEN))
    return pl.when(number.str.len_bytes() >= _LEAST).then(shown).otherwise(short)


def email(entry: pl.Expr) -> pl.Expr:
    """`o***@c1.example`; what is no address is `***`, none is null."""
    text = address(entry)
    shown = text.str.head(1) + _HIDDEN + text.str.extract(r"(@[^@\s]+)$")
    return pl.when(text.is_not_null()).then(shown.fill_null(pl.lit(_HIDDEN)))
