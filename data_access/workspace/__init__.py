"""What people do about customers: follow-ups, assignments, notes, saved views, reviews.

Ours, not the CRM's, which nothing here touches; SQLite in a file or PostgreSQL.

    cases        start (open, and begin the plan), note, close, reopen
    steps        record how one went, hand_over
    assignments  assign customers to an employee
    reading      folder of a customer; followed, cases, steps of many as frames
    saved_views  views_of a page, save_view, change_view, delete_view
    downloads    record_download of rows that leave in a file, taken by whom
    reviews      record_review of a worklist, last_review, reviewed

Every function takes the open `Workspace`, then who reads (a `Principal`) or writes (a `Write`).
"""

from data_access.workspace.entry import new_id
from data_access.workspace.errors import Change, Conflict, WorkspaceError
from data_access.workspace.workspace import Workspace
from data_access.workspace.write import Saved, Write

__all__ = ["Change", "Conflict", "Saved", "Workspace", "WorkspaceError", "Write", "new_id"]
