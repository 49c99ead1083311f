"""Every list holds as many rows as the number says that it explains, whatever is filtered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest

from dashboard import data
from dashboard.answers import (
    lifecycle,
    lifecycle_headline,
    lifecycle_rows,
    service,
    service_promises,
    service_rows,
    survival,
    survival_rows,
    tier_customers,
    tiers,
    voice,
    voice_rows,
)
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from metrics.revenue import is_purchase
from metrics.selection import Selection
from tests.conftest import Installation

Expected = Iterator[tuple[str, pl.LazyFrame, int]]
FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "everybody": {},
    "tier": {"tier": ("high", "mid")},
    "stage": {"stage": ("warning", "churned")},
    "region": {"region": ("east_china",), "acquisition_channel": ("search",)},
}


VIEWS = [
    *(("demo", period, name) for period in ("month", "last_quarter", "year") for name in FILTERS),
    ("real", "last_quarter", "everybody"),
    ("real", "year", "tier"),
]


@pytest.fixture(params=VIEWS, ids=" ".join)
def view(request: pytest.FixtureRequest, opened: Callable[[Installation], None]) -> View:
    company, period, name = request.param
    opened(request.getfixturevalue(company))
    return chosen(period, name)


def chosen(period: str, name: str) -> View:
    """A period and one of `FILTERS` of the company that is open."""
    some = Selection(tuple(FILTERS[name].items()))
    return View(data.current_version(), LOCAL_ADMINISTRATOR, period, "previous", some)


def assert_counts(expected: Expected) -> None:
    named = list(expected)
    assert named
    found = pl.collect_all([frame.select(pl.len()) for _, frame, _ in named])
    lists = {name: rows.item() for (name, _, _), rows in zip(named, found, strict=True)}
    assert lists == {name: number for name, _, number in named}


def test_lists_of_the_tiers_page(view: View):
    def expected() -> Expected:
        for row in tiers.moved(view).iter_rows(named=True):
            move = tier_customers.pair(row["from_tier"], row["to_tier"])
            if row["customers"]:
                yield move, tier_customers.customers(view, move), row["customers"]
        for move in ("up", "down", "new"):
            yield move, tier_customers.customers(view, move), tiers.turns(view)[move]
        for tier, row in tiers.mix_at_end(view).items():
            yield tier, tier_customers.in_tier(view, tier), row["customers"]
        for cut, customers in tiers.cut_offs(view).select("cut_off", "customers").rows():
            yield str(cut), tier_customers.above(view, cut), customers

    assert_counts(expected())


def test_lists_of_the_lifecycle_page(view: View):
    def expected() -> Expected:
        cards = lifecycle_headline.headline(view)
        yield "active", lifecycle_rows.active(view), int(cards["active_customers"].value or 0)
        yield "new", lifecycle_rows.won(view), int(cards["new_customers"].value or 0)
        for row in lifecycle.steps(view).iter_rows(named=True):
            step = row["step"]
            yield step, lifecycle_rows.reached(view, step), row["customers"]
            if step == "first":
                continue
            missed = row["judged"] - row["converted"]
            numbers = (row["converted"], missed, row["too_young"])
            for case, number in zip(lifecycle_rows.VERDICTS, numbers, strict=True):
                yield f"{step} {case}", lifecycle_rows.stands(view, step, case), number
        for days, converted in lifecycle.waits(view).select("days", "converted").rows():
            yield f"{days} days", lifecycle_rows.again_within(view, days), converted
        for row in lifecycle.retained_in_window(view).tail(2).iter_rows(named=True):
            for retained in (True, False):
                number = row["retained"] if retained else row["base"] - row["retained"]
                rows = lifecycle_rows.base_of(view, row["bucket"], retained=retained)
                yield f"{row['bucket']} {retained}", rows, number

    assert_counts(expected())


def test_cells_of_the_heat_map(view: View):
    def expected() -> Expected:
        table = lifecycle.cohorts(view)
        for row in table.gather_every(max(table.height // 12, 1)).iter_rows(named=True):
            cohort, age = row["cohort"], row["age"]
            yield (
                f"{cohort} {age} bought",
                lifecycle_rows.cohort(view, cohort, age, bought=True),
                row["active"],
            )
            yield (
                f"{cohort} {age} not",
                lifecycle_rows.cohort(view, cohort, age, bought=False),
                (row["customers"] or 0) - row["active"],
            )

    assert_counts(expected())


@pytest.mark.parametrize("measure", list(voice_rows.GROUPS))
def test_lists_of_the_voice_page(measure: str, view: View):
    whole = voice_rows.Cut(measure)
    counted = voice_rows.counted(view, whole)
    assert_counts(
        (name, voice_rows.rows(view, whole, name), number) for name, number in counted.items()
    )
    n = voice.headline(view)[measure].n or 0
    parts = {"nps": ("all",), "csat": ("all",), "response_rate": ("answered", "unanswered")}
    assert sum(counted[name] for name in parts[measure]) == n


@pytest.mark.parametrize("grain", list(voice.GRAINS))
def test_points_of_the_trends_of_the_voice_page(grain: str, view: View):
    pairs = {
        "nps": {"all": "responses", "promoter": "promoters", "detractor": "detractors"},
        "csat": {"all": "rated", "satisfied": "satisfied"},
        "response_rate": {"answered": "answered"},
    }
    for measure, names in pairs.items():
        for row in voice.over_time(view, measure, grain).tail(4).iter_rows(named=True):
            cut = voice_rows.Cut(measure, row["bucket"].isoformat(), grain)
            counted = voice_rows.counted(view, cut)
            assert {name: counted[name] for name in names} == {
                name: row[column] for name, column in names.items()
            }


@pytest.mark.parametrize("dimension", ["tier", "segment", "channel", "region"])
def test_bars_of_the_voice_page(dimension: str, view: View):
    for row in voice.by_group(view, dimension).iter_rows(named=True):
        for measure, column in (("nps", "responses"), ("csat", "rated")):
            cut = voice_rows.Cut(measure, dimension=dimension, value=row[dimension])
            assert voice_rows.counted(view, cut)["all"] == row[column]


def test_scores_add_up_to_their_groups(view: View):
    counted = voice_rows.counted(view, voice_rows.Cut("nps"))
    scores = dict(voice.distribution(view).select("score", "responses").rows())
    assert {score: counted[f"{score}"] for score in range(11)} == scores
    assert counted["detractor"] == sum(scores[score] for score in range(7))


def test_open_tickets_of_every_age(view: View):
    def expected() -> Expected:
        frame = service.backlog(view)
        for row in frame.iter_rows(named=True):
            age = row["age"]
            yield age, service_rows.opened(view, age, overdue=False), row["tickets"]
            yield f"{age} overdue", service_rows.opened(view, age, overdue=True), row["missed"]
        everything = service_rows.opened(view, service_rows.ALL, overdue=False)
        yield "all", everything, frame["tickets"].sum()

    assert_counts(expected())


def test_lists_of_every_clock(view: View):
    for clock in service.clocks(view):
        how = service.verdict(clock)

        def agrees(cut: service_rows.Cut, row: dict[str, int], how: service.Verdict = how) -> None:
            counted = service_rows.counted(view, cut)
            assert (counted["met"], counted["missed"]) == (row[how.met], row[how.missed])
            listed = service_rows.judged(view, cut, "missed").select(pl.len()).collect().item()
            assert listed == row[how.missed]

        for grain in service.GRAINS:
            for row in service.over_time(view, clock, grain).tail(2).iter_rows(named=True):
                agrees(service_rows.Cut(clock, row["bucket"].isoformat(), grain), row)
        for dimension in ("grade", "channel"):
            for row in service.by_group(view, clock, dimension).iter_rows(named=True):
                agrees(service_rows.Cut(clock, dimension=dimension, value=row[dimension]), row)


def test_lists_of_every_promise(view: View):
    if service.clocks(view) == (service.SOURCE,):
        return
    for row in service_promises.by_promise(view).iter_rows(named=True):
        cut = service_rows.Cut("overall", dimension="promise", value=row["key"])
        told = {state: row.get(state, 0) for state in service_rows.STATES}
        assert service_rows.counted(view, cut) == told


def test_tickets_of_every_cause_of_a_difference(view: View):
    assert_counts(
        (cause, service_rows.compared(view, cause), n)
        for cause, n in service_promises.differences(view).items()
    )


def test_tickets_on_which_the_source_and_we_agree_or_not(view: View):
    counts = service.agreement(view).row(0, named=True)
    assert_counts(
        (case, service_rows.compared(view, case), counts[case]) for case in service_rows.AGREEMENTS
    )


@pytest.mark.parametrize("dimension", survival.DIMENSIONS)
def test_customers_of_every_curve(dimension: str, view: View):
    found = survival.comparison(view, dimension)
    if found is None:
        return
    assert_counts(
        (str(group), survival_rows.customers(view, dimension, group), customers)
        for group, customers in found.means.select("group", "customers").rows()
    )


def test_rows_carry_who_cannot_be_named(opened: Callable[[Installation], None], demo: Installation):
    """Anonymous tickets and customers deleted since are counted, so they are listed: as a dash."""
    opened(demo)
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())
    cut = service_rows.Cut("overall")
    tickets = service_rows.judged(view, cut, "met").collect()
    assert 0 < tickets["customer"].null_count() < tickets.height
    gone = data.frame(view, "customers").filter(pl.col("deleted_on").is_not_null())
    bought = data.frame(view, "orders").filter(is_purchase())
    deleted = gone.join(bought, on="customer_id", how="semi").select(pl.len()).collect().item()
    months = lifecycle.cohorts(view)["cohort"].unique()
    cohorts = [lifecycle_rows.cohort(view, month, 0, bought=True) for month in months]
    listed = pl.concat(cohorts).select("customer_id", "name").collect()
    assert listed["customer_id"].null_count() == listed["name"].null_count() == deleted > 0


def test_rows_are_those_of_the_reader(opened: Callable[[Installation], None], demo: Installation):
    opened(demo)
    reader = Principal("lead", "success_lead", regions=("east_china",))
    view = View(data.current_version(), reader, "year", "previous", Selection())
    for rows in (
        lifecycle_rows.active(view),
        tier_customers.customers(view, "down"),
        survival_rows.customers(view, "segment", "retail"),
    ):
        assert rows.select(pl.col("region").unique()).collect()["region"].to_list() == [
            "east_china"
        ]
    named = service_rows.opened(view, service_rows.ALL, overdue=False).collect()
    assert set(named["region"].drop_nulls()) <= {"east_china"}
