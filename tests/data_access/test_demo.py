"""The demo company: deterministic, in contract form, and true to its own truth."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from data_access import schema
from data_access.bulk_load import fill, write_database, write_sqlite
from data_access.contract import TABLES
from data_access.demo import dirt
from data_access.demo.build import build
from data_access.demo.comments import CHINESE, ENGLISH, GROUP_SIZES
from data_access.demo.generate import (
    AS_OF,
    Chunk,
    count_chunks,
    generate,
    generate_chunk,
    generate_chunks,
)
from data_access.demo.seasons import seasons
from data_access.demo.truth import ACQUISITION_CHANNELS, CLASSES, DEMO, SUBJECTS, Truth
from data_access.door import admit
from data_access.extract import extract
from data_access.snapshot import SnapshotStore

CUSTOMERS = 2_000
FIRST_DAY = datetime(2023, 10, 31, 16, tzinfo=UTC)  # 1 November 2023 in Shanghai


@pytest.fixture(scope="module")
def small() -> Chunk:
    return next(generate_chunks(CUSTOMERS))


@pytest.fixture(scope="module")
def large() -> Chunk:
    """Enough customers for rates to be told apart."""
    return next(generate_chunks(12_000, seed=11))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "crm.sqlite"
    return path, build(path, CUSTOMERS)


def clean_orders(chunk: Chunk) -> pl.DataFrame:
    return (
        chunk.tables["orders"]
        .filter(pl.col("ordered_at") <= AS_OF, pl.col("customer_id").str.starts_with("C"))
        .unique("order_id")
    )


FIRST = (  # the tables of the first release, and the columns that came to them later
    *("feeds", "employees", "customers", "orders", "order_lines", "interactions", "tickets"),
    *("ticket_events", "survey_responses", "campaigns", "campaign_members", "budgets"),
    *("budget_lines", "expenses"),
)
ADDED = {
    "employees": ("role", "vendor", "left_on"),
    "tickets": ("bot", "first_contact", "cause", "desk"),
    "customers": (
        *("kind", "phone", "email", "address", "born_on", "preferred_channel"),
        *("preferred_product", "service_need", "profile_updated_at", "marketing_consent"),
        "acquisition_cost",
    ),
    "campaigns": (
        *("objective", "target_group", "planned_reach", "lead_department", "resources"),
        *("supporting_departments", "budget", "spent", "reviewed_at"),
    ),
    "campaign_members": ("participated_at", "form", "channels", "satisfaction"),
    "interactions": (
        *("content", "positioning", "personalised", "standard_met", "delivered", "opened"),
        *("clicked", "converted", "cost", "talk_seconds", "script", "rule"),
        *("answered", "waited_seconds"),
    ),
    "budget_lines": ("fixed", "phasing", "quantity", "note"),
    "expenses": ("quantity", "approved_by"),
    "survey_responses": (
        *("scenario", "tangibles", "reliability", "responsiveness", "assurance", "empathy"),
        *("product", "service", "communication"),
    ),
    "ticket_events": ("grade",),
}


# ---- deterministic, in contract form


def test_same_seed_gives_the_same_rows(small):
    again = next(generate_chunks(CUSTOMERS))
    for name, frame in small.tables.items():
        assert_frame_equal(again.tables[name], frame)
    assert_frame_equal(again.truth, small.truth)


def test_the_company_has_not_changed_since_its_first_release(small):
    """Screenshots, documents and figures of the truth are of these rows, to the last byte.

    Whatever is added must leave the rest as it was.
    """
    first = {
        name: small.tables[name].drop(
            *(column for column in small.tables[name].columns if column in ADDED.get(name, ()))
        )
        for name in FIRST
    }
    for name in ("campaigns", "campaign_members"):  # two examples came later
        first[name] = first[name].filter(~pl.col("campaign_id").is_in(["K21", "K22"]))
    first["feeds"] = first["feeds"].filter(pl.col("table_name").is_in(FIRST))
    verdict = pl.lit(None, pl.Boolean)  # was empty, and so were the events from number 10 on
    first["tickets"] = first["tickets"].with_columns(source_sla_met=verdict)
    first["ticket_events"] = first["ticket_events"].filter(pl.col("event_number") < 10)
    welcome = pl.col("purpose") == "onboarding"  # now after the order that was placed
    first["interactions"] = first["interactions"].with_columns(
        pl.when(~welcome).then(pl.col("occurred_at", "updated_at"))
    )
    frames = (*first.values(), small.truth)
    text = "".join(frame.write_csv() for frame in frames)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "28b5744683460457"


def test_some_have_contracts_that_end_with_them(large):
    held = large.tables["contracts"]
    joined = held.join(large.truth, on="customer_id", validate="m:1")
    share = joined.group_by("value_class").len().join(
        large.truth.group_by("value_class").len(), on="value_class"
    ).select("value_class", pl.col("len") / pl.col("len_right"))  # fmt: skip
    shares = dict(share.iter_rows())
    assert shares["high"] > 2 * shares["mid"] > 2 * shares["basic"] > 0
    left = joined.filter(pl.col("churned_at") < pl.col("ended_at").max() - pl.duration(days=60))
    assert left.height > 100
    after = (left["ended_at"] - left["churned_at"]).dt.total_days()
    assert after.null_count() == 0
    assert after.max() <= 45
    assert (held["ended_at"] > held["started_at"]).drop_nulls().all()
    assert 0.2 < held["ended_at"].is_not_null().mean() < 0.7


def test_a_busier_company_has_that_many_times_the_events(small):
    busy = DEMO.busier(orders=1.5, contacts=1.3, tickets=1.2, answers=1.4)
    more = next(generate_chunks(CUSTOMERS, truth=busy)).tables

    def times(table: str, column: str) -> float:
        return more[table][column].count() / small.tables[table][column].count()

    assert times("orders", "order_id") == pytest.approx(1.5, abs=0.05)
    assert 1.15 < times("interactions", "interaction_id") < 1.3  # the customers' own are as many
    assert times("tickets", "ticket_id") == pytest.approx(1.2, abs=0.05)
    assert times("survey_responses", "answered_at") == pytest.approx(1.4, abs=0.15)
    met = "preferred_channel"  # the one they are met on most
    assert more["customers"].drop(met).equals(small.tables["customers"].drop(met))


def test_another_seed_gives_another_company(small):
    other = next(generate_chunks(CUSTOMERS, seed=8))
    assert not other.tables["customers"]["name"].equals(small.tables["customers"]["name"])
    assert other.tables["orders"].height != small.tables["orders"].height


def test_a_chunk_does_not_depend_on_the_chunks_after_it():
    alone = list(generate(300, chunk=300))
    first, second = generate(600, chunk=300)
    for name, frame in alone[0].items():
        assert_frame_equal(first[name], frame)
    assert second["employees"].is_empty()
    assert second["budget_lines"].is_empty()
    assert second["customers"]["customer_id"].min() == "C0000301"


def test_a_chunk_made_alone_is_the_one_made_in_turn():
    chunks = list(generate(700, chunk=300))
    assert count_chunks(700, chunk=300) == len(chunks) == 3
    for number, chunk in enumerate(chunks):
        alone = generate_chunk(number, 700, chunk=300).tables
        for name, frame in chunk.items():
            assert_frame_equal(alone[name], frame)


@pytest.mark.parametrize(
    ("table", "key"),
    [("orders", "order_id"), ("tickets", "ticket_id"), ("survey_responses", "response_id")],
)
def test_ids_of_two_chunks_do_not_meet(table, key):
    first, second = generate(600, chunk=300)
    assert not set(first[table][key]) & set(second[table][key])


@pytest.mark.parametrize("name", TABLES)
def test_columns_and_types_are_exactly_those_of_the_contract(small, name):
    contract = {column.name: column.dtype for column in TABLES[name].columns}
    assert dict(small.tables[name].schema) == contract
    assert small.tables[name].height > 0


@pytest.mark.parametrize("name", TABLES)
def test_required_values_are_there_and_codes_are_known_apart_from_the_dirt(small, name):
    for column in TABLES[name].columns:
        values = small.tables[name][column.name]
        if not column.nullable:
            assert values.null_count() == 0, column.name
        if column.values:
            strange = set(values.unique()) - set(column.values)
            assert strange <= {dirt.UNKNOWN_STATUS}, column.name


@pytest.mark.parametrize("customers", [1, 3, 40])
def test_tiny_companies_exist(customers):
    (tables,) = generate(customers)
    assert set(tables) == set(TABLES)


def test_no_customers_no_chunks():
    assert list(generate(0)) == []


@pytest.mark.parametrize("as_of", ["2024-02-29T12:00+08:00", "2030-12-31T23:59:59+00:00"])
def test_any_as_of_moment_has_three_years_before_it(as_of):
    moment = datetime.fromisoformat(as_of)
    (tables,) = generate(300, as_of=moment)
    placed = tables["orders"].filter(pl.col("ordered_at") <= moment)["ordered_at"]
    assert timedelta(days=1085) < placed.max() - placed.min() <= timedelta(days=1096)


def test_orders_begin_three_years_before_as_of_and_some_customers_are_older(small):
    placed = clean_orders(small)["ordered_at"]
    assert placed.min() >= FIRST_DAY
    older = (small.tables["customers"]["registered_at"] < FIRST_DAY).mean()
    assert 0.4 < older < 0.5  # a minority


# ---- business


def test_tiers_and_margin_are_as_in_a_review_meeting(large):
    last_year = clean_orders(large).filter(
        pl.col("ordered_at") > AS_OF - timedelta(days=365),
        pl.col("status").is_in(["completed", "returned"]),
    )
    spent = last_year.group_by("customer_id").agg(pl.col("amount", "profit").sum())
    high = (pl.col("amount") > 100_000_00) | (pl.col("profit") >= pl.col("profit").quantile(0.9))
    mix = spent.select(
        high=high.mean(),
        basic=(~high & (pl.col("amount") < 10_000_00)).mean(),
        revenue=pl.col("amount").filter(high).sum() / pl.col("amount").sum(),
    ).row(0, named=True)
    assert mix["high"] == pytest.approx(0.10, abs=0.02)
    assert mix["basic"] == pytest.approx(0.57, abs=0.05)
    assert mix["revenue"] == pytest.approx(0.61, abs=0.05)
    sold = last_year.filter(pl.col("status") == "completed", pl.col("profit").is_not_null())
    margin = sold["profit"] / sold["amount"]
    assert 0.25 < margin.quantile(0.05) < margin.quantile(0.95) < 0.45


def test_annual_retention_is_just_below_its_target(large):
    bought = clean_orders(large).filter(pl.col("status") == "completed")
    age = (pl.lit(AS_OF) - pl.col("ordered_at")).dt.total_days()
    before = bought.filter(age.is_between(365, 729))["customer_id"].unique()
    since = bought.filter(age < 365)["customer_id"].unique()
    assert 0.87 < before.is_in(since.implode()).mean() < 0.91


def test_festivals_dip_and_shopping_days_peak(large):
    day = pl.col("ordered_at").dt.convert_time_zone("Asia/Shanghai").dt.date().alias("day")
    daily = dict(clean_orders(large).group_by(day).len().iter_rows())
    usual = np.median([daily[date(2025, 4, 7) + timedelta(days=n)] for n in range(14)])
    festival = np.mean([daily[date(2026, 2, 17) + timedelta(days=n)] for n in range(7)])
    assert festival < 0.4 * usual
    assert daily[date(2025, 11, 11)] > 2 * usual
    assert daily[date(2025, 6, 18)] > 1.6 * usual


def test_promises_are_kept_about_nine_times_in_ten_and_less_at_peaks(large):
    limit = pl.min_horizontal(
        pl.col("grade").replace_strict(
            {"urgent": 10, "general": 30, "consultation": 60}, default=None
        ),
        pl.col("channel").replace_strict({"phone": 3, "email": 1440, "social": 120}, default=None),
    )
    answered = (
        large.tables["tickets"]
        .filter(pl.col("kind") != "feedback", pl.col("created_at") < AS_OF - timedelta(days=2))
        .with_columns(wait=(pl.col("first_response_at") - pl.col("created_at")).dt.total_seconds())
        .with_columns(met=(pl.col("wait") <= limit * 60).fill_null(value=False))
    )
    assert 0.90 < answered["met"].mean() < 0.95
    by_grade = dict(answered.group_by("grade").agg(pl.col("met").mean()).iter_rows())
    assert by_grade["urgent"] < by_grade["general"] < by_grade["consultation"]
    sale = pl.col("created_at").is_between(
        datetime(2025, 11, 10, tzinfo=UTC), datetime(2025, 11, 20, tzinfo=UTC)
    )
    assert answered.filter(sale)["met"].mean() < answered.filter(~sale)["met"].mean() - 0.05


def test_some_tickets_are_still_open(small):
    tickets = small.tables["tickets"].filter(pl.col("created_at") <= AS_OF)
    assert 0 < tickets["resolved_at"].null_count() < 0.03 * tickets.height


def test_survey_scores_are_those_of_a_decent_company(large):
    surveys = large.tables["survey_responses"]
    scores = surveys["nps"].filter(surveys["nps"].is_between(0, 10))
    assert 42 < 100 * ((scores >= 9).mean() - (scores <= 6).mean()) < 51
    csat = surveys["csat"].filter(surveys["csat"].is_between(1, 5))
    assert (csat >= 4).mean() == pytest.approx(0.86, abs=0.02)
    assert 0.30 < surveys["answered_at"].is_not_null().mean() < 0.45


def test_comments_carry_characters_that_need_escaping(small):
    text = "\n".join(small.tables["survey_responses"]["comment"].drop_nulls())
    for awkward in ("<b>", "<script>", "![x](http://example.com/x.png)", "=1+1", "👍"):
        assert awkward in text


def test_customers_write_in_their_own_language(small):
    told = small.tables["survey_responses"].drop_nulls("comment")
    known = small.tables["customers"].unique("customer_id")
    where = told.join(known, on="customer_id", how="inner", validate="m:1")
    han = pl.col("comment").str.contains(r"\p{Han}")
    assert where.select((han != (pl.col("region") == "overseas")).all()).item()
    assert where.filter(~han).height > 0
    assert len(set(CHINESE)) == len(set(ENGLISH)) == sum(GROUP_SIZES)


def test_spending_follows_the_true_ratios(small):
    today = AS_OF.date()
    lines = small.tables["budget_lines"].filter(pl.col("period_start").dt.year() == AS_OF.year)
    assert lines["planned"].sum() == pytest.approx(3_000_000_00, abs=100)
    spent = small.tables["expenses"].group_by("line_id").agg(actual=pl.col("amount").sum())
    ratio = dict(
        lines.filter(pl.col("period_start") <= today)
        .join(spent, on="line_id", how="left", validate="1:1")
        .group_by("subject")
        .agg(pl.col("actual").sum() / pl.col("planned").sum())
        .iter_rows()
    )
    for subject in SUBJECTS:
        truth = Truth().spend_ratio_this_year[subject]
        assert ratio[subject] == pytest.approx(truth, rel=0.03), subject
    assert small.tables["expenses"]["spent_on"].max() <= today


def test_campaigns_lift_purchases_over_their_control_group(large):
    members = large.tables["campaign_members"].join(
        large.tables["campaigns"], on="campaign_id", validate="m:1"
    )
    share = dict(
        members.filter(pl.col("scenario") == "retention")
        .group_by("is_control")
        .agg(pl.col("converted").mean())
        .iter_rows()
    )
    assert share[False] > share[True] + 0.03
    assert members.filter("is_control")["contacted_at"].null_count() == (
        members.filter("is_control").height
    )


# ---- truth


def observed(chunk: Chunk) -> pl.DataFrame:
    """Years at risk within the data and whether the latent churn fell into them."""
    customers = chunk.tables["customers"].unique("customer_id")
    start = pl.max_horizontal("registered_at", pl.lit(FIRST_DAY))
    stop = pl.min_horizontal(pl.col("churned_at").fill_null(AS_OF), pl.lit(AS_OF))
    return chunk.truth.join(
        customers.select("customer_id", "registered_at", "acquisition_channel"),
        on="customer_id",
        validate="1:1",
    ).with_columns(
        years=((stop - start).dt.total_seconds() / 86_400 / 365).clip(0),
        left=(pl.col("churned_at") <= AS_OF).fill_null(value=False),
    )


def rates(frame: pl.DataFrame, by: str) -> dict[str, float]:
    return dict(frame.group_by(by).agg(pl.col("left").sum() / pl.col("years").sum()).iter_rows())


def test_hazard_ratios_of_value_classes_are_the_true_ones(large):
    found, true = rates(observed(large), "value_class"), Truth().hazard_ratio_class
    for name in CLASSES:
        # Better customers complain more often, so their crude ratio lies a little above the true.
        assert found[name] / found["basic"] == pytest.approx(true[name], rel=0.25), name
    assert found["high"] < found["mid"] < found["basic"]


def test_hazards_of_acquisition_channels_are_in_their_true_order(large):
    found, true = rates(observed(large), "acquisition_channel"), Truth().hazard_ratio_acquisition
    measured = [found[name] for name in ACQUISITION_CHANNELS]
    expected = [true[name] for name in ACQUISITION_CHANNELS]
    assert np.corrcoef(measured, expected)[0, 1] > 0.9


def test_complaints_raise_the_hazard_of_the_next_90_days(large):
    """Pooled over two years of landmarks: a single one sees ten complainers leave."""
    near = timedelta(days=90)
    complaints = large.tables["tickets"].filter(pl.col("kind") == "complaint")
    complained: list[tuple[int, int]] = []
    others: list[tuple[int, int]] = []
    for quarter in range(8):
        landmark = datetime(2024, 6, 30, tzinfo=UTC) + quarter * near
        recent = complaints.filter(pl.col("created_at").is_between(landmark - near, landmark))
        unhappy = recent["customer_id"].drop_nulls().unique().implode()
        present = observed(large).filter(
            pl.col("registered_at") < landmark - near,
            pl.col("churned_at").is_null() | (pl.col("churned_at") > landmark),
        )
        left = (pl.col("churned_at") <= landmark + near).fill_null(value=False).sum()
        for who, found in ((pl.col("customer_id").is_in(unhappy), complained), (None, others)):
            rows = present.filter(who if who is not None else ~pl.col("customer_id").is_in(unhappy))
            found.append(rows.select(left, pl.len()).row(0))
    risk = [sum(n for n, _ in rows) / sum(n for _, n in rows) for rows in (complained, others)]
    assert risk[0] > 1.25 * risk[1]


def test_nobody_buys_after_leaving_except_by_return_or_reactivation(large):
    late = (
        clean_orders(large)
        .join(large.truth, on="customer_id", validate="m:1")
        .filter(
            pl.col("status") == "completed",
            # An order is dated to the working hours of its day.
            pl.col("ordered_at") > pl.col("churned_at") + timedelta(days=1),
            pl.col("returned_at").is_null()
            | (pl.col("ordered_at") < pl.col("returned_at") - timedelta(days=1)),
        )
    )
    won_by_campaign = large.tables["campaign_members"].filter("converted")["customer_id"]
    assert set(late["customer_id"]) <= set(won_by_campaign)


def test_scores_fall_and_silence_grows_before_leaving(large):
    truth = large.truth.filter(pl.col("churned_at") <= AS_OF)
    ahead = (pl.col("churned_at") - pl.col("at")).dt.total_days()
    scores = (
        large.tables["survey_responses"]
        .filter(pl.col("nps").is_between(0, 10))
        .select("customer_id", "nps", at="answered_at")
        .join(truth, on="customer_id", validate="m:1")
    )
    early = scores.filter(ahead.is_between(150, 500))["nps"].mean()
    assert scores.filter(ahead.is_between(0, 55))["nps"].mean() < early - 1.2
    contacts = (
        large.tables["interactions"]
        .filter(pl.col("direction") == "outbound")
        .select("customer_id", "responded", at="occurred_at")
        .join(truth, on="customer_id", validate="m:1")
    )
    answered = contacts.filter(ahead.is_between(150, 500))["responded"].mean()
    assert contacts.filter(ahead.is_between(0, 55))["responded"].mean() < 0.5 * answered


def test_nothing_but_dirt_runs_backwards(small):
    for name, table in TABLES.items():
        for end, start in (
            ("first_response_at", "created_at"),
            ("routed_at", "created_at"),
            ("resolved_at", "created_at"),
            ("closed_at", "resolved_at"),
            ("answered_at", "invited_at"),
            ("deleted_at", "registered_at"),
            ("ends_at", "starts_at"),
        ):
            if {end, start} <= {column.name for column in table.columns}:
                backwards = small.tables[name].filter(pl.col(end) < pl.col(start)).height
                dirty = sum(
                    count
                    for kind, count in small.dirt.items()
                    if kind.startswith(f"{name}.") and "before" in kind
                )
                assert backwards <= dirty, (name, end)


# ---- dirt


def test_dirt_is_there_exactly_as_counted(small):
    tables, counts = small.tables, small.dirt
    known = tables["customers"]["customer_id"].implode()
    for name, key in (("orders", "order_id"), ("customers", "customer_id")):
        frame = tables[name]
        assert frame.height - frame[key].n_unique() == counts[f"{name}.duplicate_key"]
    for name in ("orders", "interactions", "tickets", "survey_responses"):
        orphans = tables[name].filter(~pl.col("customer_id").is_in(known))
        assert orphans.height == counts[f"{name}.orphan"], name
    for name, event in (
        ("orders", "ordered_at"),
        ("interactions", "occurred_at"),
        ("tickets", "created_at"),
    ):
        assert tables[name].filter(pl.col(event) > AS_OF).height == counts[f"{name}.future"]
        if f"{name}.late_row" in counts:
            delay = pl.col("updated_at") - pl.col(event)
            late = tables[name].filter(delay >= timedelta(days=dirt.LATE_DAYS))
            assert late.height == counts[f"{name}.late_row"], name
    customers, tickets = tables["customers"], tables["tickets"]
    missing = {"segment": "segment", "region": "region", "owner_id": "owner"}
    for column, kind in missing.items():
        assert customers[column].null_count() == counts[f"customers.missing_{kind}"]
    present = tickets.filter(pl.col("created_at") <= AS_OF)
    answered = present.filter(pl.col("first_response_at") < pl.col("created_at"))
    assert answered.height == counts["tickets.answered_before_created"]
    resolved = present.filter(pl.col("resolved_at") < pl.col("created_at"))
    assert resolved.height == counts["tickets.resolved_before_created"]
    surveys = tables["survey_responses"]
    for score, low, high in (("nps", 0, 10), ("csat", 1, 5)):
        outside = surveys.filter(~pl.col(score).is_between(low, high))
        assert outside.height == counts[f"survey_responses.{score}_out_of_range"]
    strange = tables["orders"].filter(pl.col("status") == dirt.UNKNOWN_STATUS)
    assert strange.height == counts["orders.unknown_status"]


DOOR_RULES = {
    "duplicate_key": ("duplicate_key", None),
    "orphan": ("orphan", "customer_id"),
    "future": ("future", None),
    "unknown_status": ("unknown_value", "status"),
    "answered_before_created": ("negative_duration", "first_response_at"),
    "resolved_before_created": ("negative_duration", "resolved_at"),
    "nps_out_of_range": ("out_of_range", "nps"),
    "csat_out_of_range": ("out_of_range", "csat"),
}


@pytest.mark.parametrize("cut_from", [10_000, 1_000_000])
def test_the_check_at_the_door_catches_exactly_the_dirt(built, small, tmp_path, cut_from):
    path, _ = built
    with SnapshotStore(tmp_path).staging() as staging:
        extraction = extract(f"sqlite:///{path}", spool=staging.spool, read_at=AS_OF)
        admission = admit(extraction, staging, cut_from=cut_from)
    caught = {
        (rejection.table, rejection.rule, rejection.column): rejection.rows
        for rejection in admission.rejections
        if rejection.rule != "deleted"
    }
    for kind, count in small.dirt.items():
        table, name = kind.split(".")
        if name not in DOOR_RULES:  # missing values and late rows are legitimate
            continue
        rule, column = DOOR_RULES[name]
        found = [key for key in caught if key[:2] == (table, rule) and column in (None, key[2])]
        assert [caught.pop(key) for key in found] == [count], kind
    # Lines of deleted orders are all that is left.
    assert {key[0] for key in caught} <= {"order_lines"}


# ---- the database


def test_the_file_holds_every_row_and_the_truth_lies_beside_it(built, small):
    path, rows = built
    truth = json.loads((path.parent / "truth.json").read_text("utf-8"))
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        for name, frame in small.tables.items():
            count = connection.execute(f"select count(*) from {name}").fetchone()[0]
            assert count == rows[name] == truth["rows"][name] == frame.height, name
    connection.close()
    assert truth["dirt"] == small.dirt
    assert truth["hazard_ratio_complaint_90d"] == Truth().hazard_ratio_complaint_90d
    latent = pl.read_parquet(path.parent / "truth_customers.parquet")
    assert_frame_equal(latent, small.truth)
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "crm.sqlite",
        "truth.json",
        "truth_customers.parquet",
    ]


def test_sqlalchemy_reads_back_what_was_written(built, small):
    path, _ = built
    engine = sa.create_engine(f"sqlite:///{path}")
    table = schema.metadata().tables["tickets"]
    with engine.connect() as connection:
        rows = connection.execute(table.select().limit(200)).mappings().all()
    engine.dispose()
    expected = small.tables["tickets"].head(200).to_dicts()
    for found, wanted in zip(rows, expected, strict=True):
        for name, value in wanted.items():
            stored = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            assert found[name] == stored, name


def test_the_fast_and_the_portable_writer_store_the_same(tmp_path):
    (tables,) = generate(40)
    path = tmp_path / "fast.sqlite"
    write_sqlite(path, [tables])
    engine = sa.create_engine("sqlite://")
    with engine.begin() as portable, sqlite3.connect(path) as fast:
        rows = fill(portable, [tables])
        assert rows == {name: frame.height for name, frame in tables.items()}
        for name in tables:
            slow = portable.execute(sa.text(f"select * from {name}")).fetchall()
            assert [tuple(row) for row in slow] == fast.execute(f"select * from {name}").fetchall()
        indexes = "select name from sqlite_master where type = 'index' order by name"
        assert {row[0] for row in portable.execute(sa.text(indexes))} == {
            row[0] for row in fast.execute(indexes)
        }
    fast.close()
    engine.dispose()


def test_every_database_gets_the_same_company(crm, tmp_path):
    (tables,) = generate(40)
    url = crm(tables={"none of them"})
    rows = write_database(url, [tables])
    assert rows == {name: frame.height for name, frame in tables.items()}
    found = extract(url, spool=tmp_path / "spool", read_at=AS_OF).tables
    for name, frame in tables.items():
        got = found[name].frame.select(frame.columns).collect()
        assert_frame_equal(got.sort(frame.columns), frame.sort(frame.columns))


def test_a_database_url_of_sqlite_takes_the_fast_path(tmp_path):
    path = tmp_path / "deep" / "crm.sqlite"
    rows = write_database(f"sqlite:///{path}", [])
    assert path.exists()
    assert set(rows.values()) == {0}


def test_an_interrupted_build_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "crm.sqlite"
    path.write_bytes(b"old")

    def chunks():
        yield from generate(20)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_sqlite(path, chunks())
    assert [file.name for file in tmp_path.iterdir()] == ["crm.sqlite"]
    assert path.read_bytes() == b"old"


def test_the_calendar_counts_days_in_the_business_time_zone():
    calendar = seasons(AS_OF)
    assert calendar.origin == FIRST_DAY
    assert calendar.end == pytest.approx(1095.75)  # 18:00 on the 1096th day, one leap day inside
    assert calendar.day(AS_OF) == calendar.end
