"""A database that cannot be opened, read or written: one sentence, nothing half done."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event

from data_access.workspace import Workspace, WorkspaceError, cases, errors, reading
from data_access.workspace import database as databases
from tests.data_access.workspace.conftest import LI, customers, opening, rows

PASSWORD = "open-sesame"


def opened(url: str) -> Workspace:
    made = Workspace(url, customers)
    made.open()
    return made


def said(error: WorkspaceError) -> str:
    text = str(error)
    assert "\n" not in text
    assert PASSWORD not in text
    return text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u@h/d", "SQLite or PostgreSQL"),
        ("sqlite://", "names no file"),
        ("no address", "cannot be understood"),
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/d", "u:\\*\\*\\*@127.0.0.1:1/d: .*refused"),
    ],
)
def test_an_address_that_leads_nowhere(url: str, words: str):
    with pytest.raises(errors.UnavailableWorkspaceError, match=words) as caught:
        opened(url)
    said(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path):
    path = tmp_path / "workspace.sqlite"
    path.write_bytes(b"not a database at all, but long enough to look like a page of one" * 99)
    with pytest.raises(errors.DamagedWorkspaceError, match="not a database") as caught:
        opened(f"sqlite:///{path}")
    said(caught.value)
    assert path.read_bytes().startswith(b"not a database")


def test_a_damaged_page_is_found_before_anything_is_written(sqlite_url: str, write):
    made = opened(sqlite_url)
    for number in range(60):
        cases.start(made, write(), {f"c{number}": opening()})
    made.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    for page in range(1, len(whole) // 4096):
        path.write_bytes(whole[: page * 4096] + b"\xff" * 64 + whole[page * 4096 + 64 :])
        with pytest.raises(errors.DamagedWorkspaceError) as caught:
            opened(sqlite_url)
        said(caught.value)
    path.write_bytes(whole)
    again = opened(sqlite_url)
    assert len(rows(again, "cases")) == 60
    again.close()


def test_a_file_that_another_process_holds(sqlite_url: str, write, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.05)
    made = opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(errors.BusyWorkspaceError, match="try again") as caught:
        cases.note(made, write(), "c1", "called")
    said(caught.value)
    assert reading.folder(made, LI, "c1").notes == ()
    other.execute("rollback")
    other.close()
    cases.note(made, write(), "c1", "called")
    assert len(reading.folder(made, LI, "c1").notes) == 1
    made.close()


@pytest.mark.postgres
def test_a_server_whose_writer_does_not_end(postgres_url: str, write, monkeypatch):
    monkeypatch.setattr(databases, "BUSY_SECONDS", 1)
    made, other = opened(postgres_url), opened(postgres_url)
    with (
        other.database.writing(write(), "test"),
        pytest.raises(errors.BusyWorkspaceError, match="try again"),
    ):
        cases.note(made, write(), "c1", "called")
    assert other.state() == 0
    cases.note(made, write(), "c1", "called")
    made.close()
    other.close()


def test_a_full_disk_keeps_what_was_there(sqlite_url: str, write):
    made = opened(sqlite_url)
    cases.start(made, write(), {"c0": opening()})
    with made.database.reading() as session:
        pages = session.connection().exec_driver_sql("pragma page_count").scalar()

    @event.listens_for(made.database._engine, "checkout")
    def full(connection, _record, _proxy) -> None:
        connection.execute(f"pragma max_page_count = {pages}")

    def fill() -> None:
        for number in range(1, 200):
            cases.start(made, write(), {f"c{number}": opening()})

    with pytest.raises(errors.UnwritableWorkspaceError, match="full") as caught:
        fill()
    said(caught.value)
    kept = len(rows(made, "cases"))
    assert kept >= 1
    assert len(rows(made, "steps")) == 5 * kept
    assert len(rows(made, "audit_entries")) == 6 * kept
    assert len(rows(made, "requests")) == kept
    made.close()


def test_a_place_that_may_not_be_written_to(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(errors.UnwritableWorkspaceError, match="exists") as caught:
        opened(f"sqlite:///{tmp_path / 'file' / 'workspace.sqlite'}")
    said(caught.value)


def test_a_database_that_is_read_only(sqlite_url: str, write):
    made = opened(sqlite_url)

    @event.listens_for(made.database._engine, "checkout")
    def read_only(connection, _record, _proxy) -> None:
        connection.execute("pragma query_only = on")

    with pytest.raises(errors.UnwritableWorkspaceError, match="readonly") as caught:
        cases.note(made, write(), "c1", "called")
    said(caught.value)
    assert reading.folder(made, LI, "c1").notes == ()
    made.close()
