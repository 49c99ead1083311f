"""Publishing, killed at any moment: readers get a whole version, always, and never an older one."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data_access.contract import Power
from data_access.door import admit
from data_access.errors import NoSnapshotError
from data_access.extract import extract
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.snapshot import SnapshotStore

KILLS = int(os.environ.get("STAYLINE_TEST_KILLS", "4"))
PUBLISHER = Path(__file__).with_name("publish_without_end.py")
ROOT = Path(__file__).parents[2]
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def read(store):
    """The number that both tables of the current version hold; fails if it is not one number."""
    snapshot = store.current()
    assert snapshot.warning is None
    numbers = set()
    for name in ("customers", "orders"):
        column = snapshot.scan(name, LOCAL_ADMINISTRATOR).collect()["number"]
        assert column.len() == 20_000
        numbers |= {*column}
    assert numbers == {snapshot.manifest.facts["number"]}
    return numbers.pop()


def test_killed_publishers_never_show_half_a_version(tmp_path):
    moment = random.Random(7)
    store, seen = SnapshotStore(tmp_path, grace=timedelta(seconds=5)), -1
    for kill in range(KILLS):
        publisher = subprocess.Popen(
            [sys.executable, str(PUBLISHER), str(tmp_path), str(kill * 1_000)], cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 120
            while seen < kill * 1_000 and time.monotonic() < deadline:
                try:
                    seen = max(seen, read(store))
                except NoSnapshotError:
                    time.sleep(0.02)
            end = time.monotonic() + moment.uniform(0, 0.3)
            while time.monotonic() < end:
                now = read(store)
                assert now >= seen
                seen = now
        finally:
            publisher.send_signal(signal.SIGKILL)
            publisher.wait()
        assert read(store) >= seen >= kill * 1_000
    fresh = SnapshotStore(tmp_path, grace=timedelta(0))
    with fresh.staging() as staging:
        assert list((tmp_path / "staging").iterdir()) == [staging.spool.parent]


def test_from_the_crm_to_a_page(crm, tmp_path):
    """The whole way, as a refresh goes it: read, check, publish, open, scan."""
    rows = {
        "customers": [
            {"customer_id": "c1", "name": "晨光", "region": "华东"},
            {"customer_id": "c2", "name": "Lan", "region": "华北"},
        ],
        "orders": [
            {"order_id": f"o{number}", "customer_id": customer, "ordered_at": MOMENT,
             "status": status, "amount": 100, "currency": "CNY"}
            for number, (customer, status) in enumerate(
                [("c2", "completed"), ("c1", "completed"), ("c9", "completed"), ("c1", "lost")]
            )
        ],
    }  # fmt: skip
    store = SnapshotStore(tmp_path / "snapshots")
    with store.staging() as staging:
        url = crm(rows, tables={"customers", "orders"})
        extraction = extract(url, spool=staging.spool, read_at=MOMENT)
        admission = admit(extraction, staging)
        staging.publish(read_at=MOMENT, facts=admission.facts(extraction) | {"data_set": "test"})
    snapshot = store.current()
    orders = snapshot.scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert orders.select("customer_id", "order_id").rows() == [
        (None, "o2"), ("c1", "o1"), ("c2", "o0"),
    ]  # fmt: skip
    east = Principal("x", "manager", regions=("华东",))
    assert snapshot.scan("orders", east).collect()["order_id"].to_list() == ["o1"]
    assert not snapshot.present("tickets")
    assert snapshot.scan("tickets", LOCAL_ADMINISTRATOR).collect().is_empty()
    assert Power.SERVICE in snapshot.switched_off
    assert Power.TIERS not in snapshot.switched_off
    facts = snapshot.manifest.facts
    assert (facts["currency"], facts["counts"]["orders"]) == ("CNY", {"read": 4, "admitted": 3})
    assert [(caught["rule"], caught["rows"]) for caught in facts["rejections"]] == [
        ("unknown_value", 1), ("orphan", 1),
    ]  # fmt: skip
