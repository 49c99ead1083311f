"""How much of the CRM a refresh reads."""

from enum import StrEnum


class Extent(StrEnum):
    """From little to much; the first refresh, and one after an upgrade, is whole in any case."""

    CHANGES = "changes"  # rows changed since the last read, where the table tells it
    DELETIONS = "deletions"  # and all keys, to find rows that are gone without a mark
    WHOLE = "whole"  # every row
