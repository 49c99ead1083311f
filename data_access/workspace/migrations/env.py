"""Run by Alembic: migrations on the connection of whoever asks (`migration.py`)."""

from alembic import context

from data_access.workspace.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
