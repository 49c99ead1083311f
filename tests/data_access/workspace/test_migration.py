"""The database: made, brought up to date, refused; the models are what the migrations make."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from data_access.workspace import Workspace
from data_access.workspace.errors import NewerWorkspaceError
from data_access.workspace.migration import configuration
from data_access.workspace.models import Base
from tests.data_access.workspace.conftest import customers

ROOT = Path(__file__).parents[3]


def named(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def test_the_migrations_make_what_the_models_say(workspace: Workspace):
    with workspace.database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_make_the_same_tables_to_the_letter(sqlite_url: str, tmp_path: Path):
    """Checks, partial indexes and strictness, too, which a comparison of models does not see."""
    migrated = Workspace(sqlite_url, customers)
    migrated.open()
    made = sa.create_engine(f"sqlite:///{tmp_path / 'models.sqlite'}")
    Base.metadata.create_all(made)

    def schema(connection: sa.Connection) -> dict[str, str]:
        listed = connection.exec_driver_sql(
            "select name, sql from sqlite_master where sql is not null and type in "
            "('table', 'index') and name != 'alembic_version'"
        )
        return {name: "".join(sorted(sql.replace(",", "").split())) for name, sql in listed}

    with migrated.database.reading() as session, made.connect() as connection:
        assert schema(session.connection()) == schema(connection)
    migrated.close()
    made.dispose()


def test_down_and_up_again(workspace: Workspace):
    with workspace.database._writer.begin() as connection:
        command.downgrade(configuration(connection), "base")
    with workspace.database._engine.connect() as connection:
        assert named(connection) == {"alembic_version"}
    workspace.open()
    with workspace.database._engine.connect() as connection:
        assert named(connection) >= set(Base.metadata.tables)


def test_there_is_one_line_of_migrations(workspace: Workspace):
    with workspace.database._engine.connect() as connection:
        steps = ScriptDirectory.from_config(configuration(connection))
        assert len(steps.get_heads()) == 1
        assert all(step.doc for step in steps.walk_revisions())


@pytest.mark.usefixtures("workspace")
def test_opening_again_changes_nothing(url: str):
    again = Workspace(url, customers)
    again.open()
    assert again.state() == 0
    again.close()


def test_processes_that_start_at_once_make_it_once(url: str):
    script = (
        "import sys; from data_access.workspace import Workspace; "
        "made = Workspace(sys.argv[1], None); made.open(); print(made.state())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, url],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [(each.communicate()[0], each.returncode) for each in started] == [("0\n", 0)] * 3


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(workspace: Workspace, url: str):
    with workspace.database._writer.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerWorkspaceError, match="newer version of Stayline \\(9999\\)"):
        Workspace(url, customers).open()
    with workspace.database._engine.connect() as connection:
        assert named(connection) >= set(Base.metadata.tables)


def test_sqlite_keeps_what_it_acknowledges(sqlite_url: str):
    made = Workspace(sqlite_url, customers)
    made.open()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with made.database.reading() as session:
        asked = session.connection().exec_driver_sql
        found = {name: asked(f"pragma {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert found == {"journal_mode": "wal", "synchronous": 2}
        assert asked("pragma foreign_keys").scalar() == 1
        strict = dict(asked("select name, strict from pragma_table_list").fetchall())
        assert all(strict[name] for name in Base.metadata.tables)
    made.close()


def test_nothing_in_the_audit_is_changed_or_removed(workspace: Workspace, write):
    from data_access.workspace import cases

    cases.note(workspace, write(), "c1", "called")
    for statement in ("update audit_entries set who = 'x'", "delete from audit_entries"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="only added"),
            workspace.database._writer.begin() as connection,
        ):
            connection.execute(sa.text(statement))


def test_a_strict_table_takes_no_word_for_a_number(sqlite_url: str):
    made = Workspace(sqlite_url, customers)
    made.open()
    made.close()
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in INTEGER"):
        connection.execute("insert into assignments values ('c1', 'e1', '2026', 'li', 'many')")
    connection.close()
