"""Campaigns: the plan and its tasks, their course, what came of them, and what must not happen."""
