"""Every rule at the door: what it catches, what becomes of the row, and that it is counted.

Each test sends a few rows through and states what comes out. Read at noon, 21 November 2026.
"""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from data_access.contract import TABLES
from data_access.door import admit
from data_access.extract import ExtractedTable, Extraction
from data_access.findings import Action, Rejection
from data_access.parts import CUT_FROM
from data_access.snapshot import SnapshotStore

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

CUSTOMER = {"customer_id": "c1", "name": "Lan"}
OWNED = CUSTOMER | {"owner_id": "e1"}
ORDER = {"order_id": "o1", "customer_id": "c1", "ordered_at": NOON, "status": "completed",
         "amount": 100, "currency": "CNY"}  # fmt: skip
TICKET = {"ticket_id": "t1", "customer_id": "c1", "kind": "complaint", "created_at": NOON}
ANSWER = {"response_id": "s1", "customer_id": "c1", "invited_at": NOON, "answered_at": NOON + HOUR,
          "nps": 9}  # fmt: skip


def through(absent=(), cut_from=CUT_FROM, **rows):
    """Send rows through the door; tables not named have none, and those in `absent` are not there.

    Returns what came out by table, and what was caught.
    """
    tables = {}
    for name, table in TABLES.items():
        own = [column.name for column in table.columns]
        days = {
            day: pl.col(moment).dt.convert_time_zone("Asia/Shanghai").dt.date()
            for moment, day in table.days.items()
        }
        schema = {column: table.schema[column] for column in own}
        frame = pl.DataFrame(rows.get(name, []), schema=schema, orient="row").with_columns(
            **days, _unreadable=pl.lit(None, pl.List(pl.String))
        )
        tables[name] = ExtractedTable(frame.lazy(), frame.height, name not in absent)
    extraction = Extraction("", "stayline", "Asia/Shanghai", READ_AT, tables, [])
    with TemporaryDirectory() as folder, SnapshotStore(Path(folder)).staging() as staging:
        admission = admit(extraction, staging, cut_from=cut_from)
        return {name: staging.scan(name).collect() for name in TABLES}, admission


def caught(admission):
    return [(r.table, r.rule, r.column, r.rows, r.action.value) for r in admission.rejections]


def test_good_rows_pass_untouched():
    written, admission = through(
        employees=[{"employee_id": "e1", "name": "Wei"}],
        customers=[OWNED],
        orders=[ORDER],
        tickets=[TICKET],
        survey_responses=[ANSWER],
    )
    assert admission.rejections == []
    assert written["orders"].select(list(ORDER)).row(0, named=True) == ORDER
    assert admission.counts["orders"] == {"read": 1, "admitted": 1}
    for name, frame in written.items():
        assert dict(frame.schema) == TABLES[name].schema


@pytest.mark.parametrize("column", ["order_id", "ordered_at", "status", "amount", "currency"])
def test_a_required_value_that_is_null_excludes_the_row(column):
    rows = [ORDER, ORDER | {"order_id": "o2", column: None}]
    written, admission = through(customers=[CUSTOMER], orders=rows)
    assert caught(admission) == [("orders", "required_null", column, 1, "excluded")]
    assert written["orders"]["order_id"].to_list() == ["o1"]
    assert admission.counts["orders"] == {"read": 2, "admitted": 1}


@pytest.mark.parametrize(
    ("updates", "winner"),
    [
        pytest.param([NOON, NOON + HOUR, None], 2, id="last changed"),
        pytest.param([NOON + HOUR, NOON, NOON], 1, id="last changed, read first"),
        pytest.param([NOON, NOON, NOON], 3, id="of equals the last read"),
        pytest.param([None, None, None], 3, id="never changed: the last read"),
    ],
)
def test_of_rows_with_one_key_one_stays(updates, winner):
    rows = [
        ORDER | {"amount": number, "updated_at": updated}
        for number, updated in enumerate(updates, start=1)
    ]
    other = ORDER | {"order_id": "o2", "amount": 9}
    written, admission = through(customers=[CUSTOMER], orders=[*rows[:2], other, rows[2]])
    assert caught(admission) == [("orders", "duplicate_key", "order_id", 2, "excluded")]
    assert sorted(written["orders"].select("order_id", "amount").rows()) == [
        ("o1", winner),
        ("o2", 9),
    ]


