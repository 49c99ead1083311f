"""What comments are about: words and pairs of words, and which of them go with bad scores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl
import rjieba

from metrics.intervals import Z95
from metrics.rules import load

LOW, MIDDLE, HIGH = "low", "middle", "high"
_HAN = re.compile(r"[一-鿿]")
_WORD = re.compile(r"[^\W\d_]")
_SCHEMA = {"row": pl.UInt32, "term": pl.String}


@cache
def _rule() -> dict[str, Any]:
    return load("surveys")["themes"]


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(word for words in load("stop_words").values() for word in words)


def latest() -> int:
    """Of how many comments, the latest, themes are told."""
    return _rule()["comments"]


def tone() -> pl.Expr:
    """What the score beside a comment says: low (a detractor), middle, high (a promoter).

    Without a recommendation the satisfaction decides: 1 to 3, 4, 5. Null without either.
    """
    nps, csat = pl.col("nps"), pl.col("csat")
    low = pl.when(nps.is_null()).then(csat <= 3).otherwise(nps <= 6)
    high = pl.when(nps.is_null()).then(csat >= 5).otherwise(nps >= 9)
    middle = low.is_not_null() | high.is_not_null()
    return (
        pl.when(low)
        .then(pl.lit(LOW))
        .when(high)
        .then(pl.lit(HIGH))
        .when(middle)
        .then(pl.lit(MIDDLE))
    )


def terms_of(comment: str) -> Iterator[str]:
    """The words of a comment that may name a theme, and pairs of neighbours, each as it occurs.

    Chinese is cut into words by jieba's dictionary, other scripts at spaces; all in small letters.
    Words of one Chinese character, or of two letters, digits, marks and stop words are left out,
    and nothing is paired across them.
    """
    before = ""
    for word in rjieba.cut(comment.lower()):
        if word == " ":
            continue
        if not _names(word):
            before = ""
            continue
        yield word
        if before:
            yield f"{before}{_between(before, word)}{word}"
        before = word


def _names(word: str) -> bool:
    least = 2 if _HAN.search(word) else 3
    return len(word) >= least and bool(_WORD.search(word)) and word not in _stop_words()


def _between(before: str, word: str) -> str:
    return "" if _HAN.search(before) and _HAN.search(word) else " "


def comment_terms(comments: pl.Series) -> pl.DataFrame:
    """The terms that are in enough comments, once for each comment they are in.

    Of 200,000 comments 3 s of processor time, 0.2 GB and 1.2 million rows.

    Args:
        comments: Untrusted text.

    Returns:
        One row per comment and term, sorted: row (of the comment), term.
    """
    rows = [(row, term) for row, each in enumerate(comments) for term in set(terms_of(each or ""))]
    found = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    sizes = found.group_by("term").len().filter(pl.col("len") >= _rule()["fewest"])
    told = sizes.sort("len", "term", descending=[True, False]).head(_rule()["most"])
    return found.join(told, on="term", how="semi").sort("row", "term")


def themes(terms: pl.DataFrame, comments: dict[str, int]) -> pl.DataFrame:
    """How much more often unhappy customers use a term than happy ones.

    The odds of a term in comments beside low scores ÷ those beside high ones, with half a comment
    added to each cell; the interval is exp(log ± 1.96 √Σ 1 ÷ cell).

    Args:
        terms: term, and the comments with it: low, high, comments (any tone).
        comments: All comments of each tone.

    Returns:
        The terms without those that stand within a longer one nearly as often as at all, with
        low_share, high_share (0 to 1; null without such comments), odds, odds_low, odds_high, side
        (low or high where the interval excludes 1, else null); most telling first.
    """
    whole = {name: comments.get(name, 0) for name in (LOW, HIGH)}
    kept = _without_parts(terms)
    cells = [
        cell
        for name in (LOW, HIGH)
        for cell in (pl.col(name) + 0.5, whole[name] - pl.col(name) + 0.5)
    ]
    log = (cells[0] / cells[1] / (cells[2] / cells[3])).log()
    half = Z95 * pl.sum_horizontal(1 / cell for cell in cells).sqrt()
    asked = pl.lit(all(whole.values()))
    told = kept.with_columns(
        **{f"{name}_share": pl.col(name) / (n or None) for name, n in whole.items()},
        odds=pl.when(asked).then(log.exp()),
        odds_low=pl.when(asked).then((log - half).exp()),
        odds_high=pl.when(asked).then((log + half).exp()),
    )
    low, high = pl.col("odds_low") > 1, pl.col("odds_high") < 1
    side = pl.when(low).then(pl.lit(LOW)).when(high).then(pl.lit(HIGH))
    surest = pl.max_horizontal("odds_low", 1 / pl.col("odds_high"))
    return told.with_columns(side=side).sort(
        surest, "comments", "term", descending=[True, True, False], nulls_last=True
    )


def grouped(found: pl.DataFrame, said: pl.DataFrame, most: int) -> pl.DataFrame:
    """The first themes, those said in the same comments as one theme.

    Args:
        found: Of `themes`; the first are kept.
        said: term and response_id of these terms.
        most: How many themes.

    Returns:
        The rows of the first term of each theme with `with` (the next term of nearly the same
        comments, null if there is none).
    """
    comments = dict(said.group_by("term").agg("response_id").iter_rows())
    chosen: dict[str, set[str]] = {}
    beside: dict[str, str] = {}
    for term in found["term"]:
        mine = set(comments.get(term, ()))
        share = _rule()["contained"]
        same = (name for name, other in chosen.items() if len(mine & other) >= share * len(mine))
        first = next(same, None)
        if first is not None:
            beside.setdefault(first, term)
        elif len(chosen) < most:
            chosen[term] = mine
    kept = found.filter(pl.col("term").is_in(list(chosen)))
    named = pl.col("term").replace_strict(beside, default=None, return_dtype=pl.String)
    return kept.with_columns(named.alias("with"))


def _without_parts(terms: pl.DataFrame) -> pl.DataFrame:
    sizes = dict(terms.select("term", "comments").iter_rows())
    share = _rule()["contained"]
    parts = {
        part
        for longer, n in sizes.items()
        for part in _parts(longer, sizes)
        if n >= share * sizes[part]
    }
    return terms.filter(~pl.col("term").is_in(sorted(parts)))


def _parts(longer: str, sizes: dict[str, int]) -> Iterator[str]:
    for cut in range(2, len(longer) - 1):
        for part in (longer[:cut].strip(), longer[cut:].strip()):
            if part in sizes:
                yield part
