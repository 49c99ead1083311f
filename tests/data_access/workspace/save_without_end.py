"""Run by `test_killed.py` and killed by it: saves without end, and says what is saved.

A line `asks <number>` before each save, `kept <number>` after its commit.
"""

import sys
from datetime import UTC, datetime

from data_access.principal import Principal
from data_access.workspace import Workspace, Write, cases

url, number = sys.argv[1], int(sys.argv[2])
workspace = Workspace(url, lambda _: None)
workspace.open()
while True:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    sys.stdout.write(f"asks {number}\n")
    sys.stdout.flush()
    write = Write(Principal("li", "manager"), at, f"key-of-save-{number:08}")
    if number % 2:
        steps = tuple(cases.PlannedStep(kind, at) for kind in ("phone", "wechat", "email"))
        cases.start(workspace, write, {f"c{number}": cases.Opening("red", steps=steps)})
    else:
        cases.note(workspace, write, f"c{number}", f"note {number}")
    sys.stdout.write(f"kept {number}\n")
    sys.stdout.flush()
    number += 1
