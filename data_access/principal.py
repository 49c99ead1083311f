"""Who reads, and which rows are theirs; an argument of every read."""

from __future__ import annotations

from dataclasses import dataclass

# Rows of a list that leave the house in one file, by role; who is not named takes none.
_EXPORTED = {"administrator": 50_000, "manager": 10_000, "success_lead": 2_000}
# Who is told what others have taken away: what they had chosen may name customers, so only if no
# customer is hidden from them.
_AUDITORS = frozenset({"administrator", "manager"})
# Who writes about customers; whoever is not named reads only. The administrator does because the
# embedded installation has nobody else.
_WRITERS = frozenset({"administrator", "manager", "success_lead"})


@dataclass(frozen=True, slots=True)
class Principal:
    """One reader with a role and a row scope. Hashable, so that it can be part of a cache key.

    Both limits apply together. A customer whose region (or owner) is unknown is outside every
    limited scope.

    Attributes:
        name: Who, for the audit log.
        role: administrator, manager, executive or success_lead.
        regions: The regions whose customers they see; None for all of them.
        owner_id: The success manager whose customers they see; None for everybody's.
    """

    name: str
    role: str
    regions: tuple[str, ...] | None = None
    owner_id: str | None = None

    @property
    def sees_everything(self) -> bool:
        """True if no row is hidden, anonymous rows and company figures included."""
        return self.regions is None and self.owner_id is None

    @property
    def exported_rows(self) -> int:
        """Most rows of a list of customers that they may take away in one file."""
        return _EXPORTED.get(self.role, 0)

    @property
    def reads_audit(self) -> bool:
        """Whether they see who has taken which rows away; whoever does not sees their own files."""
        return self.role in _AUDITORS and self.sees_everything

    @property
    def may_write(self) -> bool:
        """Whether they may write about customers in their scope: follow-ups, owners, reviews.

        Executives, and any role not known, read only. Saved views are everybody's own.
        """
        return self.role in _WRITERS


LOCAL_ADMINISTRATOR = Principal(name="local", role="administrator")
