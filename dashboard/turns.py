"""A few runs of the script at a time: fifty threads of one interpreter get in each other's way."""

from __future__ import annotations

import os
from threading import BoundedSemaphore

AT_ONCE = (os.cpu_count() or 1) + 1  # while one waits for a figure of another, a core is free
turn = BoundedSemaphore(AT_ONCE)