def test_a_key_of_two_columns_is_a_duplicate_only_as_a_whole():
    lines = [
        {"order_id": order, "line_number": number, "quantity": 1, "amount": 1}
        for order, number in [("o1", 1), ("o1", 2), ("o2", 1), ("o1", 2)]
    ]
    orders = [ORDER, ORDER | {"order_id": "o2"}]
    written, admission = through(customers=[CUSTOMER], orders=orders, order_lines=lines)
    assert admission.rejections == [
        Rejection("order_lines", "duplicate_key", "order_id+line_number", 1, Action.EXCLUDED,
                  ("o1/2",))
    ]  # fmt: skip
    assert written["order_lines"].height == 3


def test_rows_without_a_key_are_not_duplicates_of_each_other():
    rows = [ORDER | {"order_id": None}, ORDER | {"order_id": None}]
    _, admission = through(customers=[CUSTOMER], orders=rows)
    assert caught(admission) == [("orders", "required_null", "order_id", 2, "excluded")]


def test_the_deletion_of_an_order_beats_its_earlier_versions():
    rows = [
        ORDER | {"updated_at": NOON},
        ORDER | {"updated_at": NOON + HOUR, "deleted_at": NOON + HOUR},
    ]
    written, admission = through(customers=[CUSTOMER], orders=rows)
    assert written["orders"].is_empty()
    assert caught(admission) == [
        ("orders", "duplicate_key", "order_id", 1, "excluded"),
        ("orders", "deleted", "deleted_at", 1, "excluded"),
    ]


def test_a_deleted_customer_stays_marked_with_the_orders():
    gone = CUSTOMER | {"deleted_at": NOON}
    written, admission = through(customers=[gone], orders=[ORDER])
    assert written["customers"]["deleted_on"].to_list() == [date(2026, 3, 1)]
    assert written["orders"]["customer_id"].to_list() == ["c1"]
    assert caught(admission) == [("customers", "deleted", "deleted_at", 1, "kept")]


def test_an_unknown_code_excludes_the_row():
    written, admission = through(customers=[CUSTOMER], orders=[ORDER | {"status": "Completed"}])
    assert caught(admission) == [("orders", "unknown_value", "status", 1, "excluded")]
    assert written["orders"].is_empty()


@pytest.mark.parametrize(
    ("column", "value", "passes"),
    [("nps", 0, True), ("nps", 10, True), ("nps", -1, False), ("nps", 11, False),
     ("csat", 1, True), ("csat", 5, True), ("csat", 0, False), ("csat", 6, False)],
)  # fmt: skip
def test_a_score_outside_its_scale_is_nulled_and_the_answer_stays(column, value, passes):
    written, admission = through(customers=[CUSTOMER], survey_responses=[ANSWER | {column: value}])
    assert written["survey_responses"][column].to_list() == [value if passes else None]
    expected = [] if passes else [("survey_responses", "out_of_range", column, 1, "nulled")]
    assert caught(admission) == expected


@pytest.mark.parametrize(("ahead", "kept"), [(24, 1), (25, 0)])
def test_an_event_more_than_a_day_after_the_read_is_excluded(ahead, kept):
    order = ORDER | {"ordered_at": READ_AT + ahead * HOUR}
    written, admission = through(customers=[CUSTOMER], orders=[order])
    assert written["orders"].height == kept
    assert caught(admission) == [("orders", "future", "ordered_at", 1, "excluded")][kept:]


