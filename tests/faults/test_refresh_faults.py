"""A refresh that cannot end well: the old version stays, one sentence, exit code 1, no secret."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import i18n
from dashboard.refresh import main, refresh
from data_access.errors import BrokenRefreshError
from tests.conftest import Installation
from tests.pages.test_pages import run

ROOT = Path(__file__).parents[2]
Open = Callable[[Installation], None]


@pytest.fixture
def published(tmp_path: Path, minimal: Installation, opened: Open) -> Installation:
    """An installation of its own with one version, opened by this process."""
    own = replace(minimal.own, home=tmp_path)
    refresh(own)
    there = Installation(own)
    opened(there)
    return there


def current(there: Installation) -> str:
    return (there.own.snapshots / "CURRENT").read_text()


def command(there: Installation, limit: str = "") -> subprocess.Popen[str]:
    hidden = ("STAYLINE_CRM_URL", "STAYLINE_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.Popen(
        ["bash", "-c", f'{limit} exec "$0" -m dashboard.refresh', sys.executable],
        cwd=ROOT,
        env=environment | there.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_full_disk_is_one_sentence_and_the_old_version_stays(published: Installation):
    before = current(published)
    process = command(published, "ulimit -f 16;")  # no file over 16 kB, as on a full disk
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "the old version stays: Cannot write to" in said
    assert current(published) == before
    for language in i18n.LANGUAGES:
        (warning,) = run("data_health", language).warning
        beginning, _, _ = i18n.words(language)["error.snapshot_unwritable"].partition("{")
        assert beginning in warning.value


def test_a_home_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, minimal: Installation, opened: Open, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "home").write_text("a file")
    opened(Installation(replace(minimal.own, home=tmp_path / "home")))
    assert main() == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("Nothing was published: Cannot write to")


def test_a_crm_file_that_is_no_database_is_one_sentence(
    published: Installation, tmp_path: Path, opened: Open
):
    before = current(published)
    gone = replace(published.own, crm_url=f"sqlite:///{tmp_path / 'gone.sqlite'}")
    (tmp_path / "gone.sqlite").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    opened(Installation(gone))
    assert main() == 1
    told = json.loads(gone.failure.read_text())
    assert told["code"] == "source_unavailable"
    assert current(published) == before


def test_of_two_refreshes_one_waits_its_turn_and_leaves_no_complaint(published: Installation):
    first = command(published)
    deadline = time.monotonic() + 30
    while not any((published.own.snapshots / "staging").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    first.send_signal(signal.SIGSTOP)
    try:
        assert main() == 1
        assert not published.own.failure.exists()
    finally:
        first.send_signal(signal.SIGCONT)
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_running_refresh_says_on_the_page_how_far_it_is(published: Installation):
    process = command(published)
    deadline = time.monotonic() + 30
    while not published.own.running.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)
    try:
        for language in i18n.LANGUAGES:
            (said,) = run("data_health", language).info
            stages = ("reading", "preparing")
            words = [i18n.words(language)[f"data_health.running.{stage}"] for stage in stages]
            assert said.value.startswith(tuple(text.partition("{")[0] for text in words))
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate(timeout=60)
    assert not run("data_health", "en").info


def test_a_killed_refresh_leaves_the_old_version_and_the_next_one_cleans_up(
    published: Installation,
):
    before = current(published)
    process = command(published)
    deadline = time.monotonic() + 30
    while not any((published.own.snapshots / "staging").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=60)
    assert current(published) == before
    assert not run("overview", "en").error
    assert main() == 0
    assert not any((published.own.snapshots / "staging").iterdir())


@pytest.mark.parametrize("pointer", ["nosuch", "../../../etc", "", "\x00"])
def test_a_pointer_to_nowhere_is_told_and_the_whole_version_shown(
    published: Installation, pointer: str, opened: Open
):
    (published.own.snapshots / "CURRENT").write_text(pointer)
    opened(published)
    app = run("overview", "en")
    assert not app.exception
    assert not app.error


def test_a_defect_of_ours_is_told_by_its_place_and_not_by_what_it_quotes():
    try:
        int("Wang Wei")
    except ValueError as error:
        told = BrokenRefreshError(error)
    assert "Wang" not in str(told) + json.dumps(told.fields)
    assert told.fields["where"].startswith("ValueError, test_refresh_faults.py:")
