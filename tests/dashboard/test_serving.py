"""Which version readers get while others are published, damaged, or cannot be loaded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import polars as pl
import pytest

from dashboard import data
from dashboard.resident import HELD
from dashboard.serving import Opened, Serving
from dashboard.settings import Settings
from dashboard.view import View
from data_access.errors import DamagedSnapshotError, DataAccessError, NoSnapshotError
from data_access.manifest import sha256
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.snapshot import Snapshot, SnapshotStore
from metrics.selection import Selection
from metrics.tiers.scheme import default_code
from tests.conftest import Installation

S0 = default_code()
READ_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def publish(store: SnapshotStore, number: int, *, same: str = "", without: str = "") -> str:
    """Publish every table that is held, full of `number`; `same` holds 0 in every version."""
    with store.staging() as staging:
        for name in HELD.keys() - {without}:
            value = 0 if name == same else number
            columns = {column: [value] * 3 for column in HELD[name] or ("number",)}
            staging.write(name, pl.DataFrame(columns | {"table": [name] * 3}))
        return staging.publish(read_at=READ_AT + timedelta(minutes=number), facts={})


def numbers(opened: Opened) -> set[int]:
    return {value for frame in opened.frames.values() for value in frame.to_series(0)}


def damage(store: SnapshotStore, snapshot: Snapshot, name: str) -> None:
    """Flip a bit in the one file of a table, wherever the store keeps it."""
    wanted = snapshot.manifest.tables[name].files[0].sha256
    (path,) = (path for path in store.root.rglob("*.parquet") if sha256(path) == wanted)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots", grace=timedelta(0))


def test_what_is_published_is_served_once_somebody_has_looked(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    assert numbers(serving.current()) == {1}
    publish(store, 2)
    assert numbers(serving.current()) == {1}
    serving.look()
    assert numbers(serving.current()) == {2}


def test_looking_again_opens_nothing_again(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    assert serving.look() is serving.look() is serving.current()


def test_readers_keep_the_old_version_while_the_next_is_loaded(tmp_path: Path):
    reading, go_on = Event(), Event()

    class SlowDisk(SnapshotStore):
        def current(self) -> Snapshot:
            reading.set()
            assert go_on.wait(60)
            return super().current()

    store = SlowDisk(tmp_path)
    publish(store, 1)
    go_on.set()
    serving = Serving(store)
    old = serving.current()
    publish(store, 2)
    reading.clear()
    go_on.clear()
    background = Thread(target=serving.look, daemon=True)
    background.start()
    assert reading.wait(60)
    assert serving.current() is old
    go_on.set()
    background.join(60)
    assert numbers(serving.current()) == {2}


def test_the_first_readers_wait_for_one_load(store: SnapshotStore):
    publish(store, 1)
    serving, together = Serving(store), Barrier(4)

    def read(_: int) -> Opened:
        together.wait(60)
        return serving.current()

    with ThreadPoolExecutor(4) as readers:
        opened = list(readers.map(read, range(4)))
    assert all(each is opened[0] for each in opened)


@pytest.mark.parametrize("same", list(HELD))
def test_what_has_not_changed_is_in_memory_once(store: SnapshotStore, same: str):
    publish(store, 1, same=same)
    serving = Serving(store)
    before = serving.current()
    publish(store, 2, same=same)
    after = serving.look()
    shared = [name for name in HELD if after.frames[name, S0] is before.frames[name, S0]]
    assert shared == [same]
    assert numbers(after) == {0, 2}


def test_an_old_version_leaves_the_memory_with_its_last_reader(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    reader = serving.current()
    version = reader.snapshot.version
    publish(store, 2)
    serving.look()
    assert serving.opened(version) is reader
    del reader
    assert serving.opened(version).frames == {}
    employees = serving.opened(version).snapshot.scan("employees", LOCAL_ADMINISTRATOR)
    assert employees.collect()["number"].to_list() == [1, 1, 1]


def test_a_damaged_version_is_told_and_the_one_before_stays_in_memory(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    before = serving.current()
    version = publish(store, 2)
    damage(store, SnapshotStore(store.root).current(), "customer_mart")
    after = serving.look()
    assert serving.current() is after
    assert after.snapshot.version == before.snapshot.version
    assert after.snapshot.warning is not None
    assert after.snapshot.warning.version == version
    assert all(after.frames[name, S0] is before.frames[name, S0] for name in HELD)
    publish(store, 3)
    assert serving.look().snapshot.warning is None


def test_nothing_is_served_when_no_version_is_whole_until_one_is(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    damage(store, serving.current().snapshot, "employees")
    publish(store, 2)
    damage(store, SnapshotStore(store.root).current(), "employees")
    for ask in (serving.look, serving.current):
        with pytest.raises(DamagedSnapshotError):
            ask()
    publish(store, 3)
    assert numbers(serving.current()) == {3}


def test_the_first_version_is_served_as_soon_as_there_is_one(store: SnapshotStore):
    serving = Serving(store)
    with pytest.raises(NoSnapshotError):
        serving.current()
    publish(store, 1)
    assert numbers(serving.current()) == {1}


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(store: SnapshotStore):
    publish(store, 1)
    serving = Serving(store)
    before = serving.current()
    publish(store, 2, without="customer_mart")
    with pytest.raises(KeyError):
        serving.look()
    assert serving.current() is before


def test_the_watch_goes_on_after_any_failure_and_looks_ever_less_often(
    store: SnapshotStore, caplog: pytest.LogCaptureFixture
):
    """Nothing published, then a version, then one that lacks a mart, then a whole one."""
    serving = Serving(store)
    happens: list[Callable[[], object]] = [
        *[lambda: None] * 8,
        lambda: publish(store, 1),
        lambda: publish(store, 2, without="customer_mart"),
        lambda: publish(store, 3),
    ]
    pauses: list[float] = []
    served: list[set[int]] = []

    def wait(seconds: float) -> bool:
        try:
            served.append(numbers(serving.current()))
        except DataAccessError:
            served.append(set())
        pauses.append(seconds)
        if not happens:
            return True
        happens.pop(0)()
        return False

    with caplog.at_level(logging.WARNING):
        serving.watch(wait)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 1, 2, 1]
    assert served == [set()] * 9 + [{1}, {1}, {3}]
    assert ["customer_mart" in said for said in caplog.messages] == [False, True]


def test_a_page_reads_one_version_to_its_end(
    tmp_path: Path, opened: Callable[[Installation], None]
):
    own = Settings("demo", "", tmp_path, "Asia/Shanghai", 2, "CNY")
    store = SnapshotStore(own.snapshots)
    opened(Installation(own))
    publish(store, 1)
    with data.reading() as version:
        publish(store, 2)
        data.serving().look()
        assert data.current_version() != version
        view = View(version, LOCAL_ADMINISTRATOR, "year", "previous", Selection())
        assert data.serving().opened(version).frames
        assert data.frame(view, "employees").collect()["number"].to_list() == [1, 1, 1]
    assert not data.serving().opened(version).frames
