"""The tables as the code knows them, made or changed in steps, in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from data_access.workspace.errors import NewerWorkspaceError

_FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: sa.Connection, place: str) -> None:
    """Bring an empty or older database up to date; nothing if it is.

    Raises:
        NewerWorkspaceError: It is at a step that this version does not know.
    """
    config = configuration(connection)
    steps = ScriptDirectory.from_config(config)
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in {step.revision for step in steps.walk_revisions()}:
        raise NewerWorkspaceError(place, revision)
    if revision != steps.get_current_head():
        command.upgrade(config, "head")


def configuration(connection: sa.Connection) -> Config:
    """Alembic's, for this connection; without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
