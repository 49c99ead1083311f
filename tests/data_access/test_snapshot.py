"""Published versions: whole or not at all, checked before use, and only the reader's rows."""

import os
import random
import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data_access.errors import DamagedSnapshotError, NoSnapshotError, RefreshRunningError
from data_access.manifest import FILE_NAME
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore

READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def publish(store, number=1, rows=100):
    """Publish two tables that both hold `number`, so that a torn version would show."""
    with store.staging() as staging:
        for name in ("customers", "orders"):
            staging.write(name, pl.DataFrame({"number": [number] * rows}))
        return staging.publish(read_at=READ_AT + timedelta(minutes=number), facts={"n": number})


def number(snapshot, name="orders"):
    (found,) = snapshot.scan(name, LOCAL_ADMINISTRATOR).collect()["number"].unique()
    return found


@pytest.fixture
def store(tmp_path):
    return SnapshotStore(tmp_path / "snapshots", grace=timedelta(0))


def file_of(store, version, name="orders"):
    return store.root / "versions" / version / f"{name}.parquet"


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def test_what_is_published_is_what_is_read(store):
    version = publish(store, 7)
    snapshot = store.current()
    assert (snapshot.version, snapshot.manifest.read_at) == (
        version,
        READ_AT + timedelta(minutes=7),
    )
    assert (number(snapshot), number(snapshot, "customers")) == (7, 7)
    assert snapshot.warning is None
    entry = snapshot.manifest.tables["orders"]
    assert (entry.rows, entry.bytes) == (100, file_of(store, version).stat().st_size)
    assert entry.schema == {"number": "Int64"}
    assert snapshot.manifest.facts == {"n": 7}


def test_an_open_store_picks_a_new_version_up_and_the_old_one_stays_readable(store):
    publish(store, 1)
    first = store.current()
    assert store.current() is first
    publish(store, 2)
    assert number(store.current()) == 2
    assert number(first) == 1
    assert number(store.open(first.version)) == 1


def test_nothing_published_is_said_with_the_cure(store):
    with pytest.raises(NoSnapshotError, match=r"run `make refresh`"):
        store.current()
    with pytest.raises(NoSnapshotError):
        store.current_version()
    with pytest.raises(NoSnapshotError):
        store.open("20260101T000000Z-00000000")
    assert not store.root.exists()  # reading leaves no trace


def test_what_is_not_published_leaves_the_old_version_and_no_files(store):
    publish(store, 1)
    with store.staging() as staging:  # ended without publishing
        staging.write("orders", pl.DataFrame({"number": [3]}))
    assert number(store.current()) == 1
    assert list((store.root / "staging").iterdir()) == []
    assert len(store.versions()) == 1


def test_a_table_that_cannot_be_written_leaves_the_old_version(store):
    publish(store, 1)
    bad = pl.LazyFrame({"number": ["x"]}).select(pl.col("number").cast(pl.Int64))
    with pytest.raises(pl.exceptions.InvalidOperationError), store.staging() as staging:
        staging.write("orders", bad)
    assert number(store.current()) == 1
    assert list((store.root / "staging").iterdir()) == []


def test_only_one_process_publishes_at_a_time(store):
    with (
        store.staging(),
        pytest.raises(RefreshRunningError, match="Another refresh"),
        SnapshotStore(store.root).staging(),
    ):
        pass


def test_the_last_three_versions_are_kept(store):
    versions = [publish(store, number) for number in range(1, 6)]
    assert store.versions() == versions[:1:-1]
    assert number(store.open(versions[2])) == 3


def test_a_version_just_superseded_is_kept_for_its_readers(tmp_path):
    store = SnapshotStore(tmp_path, grace=timedelta(minutes=10))
    assert len([publish(store, number) for number in range(1, 6)]) == len(store.versions())


def test_leftovers_of_a_crashed_refresh_are_removed_by_the_next(store):
    publish(store, 1)
    leftover = store.root / "staging" / "dead"
    (leftover / "spool").mkdir(parents=True)
    (leftover / "orders.parquet").write_bytes(b"half a fi")
    publish(store, 2)
    assert list((store.root / "staging").iterdir()) == []


def test_the_same_content_twice_is_two_versions(store):
    assert publish(store, 1) != publish(store, 1)
    assert number(store.current()) == 1


def test_only_this_user_may_read(store):
    publish(store)
    assert store.root.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_is_found_and_the_last_whole_version_served(store, seed):
    good, bad = publish(store, 1), publish(store, 2)
    path = random.Random(seed).choice(
        [file_of(store, bad), store.root / "versions" / bad / FILE_NAME]
    )
    flip(path, random.Random(seed).randrange(path.stat().st_size * 8))
    snapshot = SnapshotStore(store.root).current()
    assert (snapshot.version, number(snapshot)) == (good, 1)
    assert snapshot.warning.version == bad
    assert path.name in snapshot.warning.reason


@pytest.mark.parametrize("harm", ["cut", "removed", "manifest removed", "another CURRENT"])
def test_other_damage_is_found_too(store, harm):
    good, bad = publish(store, 1), publish(store, 2)
    path = file_of(store, bad)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif harm == "removed":
        path.unlink()
    elif harm == "manifest removed":
        (path.parent / FILE_NAME).unlink()
    else:
        path.unlink()
        (store.root / "CURRENT").write_bytes(b"\xff\x00nonsense")
    snapshot = SnapshotStore(store.root).current()
    assert snapshot.version == good
    assert snapshot.warning is not None


