"""Control of budgets: phasing, templates, versions, blocks, inquiries, approvals, votes, split."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from data_access.contract import TABLES
from metrics import budget_control as control
from metrics import budget_split
from metrics.budget_outlook import at_this_pace
from metrics.budget_phasing import phased, seasonal, spread
from metrics.budget_templates import Phasing, lines_of, summed, templates

JAN = date(2026, 1, 1)


def rows(table, **columns):
    """Rows of a contract table; columns not given are null."""
    schema = TABLES[table].schema
    given_rows = pl.DataFrame(columns)
    return given_rows.select(
        (pl.col(name) if name in columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    ).lazy()


def line(planned, months=12, phasing=None, start=JAN):
    return rows(
        "budget_lines",
        line_id=["l"],
        budget_id=["b"],
        subject=["marketing"],
        period_start=[start],
        period_months=[months],
        phasing=[phasing],
        planned=[planned],
    )


# ---- phasing and templates


def test_a_seasonal_line_follows_the_weights_and_adds_up_to_the_unit():
    found = phased(line(1201, phasing="seasonal")).collect()["planned"].to_list()
    assert sum(seasonal()) == 120
    # 1201 × (7, 13, 23, …) / 120 rounded down, and what each adds to the one before
    assert found[:3] == [70, 130 - 70, 230 - 130]
    assert sum(found) == 1201


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(-(10**18), 10**18), st.integers(1, 36), st.integers(1, 12))
def test_months_add_up_for_any_amount_length_and_beginning(planned, months, begin):
    plan = line(planned, months, "seasonal", date(2026, begin, 1))
    weights = [seasonal()[(begin - 1 + n) % 12] for n in range(months)]
    found = phased(plan).collect()["planned"].to_list()
    assert sum(found) == planned
    assert found == spread(planned, weights)


def test_an_even_line_is_what_it_was():
    assert phased(line(1000)).collect()["planned"].to_list() == [84] * 4 + [83] * 8


def test_nothing_is_spread_by_no_weights():
    with pytest.raises(ValueError, match="cannot share"):
        spread(10, [0, 0])


def test_the_plans_own_lines_exceed_two_of_their_blocks():
    found = control.block_check(summed(templates()["s3"]))
    told = {row["subject"]: row for row in found.iter_rows(named=True)}
    assert (told["technology"]["approved"], told["technology"]["planned"]) == (1_050_000, 1_350_000)
    assert (told["labour"]["approved"], told["labour"]["planned"]) == (1_200_000, 3_450_000)
    assert told["technology"]["over_share"] == pytest.approx(2 / 7)
    assert [told[name]["state"] for name in ("technology", "labour")] == ["exceeds"] * 2
    assert [told[name]["state"] for name in ("marketing", "reserve")] == ["fits"] * 2
    assert templates()["s3"].total == 3_000_000


@pytest.mark.parametrize("code", ["s1_text", "s1_table"])
def test_both_budgets_of_the_campaign_plan_add_up_to_ten_thousand(code):
    found = control.block_check(summed(templates()[code]))
    assert found["planned"].sum() == found["approved"].sum() == 10_000
    assert set(found["state"]) == {"fits"}


@pytest.mark.parametrize("phasing", list(Phasing))
@pytest.mark.parametrize("code", list(templates()))
def test_a_template_spread_over_months_is_the_template(code, phasing):
    template = templates()[code]
    found = lines_of(template, JAN, phasing, money_scale=2)
    sums = dict(found.group_by("item").agg(pl.col("planned").sum()).iter_rows())
    assert sums == {each.item: each.planned * 100 for each in template.lines}
    assert found["period_start"].n_unique() == template.months
    units = dict(found.drop_nulls("quantity").group_by("item").agg(pl.col("quantity").sum()).rows())
    assert units == {each.item: each.quantity for each in template.lines if each.quantity}
    assert set(found.columns) <= set(TABLES["budget_lines"].schema)


def test_phasing_by_plan_spends_technology_in_the_first_four_months():
    found = lines_of(templates()["s3"], JAN, Phasing.PLAN, money_scale=0)
    crm = found.filter(item="crm_upgrade")["planned"].to_list()
    assert crm == [112_500] * 4 + [0] * 8
    even = lines_of(templates()["s3"], JAN, Phasing.LINEAR, money_scale=0)
    assert even.filter(item="crm_upgrade")["planned"].to_list() == [37_500] * 12


# ---- versions, blocks, inquiries


LINES = rows(
    "budget_lines",
    line_id=["l1", "l2"],
    budget_id=["b", "b"],
    subject=["a", "a"],
    item=["x", "y"],
    period_start=[JAN, JAN],
    period_months=[1, 1],
    planned=[100, 200],
)
REVISIONS = rows(
    "budget_revisions",
    revision_id=["r1", "r2", "r3"],
    line_id=["l1", "l1", "l2"],
    version=[2, 4, 3],
    approved_on=[date(2026, 3, 20), date(2026, 9, 20), date(2026, 6, 20)],
    planned=[110, 130, 190],
)


@pytest.mark.parametrize(
    ("version", "plan"),
    [(1, [100, 200]), (2, [110, 200]), (3, [110, 190]), (4, [130, 190]), (9, [130, 190])],
)
def test_a_version_has_the_last_amount_that_was_approved_for_each_line(version, plan):
    assert control.revised(LINES, REVISIONS, version).collect()["planned"].to_list() == plan


def test_versions_not_approved_yet_are_not_known():
    found = control.versions(LINES, REVISIONS, as_of=date(2026, 6, 20)).collect()
    assert found.select("version", "approved_on", "lines").rows() == [
        (2, date(2026, 3, 20), 1),
        (3, date(2026, 6, 20), 1),
    ]


def test_a_block_may_differ_by_the_tolerance_and_no_more():
    sums = pl.DataFrame({"subject": list("abcd"), "approved": [1000] * 3 + [0]})
    found = control.block_check(sums.with_columns(planned=pl.Series([1005, 1006, 994, 5])))
    assert found["state"].to_list() == ["fits", "exceeds", "short", "exceeds"]
    assert found["over_share"].to_list() == [0.005, 0.006, -0.006, None]


def test_an_inquiry_belongs_to_its_line_or_to_all_of_its_subject():
    off = pl.DataFrame(
        {"subject": ["a", "a", "b", "c"], "item": ["x", "y", None, "z"], "n": [1, 2, 3, 4]}
    )
    found = rows(
        "investigations",
        investigation_id=["1", "2", "3", "4", "5"],
        subject=["a", "a", "b", "c", "c"],
        item=["x", None, None, "z", "z"],
        opened_on=[date(2026, 5, 1), date(2026, 4, 1), date(2025, 3, 1), JAN, date(2027, 1, 1)],
        closed_on=[None, date(2026, 6, 1), date(2025, 4, 1), date(2026, 8, 1), None],
    ).collect()
    told = control.with_inquiry(off, found, since=JAN, as_of=date(2026, 6, 30))
    assert told["n"].to_list() == [1, 2, 3, 4]
    # b's was closed in the year before; c's is closed later than the data reach: it runs
    assert told["inquiry"].to_list() == ["open", "closed", "none", "open"]
    assert told["opened_on"].to_list() == [date(2026, 5, 1), date(2026, 4, 1), None, JAN]


# ---- approvals and votes


def spent(*amounts, subject="labour", by="operations_head", day=date(2026, 2, 3)):
    count = len(amounts)
    return pl.LazyFrame(
        {
            "expense_id": [f"e{n}" for n in range(count)],
            "budget_id": ["b"] * count,
            "subject": [subject] * count,
            "spent_on": [day] * count,
            "amount": [amount * 100 for amount in amounts],
            "approved_by": [by] * count,
        },
        schema_overrides={"approved_by": pl.String, "subject": pl.String},
    )


def right(expenses):
    return control.approvals(expenses, money_scale=2).collect()["right"].to_list()


def test_the_head_of_operations_may_spend_half_a_million_a_month_and_no_more():
    assert right(spent(300_000, 200_000, 1)) == [True, True, False]
    assert right(spent(300_000, 200_000, 1, by="committee")) == [True] * 3


def test_another_month_has_its_own_limit():
    later = spent(400_000, day=date(2026, 3, 1)).with_columns(expense_id=pl.lit("f"))
    assert right(pl.concat([spent(400_000), later])) == [True, True]


def test_technology_is_for_the_committee_and_leaves_the_limit_alone():
    dear = spent(600_000, subject="technology", by="committee")
    assert right(spent(10, subject="technology")) == [False]
    daily = spent(500_000).with_columns(expense_id=pl.lit("z"))
    assert right(pl.concat([dear, daily])) == [True, True]


def test_who_approved_is_unknown_or_of_no_level():
    assert right(spent(10, by=None)) == [None]
    assert right(spent(10, by="intern")) == [False]


def test_votes_are_weighed_and_half_is_not_enough():
    found = control.weighed(
        rows(
            "budget_decisions",
            decision_id=["d1", "d2", "d3", "d4"],
            decided_on=[date(2026, 1, n) for n in (4, 3, 2, 1)],
            finance=[True, True, False, None],
            technology=[False, True, True, True],
            marketing=[False, None, True, True],
            service=[True, None, None, None],
            approved=[True, True, False, None],
        )
    ).collect()
    assert found["yes"].to_list() == [0.5, 0.7, 0.5, 0.5]
    assert found["by_weights"].to_list() == [False, True, False, False]
    assert found["right"].to_list() == [False, True, True, None]


# ---- the split of a variance


def split(lines, expenses):
    found = budget_split.split(budget_split.by_line(lines, expenses)).collect()
    return found.select("variance", "price", "quantity", "mix", "rest").row(0)


def bought(**columns):
    return pl.LazyFrame(columns, schema_overrides={"quantity": pl.Int32})


def test_dearer_more_and_of_another_kind_are_told_apart():
    plan = LINES.with_columns(quantity=pl.Series([10, 10], dtype=pl.Int32))  # 10 and 20 each
    real = bought(line_id=["l1", "l2"], amount=[66, 360], quantity=[6, 16])
    # price: 66 - 6×10 + 360 - 16×20 = 46; quantity: (22 - 20) × 15 = 30; mix: 380 - 22×15 = 50
    assert split(plan, real) == (126, 46, 30, 50, 0)


def test_what_tells_no_quantity_is_the_rest():
    plan = LINES.with_columns(quantity=pl.Series([10, None], dtype=pl.Int32))
    real = bought(line_id=["l1", "l2"], amount=[120, 250], quantity=[10, 3])
    assert split(plan, real) == (70, 20, 0, 0, 50)
    silent = bought(line_id=["l1", "l1"], amount=[60, 60], quantity=[10, None])
    assert split(plan, silent) == (20 - 200, 0, 0, 0, 20 - 200)


def test_nothing_bought_of_a_line_with_units_is_a_matter_of_quantity():
    plan = LINES.filter(pl.col("line_id") == "l1").with_columns(quantity=pl.lit(10, pl.Int32))
    assert split(plan, bought(line_id=["l2"], amount=[5], quantity=[1])) == (-100, 0, -100, 0, 0)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(*(st.integers(0, 10**6) for _ in range(4))), min_size=1, max_size=6
    )
)  # fmt: skip
def test_the_causes_always_add_up_to_the_variance(each):
    count = len(each)
    ids = [f"l{n}" for n in range(count)]
    plan = rows(
        "budget_lines",
        line_id=ids,
        subject=["a"] * count,
        item=ids,
        planned=[row[0] for row in each],
        quantity=[row[1] for row in each],
    )
    real = bought(line_id=ids, amount=[row[2] for row in each], quantity=[row[3] for row in each])
    variance, *causes = split(plan, real)
    assert sum(causes) == variance == sum(row[2] - row[0] for row in each)


# ---- the forecast at this pace


def test_the_pace_of_the_complete_months_is_kept_up():
    found = at_this_pace([(100, 110), (100, 130), (200, 240), (0, 7)] * 2, 480, 200)
    assert found is not None
    assert found.forecast == pytest.approx(480 + 1.2 * 200)  # 480 of 400
    # s² = 2 × (10²/100 + 10²/100 + 0) / 5
    half = student.ppf(0.975, 5) * np.sqrt(0.8 * (200 + 200**2 / 800))
    assert found.high - found.forecast == pytest.approx(half)
    assert found.forecast - found.low == pytest.approx(half)


def test_three_months_are_too_few_to_say():
    assert at_this_pace([(100, 110)] * 3, 330, 900) is None
    assert at_this_pace([], 0, 900) is None


def test_the_range_holds_what_then_comes_nineteen_times_in_twenty():
    random = np.random.default_rng(5)
    plans = np.array([80.0, 90, 100, 110, 120, 100, 95, 105, 100, 100])
    inside = 0
    for _ in range(2_000):
        real = 1.1 * plans + random.normal(0, 2.0, 10) * np.sqrt(plans)
        found = at_this_pace(list(zip(plans[:8], real[:8], strict=True)), real[:8].sum(), 200.0)
        assert found is not None
        inside += found.low <= real.sum() <= found.high
    assert inside / 2_000 == pytest.approx(0.95, abs=0.012)
