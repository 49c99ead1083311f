"""Run by `test_killed.py` and killed by it: saves without end, and says what is saved.

A line `asks <number>` before each save, `kept <number>` after its commit. Every fourth is a case
that is opened, closed and reopened, in three writes.
"""

import sys
from datetime import UTC, datetime

from data_access.principal import Principal
from data_access.workspace import Workspace, Write, cases, reading

url, number = sys.argv[1], int(sys.argv[2])
workspace = Workspace(url, lambda _: None)
workspace.open()
while True:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    sys.stdout.write(f"asks {number}\n")
    sys.stdout.flush()
    who = Principal("li", "manager")
    write, closing, reopening = (
        Write(who, at, f"key-of-{what}-{number:08}") for what in ("save", "close", "again")
    )
    if number % 2:
        steps = tuple(cases.PlannedStep(kind, at) for kind in ("phone", "wechat", "email"))
        cases.start(workspace, write, {f"c{number}": cases.Opening("red", steps=steps)})
        if number % 4 == 1:
            case = reading.folder(workspace, who, f"c{number}").case
            cases.close(workspace, closing, case.case_id, 1, "lost", None)
            cases.reopen(workspace, reopening, case.case_id, 2, "again")
    else:
        cases.note(workspace, write, f"c{number}", f"note {number}")
    sys.stdout.write(f"kept {number}\n")
    sys.stdout.flush()
    number += 1