def replaced(path, harm):
    """Put something else where a file was."""
    path.unlink()
    if harm == "empty":
        path.write_bytes(b"")
    elif harm == "nonsense":
        path.write_bytes(b"\xff\x00../../etc/passwd\n" * 10_000)
    elif harm == "a directory":
        path.mkdir()
    elif harm == "a circle of links":
        path.symlink_to(path)


@pytest.mark.parametrize("harm", ["empty", "nonsense", "a directory", "a circle of links"])
def test_a_current_that_names_nothing_leads_to_the_newest_whole_version(store, harm):
    publish(store, 1)
    newest = publish(store, 2)
    replaced(store.root / "CURRENT", harm)
    snapshot = SnapshotStore(store.root).current()
    assert (snapshot.version, number(snapshot)) == (newest, 2)
    assert snapshot.warning is not None


@pytest.mark.parametrize("harm", ["empty", "nonsense", "a circle of links"])
def test_the_next_refresh_heals_a_current_that_names_nothing(store, harm):
    publish(store, 1)
    replaced(store.root / "CURRENT", harm)
    fresh = publish(store, 2)
    assert SnapshotStore(store.root).current().version == fresh
    assert SnapshotStore(store.root).current().warning is None


@pytest.fixture
def open_store():
    """A store in a folder that everybody may enter, as `tmp_path` is not."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    yield SnapshotStore(Path(folder) / "snapshots")
    shutil.rmtree(folder)


@contextmanager
def nobodys_rights(root, *forbidden):
    """Read what is below `root` like a user who may read all but these; root may read anything."""
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in forbidden:
        path.chmod(0)
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_current_that_may_not_be_read_leads_to_the_newest_whole_version(open_store):
    newest = publish(open_store, 1)
    with nobodys_rights(open_store.root, open_store.root / "CURRENT"):
        snapshot = SnapshotStore(open_store.root).current()
    assert snapshot.version == newest
    assert snapshot.warning is not None


def test_a_version_that_may_not_be_read_is_not_served(open_store):
    good, bad = publish(open_store, 1), publish(open_store, 2)
    with nobodys_rights(open_store.root, file_of(open_store, bad)):
        snapshot = SnapshotStore(open_store.root).current()
    assert (snapshot.version, snapshot.warning.version) == (good, bad)
    assert "cannot be read" in snapshot.warning.reason


def test_where_nothing_may_be_read_it_is_one_sentence(open_store):
    publish(open_store, 1)
    with (
        nobodys_rights(open_store.root, open_store.root),
        pytest.raises(DamagedSnapshotError, match="refresh"),
    ):
        SnapshotStore(open_store.root).current()


def test_the_next_refresh_heals(store):
    publish(store, 1)
    flip(file_of(store, publish(store, 2)), 99)
    assert SnapshotStore(store.root).current().warning is not None
    publish(store, 3)
    assert store.current().warning is None


def test_no_whole_version_is_one_sentence(store):
    flip(file_of(store, publish(store)), 80)
    with pytest.raises(DamagedSnapshotError, match=r"orders.parquet fails its checksum.*refresh"):
        store.current()


def test_present_and_as_of_come_from_the_manifest(store):
    with store.staging() as staging:
        for name in ("orders", "tickets"):
            staging.write(name, pl.DataFrame({"a": [1]}))
        staging.publish(
            read_at=READ_AT,
            facts={
                "absent": ["tickets"],
                "complete_until": {"orders": "2026-10-31T10:00:00+00:00"},
            },
        )
    snapshot = store.current()
    assert [snapshot.present(name) for name in ("orders", "tickets", "nothing")] == [
        True, False, False,
    ]  # fmt: skip
    assert snapshot.as_of("orders") == datetime(2026, 10, 31, 10, tzinfo=UTC)
    assert snapshot.as_of("tickets") == READ_AT


def test_rows_of_one_customer_lie_together(store):
    rows = 200_000
    frame = pl.DataFrame(
        {
            "interaction_id": [str(i) for i in range(rows)],
            "customer_id": [f"c{i * 7919 % 5000:04}" for i in range(rows)],
            "occurred_at": [READ_AT - timedelta(seconds=i) for i in range(rows)],
        }
    )
    with store.staging() as staging:
        staging.write("interactions", frame)
        version = staging.publish(read_at=READ_AT, facts={})
    read = pl.read_parquet(file_of(store, version, "interactions"))
    assert read.select("customer_id", "occurred_at").rows() == sorted(
        frame.select("customer_id", "occurred_at").rows()
    )


def test_a_table_too_large_to_sort_at_once_is_sorted_in_ranges(store, monkeypatch):
    monkeypatch.setattr("data_access.staging._ROWS_SORTED_AT_ONCE", 1_000)
    ids = [f"c{i * 7919 % 300:03}" if i % 50 else None for i in range(10_000)]
    frame = pl.DataFrame({"order_id": [str(i) for i in range(10_000)], "customer_id": ids})
    with store.staging() as staging:
        staging.write("orders", frame)
        staging.publish(read_at=READ_AT, facts={})
    snapshot = store.current()
    files = snapshot.manifest.tables["orders"].files
    assert len(files) == 10
    assert max(file.rows for file in files) < 1_500
    read = snapshot.scan("orders", LOCAL_ADMINISTRATOR).collect()
    assert read["customer_id"].to_list() == sorted(ids, key=lambda key: key or "")
    assert sorted(read["order_id"]) == sorted(frame["order_id"])
