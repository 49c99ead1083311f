"""What people and pages send, before it is kept: texts mended and bounded, codes and keys checked.

A client can send anything, whatever the form allows.
"""

from __future__ import annotations

import re
from uuid import uuid4

import polars as pl

from data_access.door.rules import HIDDEN, INSTEAD
from data_access.workspace.errors import RefusedEntryError

LONGEST_TEXT = 4_000  # characters of a note or an outcome
LONGEST_NAME = 80
LONGEST_QUERY = 8_000  # of an address; longer ones do not pass every server
LARGEST_COST = 10**15  # as of any amount of the contract
_LONGEST_ID = 200
_CODE = re.compile(r"[a-z0-9_]{1,40}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}", re.ASCII)


def new_id() -> str:
    """An id, or a client's key, that nobody else makes."""
    return uuid4().hex


def text(field: str, said: str | None, most: int = LONGEST_TEXT) -> str | None:
    """A text of several lines; null if there is nothing in it.

    Control characters, and those that turn the direction of writing, become � as at the door.

    Raises:
        RefusedEntryError: It is too long.
    """
    if said is None or not said.strip():
        return None
    if len(said) > most:
        raise RefusedEntryError(field, f"longer than {most} characters")
    whole = said.strip().encode(errors="replace").decode()  # half a character is no text
    return pl.Series([whole]).str.replace_all(HIDDEN, INSTEAD).item()


def line(field: str, said: str | None, most: int = LONGEST_NAME) -> str:
    """A text of one line that must not be empty.

    Raises:
        RefusedEntryError: It is empty or too long.
    """
    found = text(field, said, most)
    if found is None:
        raise RefusedEntryError(field, "empty")
    return " ".join(found.split())


def code(field: str, said: str) -> str:
    """A code of the rules.

    Raises:
        RefusedEntryError: It does not look like one.
    """
    if not _CODE.fullmatch(said):
        raise RefusedEntryError(field, "not a code")
    return said


def codes(field: str, said: tuple[str, ...]) -> str:
    """Codes with commas."""
    return ",".join(code(field, each) for each in said)


def identifier(field: str, said: str | None) -> str | None:
    """An id of the CRM, kept as it is; null if there is none.

    Raises:
        RefusedEntryError: It is longer than any, or holds what no database can keep.
    """
    if not said:
        return None
    if len(said) > _LONGEST_ID or "\0" in said:
        raise RefusedEntryError(field, "not an id")
    return said


def key(said: str) -> str:
    """The client's key of a write, long enough not to be another's.

    Raises:
        RefusedEntryError: It is not of that form.
    """
    if not _KEY.fullmatch(said):
        raise RefusedEntryError("key", "not a key")
    return said


def cost(said: int | None) -> int | None:
    """An amount in minor units that was spent.

    Raises:
        RefusedEntryError: It is negative or beyond any amount.
    """
    if said is not None and not 0 <= said <= LARGEST_COST:
        raise RefusedEntryError("cost", "out of range")
    return said
