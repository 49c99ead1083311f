"""What a refresh says of itself: on a terminal, in a log, and in its file."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import pytest

from dashboard.progress import Report, reported, running
from data_access.progress import Progress

READ = (
    Progress("customers", 10, 100, 1.0),
    Progress("orders", 30, 100, 3.0),
    Progress("orders", 90, 100, 9.0),
)


def tell(report: Report) -> None:
    for progress in READ:
        report.reading(progress)
    report.preparing()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "RUNNING.json"


def test_a_log_has_a_line_per_table(file: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO), reported(file) as report:
        tell(report)
    assert [record.getMessage() for record in caplog.records] == [
        "customers: 10 rows read so far, 10%",
        "orders: 90 rows read so far, 90%, about 1 s left",
    ]


def test_a_terminal_has_one_line_that_is_gone_at_the_end(
    file: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with caplog.at_level(logging.INFO), reported(file) as report:
        tell(report)
    written = capsys.readouterr().out
    assert "\n" not in written
    assert written.split("\r\x1b[K")[1:] == [
        "customers: 10 rows read so far, 10%",  # what follows within half a second is not shown
        "The rows are read; checking and computing …",
        "",
    ]
    assert not caplog.records


def test_the_file_says_how_far_it_is_and_goes_with_the_refresh(file: Path):
    assert running(file) is None
    with reported(file) as report:
        report.reading(READ[2])
        assert running(file) == {
            "pid": os.getpid(), "stage": "reading", "rows": 90, "share": 0.9,
            "seconds_left": pytest.approx(1),
        }  # fmt: skip
        report.preparing()
        noted = running(file)
        assert noted is not None
        assert (noted["stage"], noted["rows"]) == ("preparing", 90)
    assert not file.exists()


def test_a_refresh_that_was_killed_is_not_said_to_run(file: Path):
    file.write_text(json.dumps({"pid": 2**22 + 1, "stage": "reading", "rows": 1}))
    assert running(file) is None
    file.write_text("{")
    assert running(file) is None
