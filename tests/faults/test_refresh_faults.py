"""A refresh that cannot end well: the old version stays, one sentence, exit code 1, no secret."""

from __future__ import annotations

import faulthandler
import json
import os
import pkgutil
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import pytest

from dashboard import i18n
from dashboard.pipeline import refresh
from dashboard.progress import running
from dashboard.refresh import main
from dashboard.verdict import Verdict
from dashboard.worker import Watch
from data_access.errors import BrokenRefreshError, UnwritableSnapshotError
from data_access.snapshot import SnapshotStore
from tests.conftest import Installation
from tests.pages.test_pages import run

ROOT = Path(__file__).parents[2]
Open = Callable[[Installation], None]


@pytest.fixture
def published(tmp_path: Path, minimal: Installation, opened: Open) -> Installation:
    """An installation of its own with one version, opened by this process."""
    own = replace(minimal.own, home=tmp_path)
    shutil.copytree(minimal.own.snapshots, own.snapshots)
    there = Installation(own)
    opened(there)
    return there


def current(there: Installation) -> str:
    return (there.own.snapshots / "CURRENT").read_text()


def command(there: Installation, limit: str = "", arguments: str = "") -> subprocess.Popen[str]:
    hidden = ("STAYLINE_CRM_URL", "STAYLINE_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.Popen(
        ["bash", "-c", f'{limit} exec "$0" -m dashboard.refresh {arguments}', sys.executable],
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


@pytest.mark.parametrize(
    "step",
    ["dashboard.pipeline.admit", "dashboard.marts.build", "data_access.staging.Staging.publish"],
)
def test_a_disk_that_fills_up_later_is_told_too(
    published: Installation, step: str, monkeypatch: pytest.MonkeyPatch
):
    before, usual = current(published), pkgutil.resolve_name(step)

    def without_room(*arguments: Any, **more: Any) -> Any:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_024, hard))
        try:
            return usual(*arguments, **more)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with monkeypatch.context() as patch:
        patch.setattr(step, without_room)
        with pytest.raises(UnwritableSnapshotError, match=r"File too large|to its end"):
            refresh(published.own)
    assert current(published) == before
    assert not any((published.own.snapshots / "staging").iterdir())
    assert refresh(published.own) == current(published)


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


def worker_of(there: Installation) -> int:
    """The process that refreshes, once it has begun to."""
    deadline = time.monotonic() + 60
    while not (noted := running(there.own.running)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return noted["pid"]


def test_of_two_refreshes_one_waits_its_turn_and_leaves_no_complaint(
    published: Installation, caplog: pytest.LogCaptureFixture
):
    with SnapshotStore(published.own.snapshots).staging():
        assert main() == 1
    (said,) = [record.getMessage() for record in caplog.records]
    assert "Another refresh is writing to" in said
    assert not published.own.failure.exists()


def test_a_running_refresh_says_on_the_page_how_far_it_is(published: Installation):
    process = command(published)
    worker = worker_of(published)
    os.kill(worker, signal.SIGSTOP)
    try:
        for language in i18n.LANGUAGES:
            (said,) = run("data_health", language).info
            stages = ("reading", "preparing")
            words = [i18n.words(language)[f"data_health.running.{stage}"] for stage in stages]
            assert said.value.startswith(tuple(text.partition("{")[0] for text in words))
    finally:
        os.kill(worker, signal.SIGCONT)
    process.communicate(timeout=60)
    assert not run("data_health", "en").info


def test_a_killed_refresh_leaves_the_old_version_and_the_next_one_cleans_up(
    published: Installation,
):
    before = current(published)
    process = command(published)
    os.kill(worker_of(published), signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the old version stays: The refresh was ended before its time (SIGKILL)" in said
    assert json.loads(published.own.failure.read_text())["code"] == "refresh_killed"
    assert not published.own.running.exists()
    assert current(published) == before
    assert not run("overview", "en").error
    assert main() == 0
    assert not published.own.failure.exists()
    assert not any((published.own.snapshots / "staging").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_schedule_stops_its_refresh_too(
    published: Installation, number: signal.Signals
):
    before = current(published)
    process = command(published, arguments="--every 1h")
    worker = worker_of(published)
    os.kill(worker, signal.SIGSTOP)  # so that it is surely in the middle
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.splitlines()[-1] == "Stopped; what was published stays."
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert not published.own.running.exists()
    assert current(published) == before


@pytest.fixture
def nowhere() -> Iterator[TextIO]:
    """For a watch of this process, which it must not end."""
    with open(os.devnull, "w") as file:
        yield file
        faulthandler.cancel_dump_traceback_later()


def test_a_worker_says_first_what_to_tell_if_it_is_never_heard_of_again(
    minimal: Installation, nowhere: TextIO
):
    listening, telling = os.pipe()
    with open(listening) as told, open(telling) as pipe:
        watch = Watch(replace(minimal.own, patience=20), pipe.fileno(), nowhere)
        for stage in ("reading", "reading", "preparing"):
            watch.heard(stage)
        silent, sign_of_life, stuck = (told.readline().strip() for _ in range(3))
    assert sign_of_life == ""
    assert Verdict.load(silent).code == "source_silent"
    assert Verdict.load(silent).fields["seconds"] == "20"
    assert Verdict.load(stuck).code == "refresh_stuck"
    assert Verdict.load(stuck).fields == {"minutes": "4"}


@pytest.mark.parametrize(
    ("module", "without"),
    [
        pytest.param("dashboard.refresh", {"polars", "sqlalchemy", "scipy"}, id="waits"),
        pytest.param("dashboard.worker", {"lifelines", "pandas"}, id="reads"),
        pytest.param("dashboard.panels.churn_risk", {"lifelines", "pandas"}, id="shows pages"),
    ],
)
def test_a_process_loads_no_more_than_it_needs(module: str, without: set[str]):
    loaded = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not without & {*done.stdout.split()}


@pytest.mark.usefixtures("published")
def test_a_worker_that_the_system_does_not_grant_is_one_sentence(caplog: pytest.LogCaptureFixture):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, hard))  # one more file, and no pipe
    try:
        assert main() == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    (said,) = [record.getMessage() for record in caplog.records]
    assert "The refresh was ended before its time (Too many open files)" in said


def test_a_worker_that_nobody_waits_for_any_more_ends(minimal: Installation, nowhere: TextIO):
    listening, telling = os.pipe()
    os.close(listening)
    with open(telling) as pipe, pytest.raises(BrokenPipeError):
        Watch(minimal.own, pipe.fileno(), nowhere).heard("reading")


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
