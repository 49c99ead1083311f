"""Reviews: a worklist as it stood when a meeting looked at it, to tell later what has changed."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa

from data_access.principal import Principal
from data_access.workspace import entry, records
from data_access.workspace.audit import AuditedSession
from data_access.workspace.errors import RefusedEntryError
from data_access.workspace.frames import frame
from data_access.workspace.models import Review, ReviewMember
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write

MOST_MEMBERS = 10_000
_FIGURES = ("p90", "warning", "remaining_days", "revenue_at_risk", "silent_days")
_MEMBER = ("customer_id", "rank", *_FIGURES)


def record_review(
    workspace: Workspace, write: Write, worklist: str, members: pl.DataFrame, *, snapshot: str
) -> Saved:
    """Keep a worklist as it stands.

    Args:
        workspace: Where.
        write: Who, when, under which key.
        worklist: Which one, a code such as an owner's; the next review of it is compared.
        members: One row per customer: customer_id, rank (from 1) and what put them there: p90,
            warning, remaining_days, revenue_at_risk (minor units), silent_days. At most 10,000.
        snapshot: Version of the data.

    Returns:
        The id of the review.

    Raises:
        WorkspaceError: Somebody on it is out of scope, twice on it, or they are too many.
    """
    if members["customer_id"].is_duplicated().any():
        raise RefusedEntryError("members", "one of them twice")
    workspace.require(write.principal, members["customer_id"].to_list(), most=MOST_MEMBERS)
    rows = members.select(_MEMBER).with_columns(pl.col("p90").fill_nan(None)).to_dicts()
    named = entry.line("worklist", worklist)

    def change(session: AuditedSession) -> Saved:
        review = Review(
            review_id=entry.new_id(),
            worklist=named,
            held_at=write.at,
            held_by=write.principal.name,
            snapshot=entry.line("snapshot", snapshot),
            members=len(rows),
        )
        session.add(review)
        session.flush()
        if rows:
            own: list[dict[str, Any]] = [{"review_id": review.review_id, **row} for row in rows]
            session.execute(sa.insert(ReviewMember), own)
        return Saved({review.review_id: 1})

    return workspace.save(write, "review", {"list": [worklist, snapshot, rows]}, change)


def last_review(
    workspace: Workspace, principal: Principal, worklist: str
) -> tuple[records.Review, pl.DataFrame] | None:
    """The review of a worklist that was held last, None if there was none.

    Returns:
        The review, and its members in the reader's scope by rank: customer_id, rank, p90, warning,
        remaining_days, revenue_at_risk, silent_days.
    """
    latest = sa.select(Review).where(Review.worklist == worklist).order_by(Review.held_at.desc())
    with workspace.reading() as session:
        review = session.scalars(latest.limit(1)).first()
        if review is None:
            return None
        columns = (getattr(ReviewMember, name) for name in _MEMBER)
        own = ReviewMember.review_id == review.review_id
        members = frame(session, sa.select(*columns).where(own))
        found = records.record(records.Review, review)
    return found, workspace.in_scope(principal, members).sort("rank", "customer_id")


def reviewed(workspace: Workspace, principal: Principal) -> pl.DataFrame:
    """Every customer who was ever on a worklist, with the first review that they were on.

    Returns:
        One row per customer in scope and warning that they had then, unordered: customer_id,
        warning (null without one), held_at.
    """
    who = (ReviewMember.customer_id, ReviewMember.warning)
    first = sa.func.min(Review.held_at).label("held_at")
    wanted = sa.select(*who, first).join(Review, Review.review_id == ReviewMember.review_id)
    with workspace.reading() as session:
        return workspace.in_scope(principal, frame(session, wanted.group_by(*who)))
