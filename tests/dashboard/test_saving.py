"""Saving from a form: sent with what it was drawn with, said so when it is kept."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import workspace
from data_access.principal import Principal
from data_access.workspace import Write, cases, reading, steps
from tests.conftest import NOW, Installation

pytestmark = pytest.mark.usefixtures("own_workspace")

LI, WANG = Principal("li", "manager"), Principal("wang", "manager")


def script() -> None:
    """A page with a step to record, and a note to write."""
    import streamlit as st

    from dashboard import data, saving
    from dashboard.view import View
    from dashboard.workspace import workspace
    from data_access.principal import Principal
    from data_access.workspace import cases, reading, steps
    from metrics.selection import Selection
    from tests.conftest import NOW

    li = Principal("li", "manager")
    view = View(data.current_version(), li, "all", "previous", Selection())
    step = reading.folder(workspace(), li, "C000001").steps[0]

    def record(write):
        remark = st.session_state["step_remark"]
        result = steps.Result("responded", NOW, remark)
        return steps.record(workspace(), write, step.step_id, step.version, result)

    def note(write):
        return cases.note(workspace(), write, "C000001", st.session_state["note_text"])

    with st.form("step"):
        st.text_input("remark", key="step_remark")
        saving.submit("step", "Done", view, record)
    saving.tell("step", conflict=lambda found: st.write([each.after for each in found.changes]))
    with st.form("note"):
        st.text_area("text", key="note_text")
        saving.submit("note", "Add", view, note, then={"note_text": ""})
    saving.tell("note")


def write(principal: Principal, key: str) -> Write:
    return Write(principal, NOW, f"key-of-a-test-{key}")


def started() -> AppTest:
    """The page, over a plan that has begun."""
    opening = cases.Opening("red", steps=(cases.PlannedStep("phone", NOW),))
    cases.start(workspace.workspace(), write(LI, "start"), {"C000001": opening})
    return AppTest.from_function(script, default_timeout=30).run()


def said(app: AppTest) -> str:
    """What the page acknowledges."""
    found = re.findall(r'role="status">(.*?)</div>', " ".join(
        element.proto.body for element in app.get("html")))  # fmt: skip
    return " ".join(found)


def folder():
    return reading.folder(workspace.workspace(), LI, "C000001")


def test_what_is_saved_is_said_and_the_form_emptied():
    app = started()
    app.text_area(key="note_text").input("called")
    app.button(key="note_send").click().run()
    assert not app.exception
    assert [note.text for note in folder().notes] == ["called"]
    assert said(app) == "✓ Saved."
    assert app.text_area(key="note_text").value == ""
    assert said(app.run()) == ""  # once


def test_what_is_refused_is_kept_for_the_reader():
    app = started()
    app.text_area(key="note_text").input("x" * 5_000)
    app.button(key="note_send").click().run()
    assert folder().notes == ()
    assert len(app.warning) == 1
    assert app.text_area(key="note_text").value == "x" * 5_000


def test_somebody_elses_change_in_between_is_shown_and_ones_own_words_stay():
    app = started()
    step = folder().steps[0]
    other = steps.Result("no_answer", NOW, "engaged")
    steps.record(workspace.workspace(), write(WANG, "other"), step.step_id, 1, other)
    app.text_input(key="step_remark").input("wants a quote")
    app.button(key="step_send").click().run()
    assert not app.exception
    assert folder().steps[0].remark == "engaged"
    assert "wang" in app.warning[0].value
    assert "engaged" in app.json[0].value
    assert app.text_input(key="step_remark").value == "wants a quote"
    app.button(key="step_send").click().run()  # having seen it
    assert folder().steps[0].remark == "wants a quote"


def test_a_form_that_is_sent_twice_is_saved_once():
    """The second click comes before the first one's page is drawn: the same key."""
    from dashboard import saving
    from dashboard.view import View
    from metrics.selection import Selection

    started()
    view = View("v", LI, "all", "previous", Selection())
    for _ in range(2):
        saving._save("note", view, "key-of-one-form-00", lambda by: cases.note(
            workspace.workspace(), by, "C000001", "called"), {}, {})  # fmt: skip
    assert len(folder().notes) == 1


def test_a_workspace_that_cannot_be_opened_is_not_tried_at_every_click(
    monkeypatch: pytest.MonkeyPatch, opened, demo: Installation, tmp_path
):
    from data_access.workspace.errors import UnwritableWorkspaceError

    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/file/workspace.sqlite")
    opened(demo)
    for _ in range(2):
        with pytest.raises(UnwritableWorkspaceError):
            workspace.workspace()
        (tmp_path / "file").unlink(missing_ok=True)
    monkeypatch.setattr(workspace, "_AGAIN", 0.0)
    workspace.close()
    assert workspace.workspace().state() == 0
