"""The marts of the voice page beside survey_facts: answers, themes of comments, feedback, needs."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw
import polars as pl

from dashboard.facts import Customers
from dashboard.inputs import Clock, Tables
from metrics.numbering import NUMBER, with_numbers
from metrics.voice import aspects, drivers, themes

_ANSWER = ("response_id", "customer_id", "answered_on", "nps", "csat", "channel", "scenario")
_FEEDBACK = (
    *("feedback_id", "customer_id", "created_on", "source", "kind", "grade"),
    *("valid", "adopted_on"),
)
_NEED = ("need_id", "customer_id", "need", "source", "identified_on", "confirmed_need")


def voice_marts(
    tables: Tables,
    known: pl.LazyFrame,
    company: Customers,
    clock: Clock,
    tickets: pl.LazyFrame,
    comments: pl.LazyFrame,
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Marts by name: answer_facts, comment_terms, feedback_facts, need_facts.

    At 2 million customers: one pass over 6 million answers and one over 5 million tickets, of which
    memory holds number, day and a few flags; `drivers.events_before` and `themes.comment_terms` say
    what they cost.

    Args:
        tables: The contract tables.
        known: customer_mart.
        company: Everybody by number.
        clock: When figures are judged.
        tickets: ticket_facts.
        comments: The mart, latest first.
    """
    yield "answer_facts", _answers(tables, known, company, tickets)
    yield "comment_terms", _terms(comments)
    numbers = tables.engine.lend(company.numbers)
    for name, (table, columns, day, last) in {
        "feedback_facts": ("feedback", _FEEDBACK, "created_on", clock.day("feedback")),
        "need_facts": ("needs", (*_NEED, "confirmed_on"), "identified_on", clock.day("needs")),
    }.items():
        rows = nw.from_native(tables.events(table)).select(columns)
        before = rows.filter(nw.col(day) <= last).to_native()
        ordered = tables.engine.in_order(with_numbers(before, numbers), (day, columns[0]))
        yield name, company.dimensions.beside(ordered, day=pl.col(day))


def _answers(
    tables: Tables, known: pl.LazyFrame, company: Customers, tickets: pl.LazyFrame
) -> pl.LazyFrame:
    """Every answer with what came before it, what came after it, and what its customer pays."""
    columns = (*_ANSWER, *aspects.servqual(), *aspects.subjects())
    rows = nw.from_native(tables.events("survey_responses")).select(columns)
    answered = rows.filter(~nw.col("answered_on").is_null()).to_native()
    numbers = tables.engine.lend(company.numbers)
    order = ("answered_on", "response_id")
    ordered = tables.engine.in_order(with_numbers(answered, numbers), order)
    asked = ordered.select(pl.col(NUMBER).alias("customer_id"), "answered_on", "nps").collect()
    people = company.numbers.lazy().join(
        known.select("customer_id", "first_order_on", revenue="revenue_12m"),
        on="customer_id",
        how="left",
        validate="1:1",
        maintain_order="left",
    )
    paid = people.select("first_order_on", "revenue").collect()
    beside = drivers.events_before(asked, _tickets(tickets, company), paid["first_order_on"])
    beside = beside.with_columns(
        next_nps_on=drivers.next_days(asked),
        revenue=paid["revenue"].gather(asked["customer_id"]),
    )
    place = pl.col("_place")
    told = ordered.with_row_index("_place").with_columns(
        pl.lit(column).gather(place).alias(column.name) for column in beside
    )
    return company.dimensions.beside(told.drop("_place"), day=pl.col("answered_on"))


def _tickets(tickets: pl.LazyFrame, company: Customers) -> pl.DataFrame:
    """The tickets of known customers, by number."""
    rows = tickets.select("customer_id", "created_on", "kind", "sla_state")
    by_number = rows.join(company.numbers.lazy(), on="customer_id", how="inner")
    return by_number.drop("customer_id").rename({NUMBER: "customer_id"}).collect()


def _terms(comments: pl.LazyFrame) -> pl.LazyFrame:
    """The latest comments: one row each with no term, and one for each of their terms."""
    covered = comments.head(themes.latest()).with_columns(tone=themes.tone()).with_row_index("row")
    read = covered.collect()
    terms = themes.comment_terms(read["comment"])
    every = pl.concat([read.select("row", term=pl.lit(None, pl.String)), terms])
    rest = read.drop("comment", "invited_on", "survey", "nps", "csat", "nps_group", "name")
    told = every.lazy().join(rest.lazy(), on="row", how="left", validate="m:1")
    return told.sort("row", "term", nulls_last=False).drop("row", "sampled")
