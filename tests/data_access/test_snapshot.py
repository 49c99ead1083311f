"""Published versions: whole or not at all, checked before use, and only the reader's rows."""

import json
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
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import SnapshotStore
from data_access.storage.delta import DeltaStorage

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
def files(tmp_path):
    """A store on a disk."""
    return SnapshotStore(tmp_path / "snapshots", grace=timedelta(0))


@pytest.fixture
def delta(tmp_path):
    """A store of Delta Lake tables."""
    return SnapshotStore(DeltaStorage(f"file://{tmp_path}/lake"), grace=timedelta(0))


@pytest.fixture(params=["files", "delta"])
def store(request):
    """Each kind of store."""
    return request.getfixturevalue(request.param)


def again(store):
    """Another reader of the same store."""
    place = store.root if isinstance(store.root, Path) else DeltaStorage(store.root)
    return SnapshotStore(place, grace=timedelta(0))


def below(store, pattern):
    return {*Path(str(store.root).removeprefix("file://")).glob(pattern)}


def manifest_of(store, version):
    (path,) = below(store, f"versions/*{version}.json")
    return path


def file_of(store, version, name="orders"):
    """The one file of a table; `customers` and `orders` of one version are equal in content."""
    entry = json.loads(manifest_of(store, version).read_text("utf-8"))["manifest"]["tables"][name]
    (path,) = below(store, f"data/{entry['files'][0]['name']}")
    return path


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
    assert below(store, "**/*.*") == set()  # reading leaves no trace


def test_what_is_not_published_leaves_the_old_version_and_no_files(store):
    publish(store, 1)
    with store.staging() as staging:  # ended without publishing
        staging.write("orders", pl.DataFrame({"number": [3]}))
    assert number(store.current()) == 1
    assert below(store, "staging/*") == set()
    assert len(store.versions()) == 1


def test_a_table_that_cannot_be_written_leaves_the_old_version(store):
    publish(store, 1)
    bad = pl.LazyFrame({"number": ["x"]}).select(pl.col("number").cast(pl.Int64))
    with pytest.raises(pl.exceptions.InvalidOperationError), store.staging() as staging:
        staging.write("orders", bad)
    assert number(store.current()) == 1
    assert below(store, "staging/*") == set()


def test_only_one_process_writes_to_a_disk_at_a_time(files):
    with (
        files.staging(),
        pytest.raises(RefreshRunningError, match="Another refresh"),
        again(files).staging(),
    ):
        pass


def test_of_two_that_write_at_once_one_publishes(delta):
    with delta.staging() as slow:
        slow.write("customers", pl.DataFrame({"number": [1]}))
        publish(again(delta), 2)
        with pytest.raises(RefreshRunningError, match="Another refresh"):
            slow.publish(read_at=READ_AT, facts={})
    assert number(again(delta).current()) == 2
    publish(delta, 3)
    assert number(again(delta).current()) == 3


def test_every_table_is_a_delta_lake_table_of_the_current_version(delta):
    for count in range(1, 6):
        publish(delta, count)
        rows = pl.scan_delta(f"{delta.root}/data/orders".removeprefix("file://")).collect()
        assert rows.equals(pl.DataFrame({"number": [count] * 100}))


def test_the_last_three_versions_are_kept(store):
    versions = [publish(store, number) for number in range(1, 6)]
    assert store.versions() == versions[:1:-1]
    assert number(store.open(versions[2])) == 3


def test_a_version_just_superseded_is_kept_for_its_readers(tmp_path):
    store = SnapshotStore(tmp_path, grace=timedelta(minutes=10))
    assert len([publish(store, number) for number in range(1, 6)]) == len(store.versions())


def test_leftovers_of_a_crashed_refresh_are_removed_by_the_next(store):
    unlisted = file_of(store, publish(store, 1)).with_name("0123.parquet")
    unlisted.write_bytes(b"brought, and then killed")
    long_ago = unlisted.stat().st_mtime - 2 * 86_400
    os.utime(unlisted, (long_ago, long_ago))
    publish(store, 2)
    assert not unlisted.exists()


