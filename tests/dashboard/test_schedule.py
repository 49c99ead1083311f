"""When the schedule refreshes, on a clock of the test's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.refresh import main
from dashboard.schedule import Clock, is_thorough_due, keep_fresh, pause
from dashboard.settings import duration
from dashboard.verdict import Verdict
from data_access.errors import RefreshRunningError, SourceUnavailableError

SHANGHAI = ZoneInfo("Asia/Shanghai")
PUBLISHED = Verdict("20260101T000000Z-00000000")
DOWN = Verdict.of(SourceUnavailableError("postgresql://host/crm", "connection refused"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h", 3600), ("1s", 1), ("999999h", 3_599_996_400)],
)
def test_a_time_is_a_number_and_a_unit(text: str, seconds: int):
    assert duration("--every", text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0m", "00m", "-5m", "5 m", "5M", "1.5h", "1h30m", "5d", "٥m", "5m\n"]
)
def test_anything_else_is_refused_in_one_sentence(text: str):
    with pytest.raises(SystemExit) as refused:
        main(["--every", text] if not text.startswith("-") else [f"--every={text}"])
    assert str(refused.value) == (f"--every is {text!r}; it must be a time such as 90s, 5m or 1h.")


@pytest.mark.parametrize(
    ("every", "took", "failures", "seconds"),
    [
        pytest.param(300, 12, 0, 288, id="from start to start"),
        pytest.param(300, 0, 0, 300, id="at once"),
        pytest.param(300, 300, 0, 300, id="exactly as long: the next turn"),
        pytest.param(300, 310, 0, 290, id="longer: one turn is left out"),
        pytest.param(300, 2000, 0, 100, id="much longer: six are"),
        pytest.param(300, 12, 1, 588, id="after a failure, twice the interval"),
        pytest.param(300, 12, 3, 2388, id="after three, eight times"),
        pytest.param(300, 12, 4, 3588, id="an hour at most"),
        pytest.param(300, 12, 10_000, 3588, id="for ever"),
        pytest.param(86_400, 12, 5, 86_388, id="a longer interval stays"),
    ],
)
def test_how_long_it_waits(every: int, took: float, failures: int, seconds: float):
    assert pause(every, took, failures) == seconds


@pytest.mark.parametrize(
    ("now", "last_thorough", "due"),
    [
        pytest.param("2026-11-22T10:00", None, True, id="never yet"),
        pytest.param("2026-11-22T10:00", "2026-11-22T02:00", False, id="done at two"),
        pytest.param("2026-11-22T10:00", "2026-11-22T01:59", True, id="done before two"),
        pytest.param("2026-11-23T01:59", "2026-11-22T02:05", False, id="not two o'clock yet"),
        pytest.param("2026-11-23T02:00", "2026-11-22T02:05", True, id="the next night"),
        pytest.param("2026-11-23T01:00", "2026-11-21T23:00", True, id="a night was missed"),
    ],
)
def test_one_refresh_a_night_is_whole(now: str, last_thorough: str | None, due: bool):
    """Times of the business time zone; what is asked with is UTC."""

    def utc(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)

    assert is_thorough_due(utc(now), utc(last_thorough) if last_thorough else None, SHANGHAI) is due


@dataclass
class Machine:
    """A machine whose time passes only by refreshing and sleeping; it is stopped at its end."""

    verdicts: list[Verdict]
    took: float = 10
    seconds: float = 0
    began: list[float] = field(default_factory=list)
    thorough: list[bool] = field(default_factory=list)
    start: datetime = datetime(2026, 11, 21, 16, tzinfo=UTC)  # midnight in Shanghai

    def attempt(self, thorough: bool) -> Verdict:
        if not self.verdicts:
            raise KeyboardInterrupt
        self.began.append(self.seconds)
        self.thorough.append(thorough)
        self.seconds += self.took
        return self.verdicts.pop(0)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def run(self, every: int) -> None:
        clock = Clock(
            ticks=lambda: self.seconds,
            now=lambda: self.start + timedelta(seconds=self.seconds),
            sleep=self.sleep,
        )
        with pytest.raises(KeyboardInterrupt):
            keep_fresh(self.attempt, every, SHANGHAI, clock)


def test_it_refreshes_from_start_to_start_and_less_often_while_it_fails(
    caplog: pytest.LogCaptureFixture,
):
    caplog.set_level(logging.INFO)
    machine = Machine([PUBLISHED, PUBLISHED, DOWN, DOWN, PUBLISHED, PUBLISHED])
    machine.run(every=300)
    assert machine.began == [0, 300, 600, 1200, 2400, 2700]
    assert [record.getMessage() for record in caplog.records] == [
        "Failures in a row: 1; the next try is in 590 s.",
        "Failures in a row: 2; the next try is in 1190 s.",
    ]


def test_another_process_that_refreshes_is_no_failure(caplog: pytest.LogCaptureFixture, tmp_path):
    caplog.set_level(logging.INFO)
    machine = Machine([Verdict.of(RefreshRunningError(tmp_path)), PUBLISHED])
    machine.run(every=300)
    assert machine.began == [0, 300]
    assert not caplog.records


def test_the_first_refresh_and_one_a_night_are_whole():
    machine = Machine([PUBLISHED] * 30)
    machine.run(every=3600)
    assert [hour for hour, thorough in enumerate(machine.thorough) if thorough] == [0, 2, 26]


def test_a_whole_refresh_that_fails_stays_due():
    machine = Machine([DOWN, DOWN, PUBLISHED, PUBLISHED])
    machine.run(every=60)
    assert machine.thorough == [True, True, True, False]


def test_a_verdict_is_read_as_it_was_told():
    for verdict in (PUBLISHED, DOWN):
        assert Verdict.load(verdict.dump()) == verdict
        assert "\n" not in verdict.dump()
