"""Row scopes: a principal reads the rows of their customers, and nothing that is nobody's."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.contract import TABLES, Scope
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.snapshot import SnapshotStore

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)

REGIONS = ["east", "west", "north", None]
OWNERS = ["e1", "e2", None]
CUSTOMERS = pl.DataFrame(
    [
        {"customer_id": f"c{i}", "region": REGIONS[i % 4], "owner_id": OWNERS[i % 3]}
        for i in range(24)
    ]
)
ABOUT = {f"c{i}": (REGIONS[i % 4], OWNERS[i % 3]) for i in range(24)}


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A published company in which every table and kind of mart has rows of every customer."""
    store = SnapshotStore(tmp_path_factory.mktemp("company"))
    events = pl.DataFrame({"customer_id": [*ABOUT, *ABOUT, None], "value": range(49)})
    dims = CUSTOMERS.select("region", "owner_id").unique(maintain_order=True)
    with store.staging() as staging:
        for name, table in TABLES.items():
            own = "customer_id" in table.schema
            rows = events if own else pl.DataFrame({"value": [1, 2]})
            staging.write(name, CUSTOMERS if name == "customers" else rows)
        staging.write("customer_mart", CUSTOMERS)
        staging.write("tier_history", events)
        staging.write("order_months", dims.with_columns(purchases=pl.lit(1)))
        staging.write("risk_months", dims.with_columns(at_risk=pl.lit(1)))
        staging.write("budget_months", pl.DataFrame({"planned": [1]}))
        staging.write("calendar", pl.DataFrame({"day": [1]}), scope=Scope.OPEN)
        staging.publish(read_at=READ_AT, facts={})
    return store.current()


principals = st.builds(
    Principal,
    name=st.just("x"),
    role=st.sampled_from(["administrator", "manager", "success_lead"]),
    regions=st.none() | st.lists(st.sampled_from(["east", "west", "none such"])).map(tuple),
    owner_id=st.none() | st.sampled_from(["e1", "e9", ""]),
)


def theirs(principal, about):
    region, owner = about
    return (principal.regions is None or region in principal.regions) and (
        principal.owner_id is None or owner == principal.owner_id
    )


@settings(max_examples=25, deadline=None)
@given(principal=principals)
def test_nobody_reads_a_row_outside_their_scope(company, principal):
    own = {key for key, about in ABOUT.items() if theirs(principal, about)}
    everything = principal.regions is None and principal.owner_id is None
    assert principal.sees_everything == everything
    for name, entry in company.manifest.tables.items():
        frame = company.scan(name, principal).collect()
        assert {column: str(kind) for column, kind in frame.schema.items()} == entry.schema
        if everything or entry.scope == Scope.OPEN:
            assert frame.height == entry.rows
        elif entry.scope == Scope.COMPANY:
            assert frame.is_empty()
        elif "customer_id" in entry.schema:
            whole = company.scan(name, LOCAL_ADMINISTRATOR).collect()
            assert set(frame["customer_id"]) == own
            assert frame.height == whole["customer_id"].is_in(list(own)).sum()
        else:
            cells = {about for about in ABOUT.values() if theirs(principal, about)}
            assert set(frame.select("region", "owner_id").rows()) == cells


def test_what_cannot_be_attributed_is_hidden_unless_declared_open(company):
    scopes = {name: entry.scope for name, entry in company.manifest.tables.items()}
    assert scopes["budget_months"] == Scope.COMPANY
    assert scopes["calendar"] == Scope.OPEN
    about_customers = ("order_months", "risk_months", "tier_history")
    assert {scopes[name] for name in about_customers} == {Scope.CUSTOMER}
    assert all(scopes[name] == table.scope for name, table in TABLES.items())


def test_a_filter_by_customer_reaches_the_file_under_a_row_scope(company):
    limited = Principal("x", "manager", regions=("east",))
    plan = company.scan("orders", limited).filter(pl.col("customer_id") == "c0").explain()
    assert plan.count('SELECTION: col("customer_id") == "c0"') + plan.count('== "c0") &') == 2