def test_what_was_in_the_making_on_a_disk_is_removed_by_the_next(files):
    leftover = files.root / "staging" / "dead"
    (leftover / "spool").mkdir(parents=True)
    (leftover / "part.parquet").write_bytes(b"half a fi")
    publish(files, 2)
    assert below(files, "staging/*") == set()


def test_the_same_content_twice_is_two_versions(store):
    assert publish(store, 1) != publish(store, 1)
    assert number(store.current()) == 1


def test_only_this_user_may_read(files):
    publish(files)
    assert files.root.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_is_found_and_the_last_whole_version_served(store, seed):
    good, bad = publish(store, 1), publish(store, 2)
    path = random.Random(seed).choice([file_of(store, bad), manifest_of(store, bad)])
    flip(path, random.Random(seed).randrange(path.stat().st_size * 8))
    snapshot = again(store).current()
    assert (snapshot.version, number(snapshot)) == (good, 1)
    assert snapshot.warning.version == bad
    assert path.stem[-8:] in snapshot.warning.reason


@pytest.mark.parametrize("harm", ["cut", "removed", "manifest cut"])
def test_other_damage_is_found_too(store, harm):
    good, bad = publish(store, 1), publish(store, 2)
    path = file_of(store, bad)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif harm == "removed":
        path.unlink()
    else:
        manifest_of(store, bad).write_bytes(manifest_of(store, bad).read_bytes()[:-1])
    snapshot = again(store).current()
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
def test_a_current_that_names_nothing_leads_to_the_newest_whole_version(files, harm):
    publish(files, 1)
    newest = publish(files, 2)
    replaced(files.root / "CURRENT", harm)
    snapshot = again(files).current()
    assert (snapshot.version, number(snapshot)) == (newest, 2)
    assert snapshot.warning is not None


@pytest.mark.parametrize("harm", ["empty", "nonsense", "a circle of links"])
def test_the_next_refresh_heals_a_current_that_names_nothing(files, harm):
    publish(files, 1)
    replaced(files.root / "CURRENT", harm)
    fresh = publish(files, 2)
    assert again(files).current().version == fresh
    assert again(files).current().warning is None


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
    assert again(store).current().warning is not None
    publish(store, 3)
    assert store.current().warning is None


def test_no_whole_version_is_one_sentence(store):
    flip(file_of(store, publish(store)), 80)
    with pytest.raises(
        DamagedSnapshotError, match=r"orders/all/\w+.parquet fails its checksum.*refresh"
    ):
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


def test_what_is_the_same_in_two_versions_is_kept_once(store):
    with store.staging() as staging:
        staging.write("customers", pl.DataFrame({"number": [1]}))
        staging.write("orders", pl.DataFrame({"number": [1]}))
        first = staging.publish(read_at=READ_AT, facts={})
    with store.staging() as staging:
        staging.write("customers", pl.DataFrame({"number": [2]}))
        staging.write("orders", pl.DataFrame({"number": [1]}))
        second = staging.publish(read_at=READ_AT, facts={})
    assert file_of(store, first) == file_of(store, second)
    assert len(below(store, "data/*/*/*.parquet")) == 3
    assert [number(store.open(version), "customers") for version in (first, second)] == [1, 2]


def test_files_of_forgotten_versions_are_removed(store):
    for count in range(1, 6):
        publish(store, count)
    kept = {file_of(store, version, name) for version in store.versions()
            for name in ("customers", "orders")}  # fmt: skip
    assert below(store, "data/*/*/*.parquet") == kept


def test_a_damaged_file_is_healed_by_the_refresh_that_writes_its_content_again(store):
    flip(file_of(store, publish(store, 1)), 99)
    publish(store, 1)
    assert again(store).current().warning is None


def test_a_refresh_does_not_go_on_from_a_damaged_version(store):
    version = publish(store, 1)
    with store.staging() as staging:
        assert staging.base.version == version
    flip(file_of(store, version), 99)
    with again(store).staging() as staging:
        assert staging.base is None
