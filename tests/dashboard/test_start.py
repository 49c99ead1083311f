"""Starting: which port, whose snapshots, and what a wrong setting is answered with."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from dashboard import start
from dashboard.settings import settings


@pytest.fixture(autouse=True)
def _fresh_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("CRM_URL", "DATA", "TIME_ZONE", "MONEY_SCALE", "CURRENCY"):
        monkeypatch.delenv(f"STAYLINE_{name}", raising=False)
    monkeypatch.setenv("STAYLINE_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def _snapshots(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Path:
    with monkeypatch.context() as here:
        for name, value in variables.items():
            here.setenv(f"STAYLINE_{name}", value)
        settings.cache_clear()
        return settings().snapshots


def test_a_taken_port_gives_way_to_the_next_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert start.free_port(taken) > taken
    assert f"Port {taken} is taken" in caplog.text


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "80000", "8501.5", "²"])
def test_what_is_no_port_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SystemExit, match="must be a number such as 8501"):
        start.wanted_port(text)


def test_a_wrong_setting_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAYLINE_TIME_ZONE", "Nowhere/Land")
    with pytest.raises(SystemExit, match="'Nowhere/Land'; it must be a name such as Asia/Shanghai"):
        start.main()


def test_another_database_zone_or_scale_never_shows_the_snapshots_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = "postgresql+psycopg://reader:secret@host/crm"
    folders = [
        _snapshots(monkeypatch),
        _snapshots(monkeypatch, DATA="real"),
        _snapshots(monkeypatch, CRM_URL=one),
        _snapshots(monkeypatch, CRM_URL=one.replace("/crm", "/other")),
        _snapshots(monkeypatch, CRM_URL=one, TIME_ZONE="UTC"),
        _snapshots(monkeypatch, CRM_URL=one, MONEY_SCALE="0"),
    ]
    assert len(set(folders)) == len(folders)


def test_a_new_password_keeps_the_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    old = _snapshots(monkeypatch, CRM_URL="postgresql+psycopg://reader:secret@host/crm")
    assert old == _snapshots(monkeypatch, CRM_URL="postgresql+psycopg://reader:other@host/crm")
    assert old == _snapshots(monkeypatch, CRM_URL="postgresql+psycopg://reader@host/crm")
