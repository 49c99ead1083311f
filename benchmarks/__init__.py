"""Figures: how long, how much memory, how many bytes; ratios against a peer in the same run."""

import os

from dashboard.settings import ONE_THREAD

os.environ.update(ONE_THREAD)  # as a refresh runs; before NumPy is loaded
