"""The first tables."""

import sqlalchemy as sa
from alembic import op

from data_access.workspace.types import REAL, WHOLE, Document, Moment

revision = "0001"
down_revision = None

_OPEN = sa.text("state = 'open'")
# Entries are only ever added, whatever else goes wrong in the app.
_ONLY_ADDED = "audit entries are only added"


def upgrade() -> None:
    """Make them."""
    _follow_ups()
    _lists()
    _audit()


def downgrade() -> None:
    """Drop them, with all that is in them."""
    for name in (
        "requests",
        "audit_entries",
        "review_members",
        "reviews",
        "saved_views",
        "assignments",
        "notes",
        "steps",
        "cases",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entries_only_added")


def _follow_ups() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("warned_at", Moment()),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("plan_started_at", Moment()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("closed_at", Moment()),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
        sa.CheckConstraint(
            "state IN ('open', 'won', 'lost', 'closed')", name=op.f("ck_cases_state")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_cases_customer_id"), "cases", ["customer_id"])
    op.create_index(
        "uq_cases_open",
        "cases",
        ["customer_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "steps",
        sa.Column("step_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text()),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("done_at", Moment()),
        sa.Column("done_by", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("remark", sa.Text()),
        sa.Column("cost", WHOLE),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_steps")),
        sa.UniqueConstraint("case_id", "position", name=op.f("uq_steps_case_id_position")),
        sa.CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name=op.f("ck_steps_done")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_steps_cost")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_steps_case_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "notes",
        sa.Column("note_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_notes_case_id")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_notes_customer_id"), "notes", ["customer_id"])
    op.create_table(
        "assignments",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text()),
        sa.Column("assigned_at", Moment(), nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_assignments")),
        sqlite_strict=True,
    )


def _lists() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("owner", "page", "name", name=op.f("uq_saved_views_owner_page_name")),
        sa.CheckConstraint("reach IN ('private', 'shared')", name=op.f("ck_saved_views_reach")),
        sqlite_strict=True,
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("worklist", sa.Text(), nullable=False),
        sa.Column("held_at", Moment(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("members", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_reviews")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_reviews_worklist_held_at"), "reviews", ["worklist", "held_at"])
    op.create_table(
        "review_members",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("rank", WHOLE, nullable=False),
        sa.Column("p90", REAL),
        sa.Column("warning", sa.Text()),
        sa.Column("remaining_days", WHOLE),
        sa.Column("revenue_at_risk", WHOLE),
        sa.Column("silent_days", WHOLE),
        sa.PrimaryKeyConstraint("review_id", "customer_id", name=op.f("pk_review_members")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.review_id"], name=op.f("fk_review_members_review_id")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_review_members_customer_id"), "review_members", ["customer_id"])


def _audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("entry_id", WHOLE, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text()),
        sa.Column("before", Document()),
        sa.Column("after", Document()),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_entries")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_audit_entries_about_row_id"), "audit_entries", ["about", "row_id"])
    op.create_index(op.f("ix_audit_entries_customer_id"), "audit_entries", ["customer_id"])
    op.create_table(
        "requests",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("result", Document(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_requests")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entries_only_added() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_ONLY_ADDED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_only_added BEFORE UPDATE OR DELETE ON audit_entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_added()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entries_no_{change.lower()} BEFORE {change} ON audit_entries "
            f"BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDED}'); END"
        )
