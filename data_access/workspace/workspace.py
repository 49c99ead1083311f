"""The open workspace: reads and writes of one reader, within their scope."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data_access.principal import Principal
from data_access.workspace import entry
from data_access.workspace.audit import AuditedSession
from data_access.workspace.database import Database
from data_access.workspace.errors import OutOfScopeError, ReadOnlyRoleError, RefusedEntryError
from data_access.workspace.models import AuditEntry, Download, Request, SavedView
from data_access.workspace.write import Saved, Write

MOST_AT_ONCE = 200  # customers of one write

Customers = Callable[[Principal], pl.LazyFrame]


class Workspace:
    """What the functions of `follow_ups`, `saved_views` and `reviews` read and write.

    Args:
        url: Address of its database, see `Database`.
        customers: Gives the customers in a reader's scope, column customer_id: the contract table
            of the present snapshot. It decides about rows; the workspace knows no regions.
    """

    def __init__(self, url: str, customers: Customers) -> None:
        self.database = Database(url)
        self._customers = customers

    def open(self) -> None:
        """Make, check and bring up to date the database; before anything else, once per process.

        Raises:
            WorkspaceError: It cannot be used.
        """
        self.database.open()

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session that sees one moment."""
        with self.database.reading() as session:
            yield session

    def state(self) -> int:
        """A number that grows with every write: what was read at the same number is the same.

        Not with saved views, which are read at every run, nor with downloads; they say nothing of
        customers: else what one reader does would have the lists of all made anew.
        """
        others = (SavedView.__tablename__, Download.__tablename__)
        about_customers = AuditEntry.about.not_in(others)
        last = sa.select(AuditEntry.entry_id).where(about_customers)
        with self.reading() as session:
            return session.scalar(last.order_by(AuditEntry.entry_id.desc()).limit(1)) or 0

    def save(
        self,
        write: Write,
        action: str,
        said: Mapping[str, Any],
        change: Callable[[AuditedSession], Saved],
        *,
        about_customers: bool = True,
    ) -> Saved:
        """Do a write once, with its audit entries, in one transaction.

        The role is asked here, where every write passes, before anything is looked up.

        Args:
            write: Who, when, under which key.
            action: What is done, a code.
            said: What was asked for; the same key with something else is refused.
            change: Does it.
            about_customers: Whether it takes a role that writes; False for what is the writer's
                own, such as a saved view.

        Returns:
            What it did, or, if that key was written before, what it did then.

        Raises:
            ReadOnlyRoleError: The writer's role reads only.
            WorkspaceError: Nothing was written.
        """
        if about_customers and not write.principal.may_write:
            raise ReadOnlyRoleError(write.principal.role)
        entry.key(write.key)
        told = _checksum(action, said)
        with self.database.writing(write, action) as session:
            done = session.get(Request, write.key)
            if done is not None:
                return _again(done, write, told)
            result = change(session)
            session.flush()
            session.add(
                Request(
                    key=write.key,
                    who=write.principal.name,
                    action=action,
                    said=told,
                    result=asdict(result),
                    at=write.at,
                )
            )
        return result

    def in_scope(self, principal: Principal, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of the customers that a reader may see; rows of nobody only for all-seers."""
        if principal.sees_everything:
            return frame
        named = pl.col("customer_id").is_in(frame["customer_id"].unique().implode())
        own = self._customers(principal).filter(named).select("customer_id").collect()
        return frame.join(own, on="customer_id", how="semi", maintain_order="left")

    def require(
        self, principal: Principal, customers: Collection[str], *, most: int = MOST_AT_ONCE
    ) -> None:
        """Go on only if all of these customers are the reader's to see, and not too many.

        Whoever sees everything may also name one that the CRM no longer has.

        Raises:
            OutOfScopeError: One is not.
            RefusedEntryError: They are more than a write may be for.
        """
        if len(customers) > most:
            raise RefusedEntryError("customers", f"more than {most}")
        for customer_id in customers:
            entry.identifier("customer", customer_id)
        if not principal.sees_everything and not self._all_seen(principal, customers):
            raise OutOfScopeError

    def _all_seen(self, principal: Principal, customers: Collection[str]) -> bool:
        own = self._customers(principal).filter(pl.col("customer_id").is_in(list(customers)))
        return own.select(pl.col("customer_id").n_unique()).collect().item() == len(set(customers))


def _again(done: Request, write: Write, told: str) -> Saved:
    if (done.who, done.said) != (write.principal.name, told):
        raise RefusedEntryError("key", "already used for something else")
    return Saved(**done.result)


def _checksum(action: str, said: Mapping[str, Any]) -> str:
    whole = json.dumps([action, said], sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()
