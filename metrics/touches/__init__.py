"""Touches with a clock: thanks, follow-ups, surveys and care that the plans promise customers.

One machine for all: a trigger starts a clock, a contact or a delivery stops it, and where it stands
is met, late, overdue, missed, due or running. The rules are `rules/touches.toml`. The 48-hour start
of a win-back and its re-check after a week are those of `metrics.follow_up`.
"""

from __future__ import annotations

from metrics.touches.rule import Touch, since, touches
from metrics.touches.state import JUDGED, KEPT, STATES, state, with_states

__all__ = ["JUDGED", "KEPT", "STATES", "Touch", "since", "state", "touches", "with_states"]
