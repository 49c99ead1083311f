"""Rows that are taken away."""

import sqlalchemy as sa
from alembic import op

from data_access.workspace.types import WHOLE, Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "downloads",
        sa.Column("download_id", sa.Text(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("rows", WHOLE, nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("download_id", name=op.f("pk_downloads")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop it; the audit entries stay."""
    op.drop_table("downloads")
