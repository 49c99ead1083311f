"""Words of follow-ups: people, steps, what happened, and what somebody else has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dashboard import data, i18n
from dashboard.i18n import t
from dashboard.settings import settings
from data_access.workspace import Change
from data_access.workspace.records import Case, Event, Step

People = Mapping[str, str]
_SEPARATOR = " · "
_MOMENT = timedelta(microseconds=1)


def moment(at: datetime | str) -> str:
    """A moment in the business time zone; also one as the audit writes it."""
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    return i18n.moment(known.astimezone(data.time_zone()))


def day(at: datetime) -> str:
    """The business day of a moment."""
    return i18n.short_day(at.astimezone(data.time_zone()).date())


def writer(name: str) -> str:
    """Who wrote something."""
    return i18n.code("writer", name)


def owner(people: People, owner_id: str | None) -> str:
    """The name of an employee; one who has left the CRM by their id."""
    return i18n.code("owner_id", None) if owner_id is None else people.get(owner_id, owner_id)


def step(kind: str) -> str:
    """The name of a step."""
    return i18n.code("step", kind)


def outcome(code: str) -> str:
    """How a step went."""
    return i18n.code("step_outcome", code)


def why(reason: str) -> str:
    """What a case was opened for."""
    return i18n.code("case_reason", reason)


def reason(case: Case) -> str:
    """Why a case was opened."""
    known = case.warned_at
    return t(
        "follow_up.warned" if known else "follow_up.reason",
        reason=why(case.reason),
        day=day(known - _MOMENT) if known else "",  # it counts from the end of its day
    )


def status(found: Step, now: datetime, people: People, owner_id: str | None) -> str:
    """Where a step stands: how it went, or until when it is due and whose it is."""
    if found.done_at is not None and found.outcome is not None:
        parts = [outcome(found.outcome), day(found.done_at), writer(found.done_by or "")]
        if found.cost is not None:
            parts.append(t("follow_up.cost", money=cost(found.cost)))
        return _SEPARATOR.join(parts)
    whose = owner(people, found.owner_id or owner_id)
    if found.due_at < now:
        late = i18n.duration((now - found.due_at).total_seconds() / 3600)
        due = t("follow_up.overdue", time=late, due=moment(found.due_at))
    else:
        due = t("follow_up.due", due=moment(found.due_at))
    return _SEPARATOR.join((due, whose))


def cost(amount: int) -> str:
    """What was spent, to the cent unless it is a whole amount: `¥58.50`, `¥100`."""
    own = settings()
    digits = own.money_scale if amount % 10**own.money_scale else 0
    return i18n.money(
        amount, scale=own.money_scale, currency=own.currency, compact=False, digits=digits
    )


def kinds(events: Iterable[Event]) -> dict[str, str]:
    """The kind of each step by its id, from when its plan began."""
    return {
        change.row_id: str(change.after)
        for event in events
        for change in event.changes
        if (change.about, change.field) == ("steps", "kind")
    }


# actions that give something to somebody, and where it says to whom; nobody: back again
_BACK = {"hand_over": "steps.owner_id", "assign": "assignments.owner_id"}


def event(found: Event, kinds: Mapping[str, str], people: People) -> str:
    """What somebody did, in a few words.

    Args:
        found: The action.
        kinds: Kind of each step by its id.
        people: Names by id.
    """
    said = {f"{change.about}.{change.field}": change.after for change in found.changes}
    row_ids = [change.row_id for change in found.changes if change.about == "steps"]
    key = found.action
    if key == "record" and "steps.outcome" in said and said["steps.outcome"] is None:
        key = "taken_back"
    elif key == "start" and "cases.plan_started_at" not in said:
        key = "open"
    elif key in _BACK and said.get(_BACK[key]) is None:
        key = f"{key}_back"
    text = t(
        f"follow_up.event.{key}",
        step=step(kinds.get(row_ids[0], "")) if row_ids else "",
        outcome=outcome(str(said.get("steps.outcome", ""))),
        owner=owner(people, said.get("steps.owner_id", said.get("assignments.owner_id"))),
        state=i18n.code("case_state", str(said.get("cases.state", ""))),
    )
    spent = said.get("steps.cost")
    told = [text] if spent is None else [text, t("follow_up.cost", money=cost(int(spent)))]
    return _SEPARATOR.join(told)


def remark(found: Event) -> str:
    """What somebody wrote with it; empty if nothing."""
    said = {f"{change.about}.{change.field}": change.after for change in found.changes}
    texts = (said.get(name) for name in ("notes.text", "steps.remark", "cases.outcome"))
    return next((str(text) for text in texts if text), "")


_TOLD: dict[str, Callable[[Any, People], str]] = {
    "steps.outcome": lambda value, _: outcome(value),
    "steps.done_at": lambda value, _: moment(value),
    "steps.remark": lambda value, _: value,
    "steps.cost": lambda value, _: cost(value),
    "steps.owner_id": lambda value, people: owner(people, value),
    "cases.state": lambda value, _: i18n.code("case_state", value),
    "cases.outcome": lambda value, _: value,
    "assignments.owner_id": lambda value, people: owner(people, value),
    "notes.text": lambda value, _: value,
}


def changes(found: Iterable[Change], people: People) -> list[str]:
    """What somebody else has changed, a line each: who, when, and from what to what."""
    lines: list[str] = []
    for change in found:
        name = f"{change.about}.{change.field}"
        if name not in _TOLD:
            continue
        was, became = (
            i18n.DASH if value is None else _TOLD[name](value, people)
            for value in (change.before, change.after)
        )
        lines.append(
            t(
                "follow_up.changed",
                by=writer(change.by),
                at=moment(change.at),
                what=t(f"follow_up.field.{change.about}_{change.field}"),
                before=was,
                after=became,
            )
        )
    return lines
