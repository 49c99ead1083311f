"""The risk of churn at past month ends: today's model looking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.calendar import Grain, first_day, shift_months
from metrics.churn.landmarks import LandmarkRule, first_purchase
from metrics.churn.model import ChurnModel
from metrics.churn.past import bought_until, past_risks
from metrics.churn.purchases import Buyers
from metrics.churn.summary import recent_win_back_counts, risk_counts, win_back_counts
from metrics.churn.tables import CrmTables
from metrics.churn.win_back import win_back_days
from metrics.customer_days import CustomerDays
from metrics.dimensions import today
from metrics.rules import load
from metrics.tiers.history import known_from
from metrics.tiers.versions import Histories

COUNTS = (*risk_counts(), *win_back_counts(), *recent_win_back_counts())
# Not the stage: today's follows from what came after, so it cannot choose customers of the past.
GROUPS = ("tier", "segment", "region", "owner_id", "acquisition_channel")
_DAY = timedelta(days=1)


def risk_months(
    tables: CrmTables,
    model: ChurnModel | None,
    customers: pl.LazyFrame,
    histories: Histories,
    *,
    as_of: date,
    contracts: ChurnModel | None = None,
    programme_start: date | None = None,
) -> dict[str, pl.DataFrame]:
    """Counts of the risk states at the last month ends, and at `as_of` (mart).

    The probabilities of every day are those of the model given, which is today's: what it would
    have said of the rows known then. So the months differ because customers differ, never because
    the model does; and they are not what an earlier refresh has shown. Statuses of orders and the
    dimensions besides the tier are today's, too: a CRM keeps no history of them. Customers deleted
    since are counted as long as they were there. Not by stage: among those who are loyal today
    hardly anybody was at risk a year ago.

    The tier is that of the day. Who came back is counted under the tier known when he counted as
    churned: coming back brings revenue and raises the tier, so by the later tier every high one
    would win back nearly everybody.

    Cost: two passes over the orders and one over every other table, for all days together, a range
    of customers after the other; see `past_risks`.

    Args:
        tables: The CRM.
        model: Today's, or None: then nobody is scored.
        customers: customer_id (unique; deleted ones included) and today's dimensions.
        histories: tier_history of each scheme.
        as_of: Last day of the data, inclusive.
        contracts: Today's model of customers under contract, or None.
        programme_start: Its `baseline_days` are told as well; None: there is no programme.

    Returns:
        By scheme: one row per day × groups that occurs: day (Date; the state is that at its
        close), the groups (String), mean_gap_days (usual days between purchases of everybody,
        known then; the same in all rows of a day, so that one customer's past can be told alone),
        buyers, scored, at_risk, revenue_at_risk (minor units; 0 where nobody is scored), churned,
        lapsed (churned 90 days before, and still there), came_back (of those); lapsed_lately,
        back_soon (of those who had left within the 90 days before); the counts Int64, additive.
        Sorted by day and groups.
    """
    tables, _ = tables.loaded().without_empty()
    first = first_purchase(tables.purchases())
    days = history_days(first, as_of=as_of, programme_start=programme_start)
    people = today(customers, GROUPS[1:]).collect()
    cells = people.select(GROUPS[1:]).unique().with_row_index("cell")
    who = people.join(cells, on=GROUPS[1:], nulls_equal=True).select("customer_id", "cell").lazy()
    compact = {code: _compact(history) for code, history in histories.items()}

    def counted(buyers: Buyers, rows: pl.DataFrame) -> pl.DataFrame:
        of = {code: history.filter(buyers.within) for code, history in compact.items()}
        return _counts(buyers, rows, who.filter(buyers.within), of)

    bought = bought_until(tables, days)
    gaps = pl.DataFrame(
        {"day": days, "mean_gap_days": [bought.means[day] for day in days]},
        schema={"day": pl.Date, "mean_gap_days": pl.Float64},
    )
    rows = (
        pl.concat(past_risks(tables, model, days, counted, bought=bought, contracts=contracts))
        .group_by("scheme", "as_of", "tier", "cell")
        .agg(pl.col(COUNTS).sum())
        .join(cells, on="cell", how="left", validate="m:1")
        .rename({"as_of": "day"})
        .join(gaps, on="day", how="left", validate="m:1")
        .select("scheme", "day", "tier", *GROUPS[1:], "mean_gap_days", *COUNTS)
        .sort("scheme", "day", *GROUPS, nulls_last=True)
    )
    return {code: rows.filter(scheme=code).drop("scheme") for code in histories}


def _compact(history: pl.LazyFrame) -> pl.LazyFrame:
    """A history with its tiers as numbers."""
    tiers = history.select(pl.col("tier").drop_nulls().unique().sort()).collect().to_series()
    return history.with_columns(pl.col("tier").cast(pl.Enum(tiers)))


def baseline_days(programme_start: date | None) -> list[date]:
    """The ends of the four quarters of the year before a programme, ascending.

    Who came back is told of the 90 days up to a day, so that these four tell of the year.
    """
    if programme_start is None:
        return []
    return [shift_months(programme_start, -months) - _DAY for months in (9, 6, 3, 0)]


def history_days(
    first_on: date | None, *, as_of: date, programme_start: date | None = None
) -> list[date]:
    """The month ends before `as_of` that the data can judge, ascending, and `as_of` itself.

    With a programme its `baseline_days`, too, however long ago: what is frozen must stay known.

    A month end needs a year of orders up to it. With less, revenue at risk is too low, old
    customers look like a wave of new ones, and those with slow rhythms cannot have churned: on
    Online Retail customers at risk would seem to halve within half a year.
    """
    needed = timedelta(days=LandmarkRule.standard().at_risk_days - 1)  # both ends count
    days = sorted(
        {*last_days(as_of), *(day for day in baseline_days(programme_start) if day < as_of)}
    )
    return [day for day in days if day == as_of or (first_on and day - first_on >= needed)]


def last_days(as_of: date) -> list[date]:
    """The month ends before `as_of` that are told of, ascending, and `as_of` itself."""
    days = [as_of]
    for _ in range(month_ends()):
        days.insert(0, first_day(days[0], Grain.MONTH) - _DAY)
    return days


def month_ends() -> int:
    """How many month ends before today are told (`churn.toml`), beside those of a baseline."""
    return int(load("churn")["history"]["month_ends"])


def _counts(
    buyers: Buyers, rows: pl.DataFrame, who: pl.LazyFrame, histories: Histories
) -> pl.DataFrame:
    """The counts of every day over a range of customers, once for each scheme."""
    order = buyers.ids.to_frame("customer_id").lazy()
    cell = order.join(who, on="customer_id", how="left", maintain_order="left").collect()["cell"]
    known = rows.lazy().with_columns(cell=pl.lit(cell).gather("customer_id"))
    days = rows["as_of"].unique().sort().to_list()
    counts = [
        part.with_columns(pl.col("tier").cast(pl.String), scheme=pl.lit(code))
        for code, history in histories.items()
        for part in _by_tier(buyers, known, history, days)
    ]
    return pl.concat(counts, how="diagonal").collect()


def _by_tier(
    buyers: Buyers, known: pl.LazyFrame, history: pl.LazyFrame, days: list[date]
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The counts by one scheme: of the day's tier, and of come-backs by the tier before them."""
    back = timedelta(days=win_back_days())
    now = _tiers(buyers, history.rename({"month": "from"}), days)
    then = _tiers(buyers, known_from(history), [day - back for day in days])
    gone = known.filter(pl.col("lapsed").fill_null(value=False))
    by = ("as_of", "tier", "cell")
    return (
        known.with_columns(tier=_of(now, days)).group_by(by).agg(**risk_counts()),
        gone.with_columns(tier=_of(then, days))
        .group_by(by)
        .agg(**win_back_counts(), **recent_win_back_counts()),
    )


def _tiers(buyers: Buyers, history: pl.LazyFrame, days: Sequence[date]) -> pl.Series:
    """The tier of each buyer on each of the days: buyer by buyer, and of one day by day.

    Args:
        buyers: Of a range.
        history: Of the range: customer_id, tier, from (Date).
        days: The days, ascending.
    """
    order = pl.DataFrame({"customer_id": buyers.ids}).with_row_index("_buyer").lazy()
    rows = history.join(order, on="customer_id").with_row_index("row").collect()
    events = rows.select("from", "row", customer_id="_buyer")
    changes = CustomerDays.of(events, "from", "row")
    return rows["tier"].gather(changes.latest(changes.until(*buyers.moments(days)), "row"))


def _of(tiers: pl.Series, days: Sequence[date]) -> pl.Expr:
    """The tier of a row's customer on its day, of those of `_tiers`."""
    day = pl.col("as_of").replace_strict(days, range(len(days)), return_dtype=pl.UInt32)
    return pl.lit(tiers).gather(pl.col("customer_id") * len(days) + day)
