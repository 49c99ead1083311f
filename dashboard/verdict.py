"""How a refresh ended: told by the process that refreshed to the one that waited for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from data_access.errors import DataAccessError


@dataclass(frozen=True, slots=True)
class Verdict:
    """A new version, or why there is none.

    Attributes:
        version: What was published; empty if nothing was.
        code, fields, sentence: Those of the error; empty if a version was published.
    """

    version: str = ""
    code: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    sentence: str = ""

    @classmethod
    def of(cls, error: DataAccessError) -> Verdict:
        """The verdict that an error is."""
        return cls(code=error.code, fields=error.fields, sentence=str(error))

    @classmethod
    def load(cls, line: str) -> Verdict:
        """What `dump` made of one."""
        return cls(**json.loads(line))

    def dump(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))