def test_a_future_time_that_may_be_null_is_nulled_with_its_day():
    """A CRM's 31 December 9999 for "open": the ticket is open."""
    ticket = TICKET | {"closed_at": datetime(9999, 12, 31, tzinfo=UTC)}
    written, admission = through(customers=[CUSTOMER], tickets=[ticket])
    row = written["tickets"].row(0, named=True)
    assert (row["closed_at"], row["closed_on"]) == (None, None)
    assert caught(admission) == [("tickets", "future", "closed_at", 1, "nulled")]


def test_plans_may_lie_in_the_future():
    plan = {"campaign_id": "k1", "starts_at": READ_AT + 99 * HOUR, "ends_at": READ_AT + 999 * HOUR}
    _, admission = through(campaigns=[plan])
    assert admission.rejections == []


def test_the_end_of_a_contract_may_be_known_before_it_comes():
    ends = READ_AT + 999 * HOUR
    contract = {
        "contract_id": "k1",
        "customer_id": CUSTOMER["customer_id"],
        "started_at": NOON,
        "ended_at": ends,
        "monthly_amount": 100,
        "updated_at": NOON,
    }
    late = contract | {"contract_id": "k2", "started_at": ends, "ended_at": None}
    forever = contract | {"contract_id": "k3", "ended_at": datetime(9999, 12, 31, tzinfo=UTC)}
    written, admission = through(customers=[CUSTOMER], contracts=[contract, late, forever])
    told = dict(written["contracts"].select("contract_id", "ended_at").iter_rows())
    assert told == {"k1": ends, "k3": None}
    assert sorted(caught(admission)) == [
        ("contracts", "future", "started_at", 1, "excluded"),
        ("contracts", "out_of_range", "ended_at", 1, "nulled"),
    ]


@pytest.mark.parametrize("column", ["first_response_at", "routed_at", "resolved_at", "closed_at"])
def test_a_ticket_that_ends_before_it_begins_is_excluded(column):
    """Nulling the end would make a finished ticket an open, overdue one."""
    rows = [
        TICKET | {column: NOON},
        TICKET | {"ticket_id": "t2", column: NOON - timedelta(microseconds=1)},
    ]
    written, admission = through(customers=[CUSTOMER], tickets=rows)
    assert written["tickets"]["ticket_id"].to_list() == ["t1"]
    assert caught(admission) == [("tickets", "negative_duration", column, 1, "excluded")]


def test_an_answer_before_its_invitation_keeps_the_answer_and_forgets_the_invitation():
    answer = ANSWER | {"answered_at": NOON - HOUR}
    written, admission = through(customers=[CUSTOMER], survey_responses=[answer])
    row = written["survey_responses"].row(0, named=True)
    assert (row["invited_at"], row["invited_on"]) == (None, None)
    assert (row["answered_at"], row["nps"]) == (NOON - HOUR, 9)
    assert caught(admission) == [
        ("survey_responses", "negative_duration", "answered_at", 1, "nulled")
    ]


def test_a_row_of_an_unknown_customer_becomes_anonymous():
    orders = [ORDER, ORDER | {"order_id": "o2", "customer_id": "c9"},
              ORDER | {"order_id": "o3", "customer_id": None}]  # fmt: skip
    written, admission = through(customers=[CUSTOMER], orders=orders)
    assert written["orders"].sort("order_id")["customer_id"].to_list() == ["c1", None, None]
    assert admission.rejections == [
        Rejection("orders", "orphan", "customer_id", 1, Action.NULLED, ("o2",))
    ]


def test_an_unknown_employee_stays_without_a_name():
    written, admission = through(
        employees=[{"employee_id": "e2", "name": "Wei"}], customers=[OWNED]
    )
    assert written["customers"]["owner_id"].to_list() == ["e1"]
    assert caught(admission) == [("customers", "orphan", "owner_id", 1, "kept")]


def test_references_to_a_table_the_crm_lacks_are_not_orphans():
    _, admission = through(absent={"employees"}, customers=[OWNED])
    assert admission.rejections == []


