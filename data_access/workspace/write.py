"""One write: who asks for it, when, under which key, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data_access.principal import Principal


@dataclass(frozen=True, slots=True)
class Write:
    """Who writes, when, and the key by which the same write is known when it is sent again.

    Attributes:
        principal: Who; their row scope holds for what is written too.
        at: The moment, with its zone.
        key: Made by the client when the form is drawn, 16 to 80 letters, digits, - or _.
    """

    principal: Principal
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write did; the same again whenever its key is sent again.

    Attributes:
        done: Id of each row written (customers where the write was for many) with its version.
        skipped: Id of each customer left as they were, with the code of the reason: `changed`
            (somebody else has, since it was read), `has_plan`, `has_case`.
    """

    done: Mapping[str, int] = field(default_factory=dict[str, int])
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
