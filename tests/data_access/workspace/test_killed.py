"""Killed at any moment while it saves: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from data_access.workspace import Workspace
from tests.data_access.workspace.conftest import customers, rows

KILLS = int(os.environ.get("STAYLINE_TEST_KILLS", "4"))
SAVER = Path(__file__).with_name("save_without_end.py")
ROOT = Path(__file__).parents[3]


def killed(url: str, first: int, after: float, saves: int) -> list[tuple[str, int]]:
    """What a saver said until it was killed, some seconds after its first saves."""
    saver = subprocess.Popen(
        [sys.executable, str(SAVER), url, str(first)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    with saver:
        for line in saver.stdout or ():
            lines.append(line)
            if len(lines) == 2 * saves:
                threading.Timer(after, saver.send_signal, (signal.SIGKILL,)).start()
    assert saver.returncode == -signal.SIGKILL
    # the last line may be torn
    return [(word, int(number)) for word, number in (line.split() for line in lines[:-1])]


def test_killed_savers_lose_and_double_nothing(url: str):
    moment = random.Random(7)
    asked: set[int] = set()
    kept: set[int] = set()
    first = 0
    for _ in range(KILLS):
        said = killed(url, first, moment.uniform(0, 0.05), moment.randrange(1, 6))
        asked |= {number for word, number in said if word == "asks"}
        kept |= {number for word, number in said if word == "kept"}
        first = max(kept) + 1  # the next asks again, under its key, for what was not acknowledged
    workspace = Workspace(url, customers)
    workspace.open()
    saved = {int(row["key"].rsplit("-", 1)[1]) for row in rows(workspace, "requests")}
    assert kept <= saved <= asked | {max(asked) + 1}
    expected = {f"c{number}" for number in saved}
    found = {table: rows(workspace, table) for table in ("cases", "notes", "steps")}
    opened = [row["customer_id"] for row in found["cases"]]
    noted = [row["customer_id"] for row in found["notes"] if row["case_id"] is None]
    assert sorted(opened + noted) == sorted(expected)
    assert {int(customer[1:]) % 2 for customer in opened} <= {1}
    steps = [row["case_id"] for row in found["steps"]]
    assert sorted(steps) == sorted(3 * [row["case_id"] for row in found["cases"]])
    # a case's version counts its writes: opened, closed, reopened with a note
    reopened = [row["case_id"] for row in found["notes"] if row["case_id"] is not None]
    assert sorted(reopened) == sorted(
        row["case_id"] for row in found["cases"] if row["version"] == 3
    )
    assert {row["version"] for row in found["cases"] if row["state"] == "lost"} <= {2}
    entries = [(row["about"], row["row_id"]) for row in rows(workspace, "audit_entries")]
    keys = {"cases": "case_id", "notes": "note_id", "steps": "step_id"}
    there = [
        (table, row[keys[table]])
        for table, written in found.items()
        for row in written
        for _ in range(row["version"] if table == "cases" else 1)
    ]
    assert sorted(entries) == sorted(there)
    workspace.close()
