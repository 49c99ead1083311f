"""The tables of the workspace: what people do about customers, owned by the app, not by the CRM.

    cases          the follow-up of one customer, at most one of them open
    steps          what its plan asks for, in order
    notes          what somebody wrote about a customer; only ever added
    assignments    who looks after a customer, where that is not whom the CRM names
    saved_views    an address of a page under a name
    reviews        a meeting over a worklist, with its members and what put them there
    downloads      rows that somebody took away; only ever added
    audit_entries  who wrote what when, with the row before and after; only ever added
    requests       the writes that are done, by the key that the client made

Codes (reasons, kinds of steps, outcomes) are those of the rules; here they are only kept. Customers
and owners are ids of the CRM, which has no foreign keys to offer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from data_access.workspace.base import STRICT, Audited, Base, Editable
from data_access.workspace.records import ENDINGS, OPEN

_STATES = ", ".join(f"'{state}'" for state in (OPEN, *ENDINGS))


class Case(Editable, Base):
    """The follow-up of one customer, from the moment somebody took it up to its outcome."""

    __tablename__ = "cases"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sa.Index(
            "uq_cases_open",
            "customer_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "customer_id"),
        STRICT,
    )

    case_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    reason: Mapped[str]  # manual, list, or the level of the warning
    rules: Mapped[str]  # codes of the rules that warned, with commas; "" if none did
    warned_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    plan_started_at: Mapped[datetime | None]
    state: Mapped[str]
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]  # of the case, a step or a note of it
    changed_by: Mapped[str]
    steps: Mapped[list[Step]] = relationship(back_populates="case", order_by="Step.position")


class Step(Editable, Base):
    """One contact, benefit or check that a plan asks for."""

    __tablename__ = "steps"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "position"),
        sa.CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="done"),
        sa.CheckConstraint("cost >= 0", name="cost"),
        STRICT,
    )

    step_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("cases.case_id"))
    position: Mapped[int]
    kind: Mapped[str]  # phone, wechat … of the rules
    owner_id: Mapped[str | None]  # null: whoever looks after the customer
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    outcome: Mapped[str | None]  # a code of the rules
    remark: Mapped[str | None]
    cost: Mapped[int | None]  # in minor units of the company's money
    case: Mapped[Case] = relationship(back_populates="steps")

    @property
    def concerns(self) -> str:
        """The customer of its case."""
        return self.case.customer_id


class Note(Audited, Base):
    """What somebody wrote about a customer."""

    __tablename__ = "notes"
    __table_args__ = (sa.Index(None, "customer_id"), STRICT)

    note_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(sa.ForeignKey("cases.case_id"))
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[str]


class Assignment(Editable, Base):
    """Who looks after a customer, whomever the CRM names; null gives it back to the CRM."""

    __tablename__ = "assignments"
    __table_args__ = (STRICT,)

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    owner_id: Mapped[str | None]
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[str]


class SavedView(Editable, Base):
    """Filters, columns and order of a page under a name: the query of its address."""

    __tablename__ = "saved_views"
    __table_args__ = (
        sa.UniqueConstraint("owner", "page", "name"),
        sa.CheckConstraint("reach IN ('private', 'shared')", name="reach"),
        STRICT,
    )

    view_id: Mapped[str] = mapped_column(primary_key=True)
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    owner: Mapped[str]
    reach: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Review(Audited, Base):
    """A meeting over a worklist, as the list stood then."""

    __tablename__ = "reviews"
    __table_args__ = (sa.Index(None, "worklist", "held_at"), STRICT)

    review_id: Mapped[str] = mapped_column(primary_key=True)
    worklist: Mapped[str]
    held_at: Mapped[datetime]
    held_by: Mapped[str]
    snapshot: Mapped[str]  # version of the data
    members: Mapped[int]  # the first so many by rank; the others came next


class ReviewMember(Base):
    """One customer of the list at a review, with the figures that put them there."""

    __tablename__ = "review_members"
    __table_args__ = (sa.Index(None, "customer_id"), STRICT)

    review_id: Mapped[str] = mapped_column(sa.ForeignKey("reviews.review_id"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int]
    p90: Mapped[float | None]
    warning: Mapped[str | None]
    remaining_days: Mapped[int | None]
    revenue_at_risk: Mapped[int | None]
    silent_days: Mapped[int | None]


class Download(Audited, Base):
    """Rows about customers that left the house in a file."""

    __tablename__ = "downloads"
    __table_args__ = (STRICT,)

    download_id: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[str]
    file: Mapped[str]
    query: Mapped[str]  # of the address: what was chosen
    rows: Mapped[int]
    snapshot: Mapped[str]  # version of the data
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]


class AuditEntry(Base):
    """One row written: when, by whom, in which action, and what of it was before and after."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index(None, "about", "row_id"),
        sa.Index(None, "customer_id"),
        STRICT,
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    about: Mapped[str]  # the table
    row_id: Mapped[str]
    customer_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]  # null if the row is new
    after: Mapped[dict[str, Any] | None]  # null if it is gone
    key: Mapped[str]


class Request(Base):
    """A write that is done: sent again with the same key, it gives this result again."""

    __tablename__ = "requests"
    __table_args__ = (STRICT,)

    key: Mapped[str] = mapped_column(primary_key=True)
    who: Mapped[str]
    action: Mapped[str]
    said: Mapped[str]  # checksum of what was asked for
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]