def test_a_line_whose_order_was_turned_away_is_turned_away():
    line = {"order_id": "o1", "line_number": 1, "quantity": 1, "amount": 1}
    lost = ORDER | {"status": "?"}
    written, admission = through(customers=[CUSTOMER], orders=[lost], order_lines=[line])
    assert written["order_lines"].is_empty()
    assert caught(admission)[-1] == ("order_lines", "orphan", "order_id", 1, "excluded")


def test_lines_and_events_inherit_the_customer_of_their_parent():
    written, _ = through(
        customers=[CUSTOMER],
        orders=[ORDER, ORDER | {"order_id": "o2", "customer_id": "c9"}],
        order_lines=[
            {"order_id": order, "line_number": 1, "quantity": 1, "amount": 1}
            for order in ("o1", "o2")
        ],
        tickets=[TICKET],
        ticket_events=[{"ticket_id": "t1", "event_number": 1, "occurred_at": NOON}],
    )
    assert written["order_lines"].sort("order_id")["customer_id"].to_list() == ["c1", None]
    assert written["ticket_events"]["customer_id"].to_list() == ["c1"]


def test_at_most_five_keys_are_given_as_examples():
    orders = [ORDER | {"order_id": f"o{i}", "customer_id": "c9"} for i in range(8)]
    _, admission = through(customers=[CUSTOMER], orders=orders)
    (rejection,) = admission.rejections
    assert (rejection.rows, rejection.examples) == (8, ("o0", "o1", "o2", "o3", "o4"))


def test_a_row_that_breaks_two_rules_is_counted_by_both_and_leaves_once():
    orders = [ORDER, ORDER | {"order_id": "o2", "status": "?", "amount": None}]
    _, admission = through(customers=[CUSTOMER], orders=orders)
    assert [r.rule for r in admission.rejections] == ["unknown_value", "required_null"]
    assert admission.counts["orders"] == {"read": 2, "admitted": 1}


def test_the_ends_of_feeds_and_the_currencies_are_reported():
    feeds = [{"table_name": "orders", "complete_until": NOON},
             {"table_name": "elsewhere", "complete_until": NOON}]  # fmt: skip
    orders = [ORDER | {"order_id": f"o{i}", "currency": code}
              for i, code in enumerate(["EUR", "CNY", "CNY"])]  # fmt: skip
    _, admission = through(feeds=feeds, customers=[CUSTOMER], orders=orders)
    assert admission.complete_until == {"orders": NOON}
    assert admission.currencies == {"CNY": 2, "EUR": 1}


