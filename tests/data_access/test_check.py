"""Every missing table and column is named, with what it switches off."""

import pytest
import sqlalchemy as sa

from data_access.check import check, compare, usable
from data_access.connection import read_only_engine
from data_access.contract import TABLES, Power
from data_access.errors import UnsupportedSourceError
from data_access.findings import Severity


def everything():
    kinds = {"Datetime": sa.DateTime(), "Date": sa.Date(), "Boolean": sa.Boolean()}
    return {
        table.name: {
            c.name: kinds.get(str(c.dtype).partition("(")[0])
            or (sa.Text() if str(c.dtype) == "String" else sa.Integer())
            for c in table.columns
        }
        for table in TABLES.values()
    }


def test_our_own_schema_keeps_the_contract(crm):
    engine = read_only_engine(crm())
    assert check(engine) == []
    engine.dispose()


def test_an_empty_database_lacks_every_table(crm):
    engine = read_only_engine(crm(tables={"feeds"}))
    findings = check(engine)
    assert [finding.table for finding in findings] == [name for name in TABLES if name != "feeds"]
    assert {finding.code for finding in findings} == {"missing_table"}
    engine.dispose()


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_table_is_named_with_what_goes(name):
    present = everything()
    del present[name]
    (finding,) = compare(present)
    assert (finding.code, finding.table) == ("missing_table", name)
    assert finding.switches_off == TABLES[name].powers
    assert (finding.severity is Severity.ERROR) == (name in {"customers", "orders"})
    assert all(power in finding.sentence for power in finding.switches_off)


@pytest.mark.parametrize(
    ("table", "column", "severity", "off"),
    [
        pytest.param("orders", "amount", "error", TABLES["orders"].powers, id="required"),
        pytest.param("orders", "profit", "off", (Power.PROFIT,), id="optional"),
        pytest.param("tickets", "kind", "off", (Power.SERVICE,), id="needed by its table"),
        pytest.param("tickets", "category", "note", (), id="optional, nothing hangs on it"),
    ],
)
def test_a_missing_column_is_named_with_what_goes(table, column, severity, off):
    present = everything()
    del present[table][column]
    (finding,) = compare(present)
    assert (finding.table, finding.column) == (table, column)
    assert (finding.severity, finding.switches_off) == (severity, off)


def test_half_a_table_is_no_table():
    present = everything()
    del present["tickets"]["created_at"]
    del present["orders"]["profit"]
    assert "tickets" not in usable(present)
    assert "profit" not in usable(present)["orders"]


def test_a_float_for_money_is_noticed():
    present = everything()
    present["orders"]["amount"] = sa.Float()
    present["orders"]["ordered_at"] = sa.Integer()
    assert [(finding.code, finding.column) for finding in compare(present)] == [
        ("wrong_type", "ordered_at"),
        ("wrong_type", "amount"),
    ]


def test_a_view_will_do(crm):
    url = crm()
    writer = sa.create_engine(url)
    with writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE budgets RENAME TO finance_plan")
        connection.exec_driver_sql("CREATE VIEW budgets AS SELECT * FROM finance_plan")
    writer.dispose()
    engine = read_only_engine(url)
    assert check(engine) == []
    engine.dispose()


def test_an_unknown_crm_is_refused_by_name():
    with pytest.raises(UnsupportedSourceError, match="'sugarcube'; it reads stayline"):
        check(sa.create_engine("sqlite://"), "sugarcube")
