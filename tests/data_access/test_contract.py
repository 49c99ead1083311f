"""The contract is coherent: what the extraction, the door and the snapshot derive from it holds."""

import polars as pl
import pytest

from data_access.contract import TABLES, TIME, Power, Scope

COLUMNS = [(table, column) for table in TABLES.values() for column in table.columns]


def test_only_customers_and_orders_are_required():
    assert [table.name for table in TABLES.values() if table.required] == ["customers", "orders"]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_keys_are_columns_that_are_never_null(table):
    assert not any(table.column(name).nullable for name in table.key)


def test_an_optional_column_may_be_null_since_its_absence_reads_as_null():
    assert all(column.nullable for _, column in COLUMNS if column.optional)


def test_references_lead_to_an_earlier_table_with_one_key_column():
    names = list(TABLES)
    for table, column in COLUMNS:
        if column.references:
            assert names.index(column.references) < names.index(table.name)
            assert len(TABLES[column.references].key) == 1


def test_a_time_that_cannot_precede_another_names_a_time():
    for table, column in COLUMNS:
        if column.not_before:
            assert column.dtype == table.column(column.not_before).dtype == TIME


def test_no_column_is_a_float():
    assert not any(dtype.is_float() for table in TABLES.values() for dtype in table.schema.values())


def test_each_time_has_its_day_except_the_bookkeeping_one():
    assert TABLES["tickets"].days == {
        "created_at": "created_on",
        "first_response_at": "first_response_on",
        "routed_at": "routed_on",
        "resolved_at": "resolved_on",
        "closed_at": "closed_on",
    }
    assert TABLES["tickets"].schema["resolved_on"] == pl.Date


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_row_about_customers_can_be_attributed(table):
    assert (table.scope is Scope.CUSTOMER) == ("customer_id" in table.schema)


def test_every_power_is_fed_by_something():
    fed = {power for table in TABLES.values() for power in table.powers}
    fed |= {power for table in TABLES.values() for c in table.columns for power in c.powers}
    assert fed == set(Power)