def test_plain_sql_counts_the_same_duplicates_orphans_and_survivors():
    """An independent count over a few hundred rows that break several rules at once."""
    customers = [{"customer_id": f"c{i % 40}", "updated_at": NOON + i * HOUR} for i in range(50)]
    orders = [
        ORDER | {"order_id": f"o{i % 260}", "customer_id": f"c{i % 47}", "amount": i,
                 "updated_at": NOON + (i * 37 % 100) * HOUR,
                 "status": "?" if i % 31 == 0 else "completed"}
        for i in range(300)
    ]  # fmt: skip
    written, admission = through(customers=customers, orders=orders)
    sql = sqlite3.connect(":memory:")
    sql.execute("CREATE TABLE customers (id TEXT)")
    sql.execute("CREATE TABLE orders (n INT, id TEXT, customer TEXT, status TEXT, updated TEXT)")
    sql.executemany(
        "INSERT INTO customers VALUES (:customer_id)",
        [{"customer_id": c["customer_id"]} for c in customers],
    )
    sql.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
        [
            (o["amount"], o["order_id"], o["customer_id"], o["status"], str(o["updated_at"]))
            for o in orders
        ],
    )
    newest = """SELECT * FROM orders o WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE p.id = o.id
                AND (p.updated > o.updated OR p.updated = o.updated AND p.n > o.n))"""
    survivors = sql.execute(
        f"""SELECT n, CASE WHEN customer IN (SELECT id FROM customers) THEN customer END
            FROM ({newest}) WHERE status <> '?' ORDER BY n"""
    ).fetchall()
    orphans = sql.execute(
        f"""SELECT count(*) FROM ({newest}) WHERE status <> '?'
            AND customer NOT IN (SELECT id FROM customers)"""
    ).fetchone()[0]
    unknown = sql.execute(f"SELECT count(*) FROM ({newest}) WHERE status = '?'").fetchone()[0]
    sql.close()
    assert written["orders"].sort("amount").select("amount", "customer_id").rows() == survivors
    assert caught(admission) == [
        ("customers", "duplicate_key", "customer_id", 10, "excluded"),
        ("orders", "duplicate_key", "order_id", 40, "excluded"),
        ("orders", "unknown_value", "status", unknown, "excluded"),
        ("orders", "orphan", "customer_id", orphans, "nulled"),
    ]
    assert orphans > 0 < unknown


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x07",
        "\x1b[31m"[0],
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\u202a",
        "\u2066",
        "\u2069",
    ],
)
def test_a_character_that_is_not_seen_is_shown_by_a_sign(hidden: str):
    told, line = CUSTOMER | {"name": f"Lan{hidden}Li"}, {"comment": f"good\n\t{hidden}"}
    written, admission = through(customers=[told], survey_responses=[ANSWER | line])
    assert written["customers"]["name"].to_list() == ["Lan\ufffdLi"]
    assert written["survey_responses"]["comment"].to_list() == ["good\n\t\ufffd"]
    assert caught(admission) == [
        ("customers", "hidden_character", "name", 1, "mended"),
        ("survey_responses", "hidden_character", "comment", 1, "mended"),
    ]


def test_text_of_any_language_passes_as_it_is():
    names = ["客户 🏔️ · Zoë", "مرحبا‎", "ไทย", "e\u0301 \ufeff\u200d"]
    rows = [{"customer_id": f"c{n}", "name": name} for n, name in enumerate(names)]
    written, admission = through(customers=rows)
    assert written["customers"]["name"].to_list() == names
    assert admission.rejections == []


def test_keys_are_left_alone_so_that_rows_still_find_each_other():
    odd = "c\u202e1"
    rows = {
        "customers": [CUSTOMER | {"customer_id": odd}],
        "orders": [ORDER | {"customer_id": odd}],
    }
    written, admission = through(**rows)
    assert written["orders"]["customer_id"].to_list() == [odd]
    assert admission.rejections == []


def orders(*amounts):
    return [ORDER | {"order_id": f"o{n}", "amount": amount} for n, amount in enumerate(amounts)]


def test_amounts_whose_sum_would_wrap_around_are_out_of_range():
    rows = orders(*[10**15] * 9_001, 900, -(10**15))  # 9.002 · 10¹⁸ in 9,003 rows
    written, admission = through(customers=[CUSTOMER], orders=rows)
    assert written["orders"]["amount"].to_list() == [900]
    assert caught(admission) == [("orders", "out_of_range", "amount", 9_002, "excluded")]


def test_the_largest_amounts_whose_sum_fits_stay():
    written, admission = through(customers=[CUSTOMER], orders=orders(*[10**15] * 9_000))
    assert written["orders"]["amount"].sum() == 9 * 10**18
    assert admission.rejections == []


def test_a_profit_beyond_the_sum_is_unknown_and_the_order_stays():
    rows = [row | {"profit": 10**15 - 1} for row in orders(*[100] * 9_010)]
    written, admission = through(customers=[CUSTOMER], orders=rows)
    assert written["orders"]["amount"].sum() == 901_000
    assert written["orders"]["profit"].null_count() == 9_010
    assert caught(admission) == [("orders", "out_of_range", "profit", 9_010, "nulled")]
