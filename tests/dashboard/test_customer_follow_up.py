"""The follow-up on the customer's page: worked on by its forms, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data, i18n, workspace
from dashboard.answers import customer_follow_up
from dashboard.panels import follow_up_words as words
from dashboard.view import View
from data_access.principal import LOCAL_ADMINISTRATOR, Principal
from data_access.workspace import Write, cases, reading, steps
from data_access.workspace.records import Case
from metrics import follow_up
from metrics.selection import Selection
from tests.conftest import NOW, Installation
from tests.pages.test_pages import run

pytestmark = pytest.mark.usefixtures("own_workspace")

WANG = Principal("wang", "manager")
CASE = Case("k", "c", "red", "red", None, NOW, "li", None, "open", None, None, 1)


@pytest.fixture
def customer() -> str:
    view = View(data.current_version(), LOCAL_ADMINISTRATOR, "all", "previous", Selection())
    calm = data.frame(view, "customer_mart").filter(pl.col("warning").is_null())
    mart = calm.select("customer_id", "owner_id").drop_nulls()
    return mart.head(1).collect()["customer_id"].item()


def folder(customer: str):
    return reading.folder(workspace.workspace(), LOCAL_ADMINISTRATOR, customer)


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def buttons(app: AppTest) -> list[str]:
    """The words on the buttons that open a form."""
    return [each.proto.popover.label for each in app.get("popover")]


def titles(app: AppTest) -> list[str]:
    return re.findall(r'sl-panel-title">(.*?)</p>', html(app))


def started(customer: str) -> None:
    view = View(data.current_version(), WANG, "all", "previous", Selection())
    row = {"warning": None}
    opening = customer_follow_up.opening(row, planned=True)
    cases.start(workspace.workspace(), Write(view.principal, NOW, "key-of-a-start-01"),
                {customer: opening})  # fmt: skip


def open_form(app: AppTest, name: str, customer: str) -> str:
    form = f"follow_up_{name}_{customer}"
    app.session_state[f"{form}_open"] = True
    app.run()
    assert not app.exception
    return form


def test_a_follow_up_from_its_start_to_its_end(customer: str):
    app = run("customer", "en", id=customer)
    assert "No follow-up yet" in titles(app)
    app.button(key=f"follow_up_start_{customer}_send").click().run()
    assert "0 of 5 steps done; next: Phone, due 2 Nov 2026, 20:00" in titles(app)

    step = folder(customer).steps[0]
    form = open_form(app, step.step_id, customer)
    app.radio(key=f"{form}_outcome").set_value("responded")
    app.text_area(key=f"{form}_remark").input("<b>wants</b> a quote")
    app.number_input(key=f"{form}_cost").set_value(12.34)
    app.button(key=f"{form}_send").click().run()
    done = folder(customer).steps[0]
    assert (done.outcome, done.remark, done.cost) == ("responded", "<b>wants</b> a quote", 1_234)
    assert (done.done_at, done.done_by) == (NOW, "local")
    assert "1 of 5 steps done; next: WeChat, due 3 Nov 2026, 20:00" in titles(app)
    assert "&lt;b&gt;wants&lt;/b&gt; a quote" in html(app)
    assert html(app).count("cost ¥12.34") == 2  # at the step, and in what happened: for good
    assert "<b>wants" not in html(app)
    assert app.session_state[f"{form}_open"] is False

    form = open_form(app, "note", customer)
    app.text_area(key=f"{form}_text").input("orders on Monday")
    app.button(key=f"{form}_send").click().run()
    assert [note.text for note in folder(customer).notes] == ["orders on Monday"]

    form = open_form(app, "owner", customer)
    name = app.selectbox(key=f"{form}_to").options[1]
    app.selectbox(key=f"{form}_to").set_value(name)
    app.button(key=f"{form}_send").click().run()
    assert folder(customer).owner_version == 1
    assert f"<dt>Owner</dt><dd>{name}</dd>" in html(app)

    form = open_form(app, "close", customer)
    assert app.radio(key=f"{form}_state").value is None  # how it ended nobody has said yet
    app.button(key=f"{form}_send").click().run()
    assert [each.value for each in app.warning] == [i18n.words("en")["error.workspace_not_chosen"]]
    assert folder(customer).case.state == "open"
    app.radio(key=f"{form}_state").set_value("won")
    app.text_area(key=f"{form}_text").input("ordered")
    app.button(key=f"{form}_send").click().run()
    assert (folder(customer).case.state, folder(customer).case.outcome) == ("won", "ordered")
    assert "Last follow-up: won back, 31 Oct 2026" in titles(app)
    app.button(key=f"follow_up_start_{customer}_send").click().run()
    assert folder(customer).case.state == "open"
    assert not app.exception


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_a_closed_follow_up_goes_on_with_its_reason(customer: str, language: str):
    known = i18n.words(language)
    started(customer)
    case = folder(customer).case
    by = Write(WANG, NOW, "key-of-a-close-01")
    cases.close(workspace.workspace(), by, case.case_id, case.version, "lost", None)
    app = run("customer", language, id=customer)
    form = open_form(app, "reopen", customer)
    app.button(key=f"{form}_send").click().run()  # without a reason
    assert [each.value for each in app.warning] == [known["error.workspace_refused"]]
    assert folder(customer).case.state == "lost"
    app.text_area(key=f"{form}_why").input("<b>called</b> back")
    app.button(key=f"{form}_send").click().run()
    assert not app.exception
    assert folder(customer).case.state == "open"
    assert known["follow_up.event.reopen"] in html(app)
    assert "&lt;b&gt;called&lt;/b&gt; back" in html(app)
    # the plan goes on where it was
    assert buttons(app).count(known["follow_up.result"]) == 5


def test_who_reopens_sees_that_somebody_has_begun_another_one(customer: str):
    started(customer)
    case = folder(customer).case
    by = Write(WANG, NOW, "key-of-a-close-01")
    cases.close(workspace.workspace(), by, case.case_id, case.version, "lost", None)
    app = run("customer", "en", id=customer)
    form = open_form(app, "reopen", customer)
    other = replace(by, key="key-of-somebody-else")
    cases.start(workspace.workspace(), other, {customer: cases.Opening("manual")})
    app.text_area(key=f"{form}_why").input("called back")
    app.button(key=f"{form}_send").click().run()
    assert not app.exception
    assert "wang" in " ".join(each.value for each in app.warning)
    assert folder(customer).case.reason == "manual"
    assert folder(customer).notes == ()


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_a_step_is_handed_to_a_colleague_and_back(customer: str, language: str):
    known = i18n.words(language)
    started(customer)
    app = run("customer", language, id=customer)
    step = folder(customer).steps[1]
    form = open_form(app, f"{step.step_id}_to", customer)
    name = app.selectbox(key=f"{form}_whom").options[1]
    app.selectbox(key=f"{form}_whom").set_value(name)
    app.button(key=f"{form}_send").click().run()
    assert not app.exception
    handed = folder(customer)
    assert handed.steps[1].owner_id is not None
    assert [each.owner_id for each in handed.steps].count(None) == 4
    assert handed.events[0].action == "hand_over"
    said = known["follow_up.event.hand_over"].format(step=known["code.step.wechat"], owner=name)
    assert said in html(app)
    app.session_state[f"{form}_whom"] = ""
    open_form(app, f"{step.step_id}_to", customer)
    app.selectbox(key=f"{form}_whom").select_index(0)
    app.button(key=f"{form}_send").click().run()
    assert folder(customer).steps[1].owner_id is None
    back = known["follow_up.event.hand_over_back"].format(step=known["code.step.wechat"])
    assert back in html(app)


def test_two_people_hand_over_one_step(customer: str):
    started(customer)
    app = run("customer", "en", id=customer)
    step = folder(customer).steps[0]
    form = open_form(app, f"{step.step_id}_to", customer)
    other = Write(WANG, NOW, "key-of-somebody-else")
    steps.hand_over(workspace.workspace(), other, step.step_id, step.version, "e-9")
    mine = app.selectbox(key=f"{form}_whom").options[2]
    app.selectbox(key=f"{form}_whom").set_value(mine)
    app.button(key=f"{form}_send").click().run()
    assert not app.exception
    assert "wang" in app.warning[0].value
    assert "e-9" in html(app)
    assert folder(customer).steps[0].owner_id == "e-9"
    assert app.selectbox(key=f"{form}_whom").value is not None  # one's own choice is still there
    app.button(key=f"{form}_send").click().run()
    assert folder(customer).steps[0].owner_id not in (None, "e-9")


def test_a_step_that_is_done_is_nobodys_to_hand_over(customer: str):
    started(customer)
    step = folder(customer).steps[0]
    by = Write(WANG, NOW, "key-of-a-result-01")
    steps.record(workspace.workspace(), by, step.step_id, 1, steps.Result("responded", NOW))
    app = run("customer", "en", id=customer)
    assert buttons(app).count(i18n.words("en")["follow_up.hand_over"]) == 4
    assert buttons(app).count(i18n.words("en")["follow_up.result"]) == 5


def test_a_result_is_corrected_and_taken_back(customer: str):
    started(customer)
    app = run("customer", "zh", id=customer)
    form = open_form(app, folder(customer).steps[0].step_id, customer)
    app.button(key=f"{form}_send").click().run()  # without an outcome
    assert folder(customer).steps[0].done_at is None
    assert [each.value for each in app.warning] == [i18n.words("zh")["error.workspace_not_chosen"]]
    app.radio(key=f"{form}_outcome").set_value("no_answer")
    app.button(key=f"{form}_send").click().run()
    assert folder(customer).steps[0].outcome == "no_answer"
    open_form(app, folder(customer).steps[0].step_id, customer)
    app.button(key=f"{form}_sendback").click().run()
    assert folder(customer).steps[0].done_at is None
    assert "撤销完成" in html(app)


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_two_people_on_one_step(customer: str, language: str):
    started(customer)
    app = run("customer", language, id=customer)
    step = folder(customer).steps[0]
    form = open_form(app, step.step_id, customer)
    other = Write(WANG, NOW, "key-of-somebody-else")
    result = steps.Result("no_answer", NOW, "<i>engaged</i>")
    steps.record(workspace.workspace(), other, step.step_id, step.version, result)
    app.radio(key=f"{form}_outcome").set_value("responded")
    app.text_area(key=f"{form}_remark").input("my own words")
    app.button(key=f"{form}_send").click().run()
    assert not app.exception
    assert folder(customer).steps[0].remark == "<i>engaged</i>"
    assert "wang" in app.warning[0].value
    assert "&lt;i&gt;engaged&lt;/i&gt;" in html(app)
    assert "<i>engaged" not in html(app)
    assert app.text_area(key=f"{form}_remark").value == "my own words"
    assert app.radio(key=f"{form}_outcome").value == "responded"
    app.button(key=f"{form}_send").click().run()
    assert folder(customer).steps[0].remark == "my own words"


def test_two_people_assign_one_customer(customer: str):
    from data_access.workspace.assignments import assign

    app = run("customer", "en", id=customer)
    form = open_form(app, "owner", customer)
    assign(workspace.workspace(), Write(WANG, NOW, "key-of-somebody-else"), "e-9", {customer: 0})
    app.button(key=f"{form}_send").click().run()
    assert "wang" in app.warning[0].value
    assert "e-9" in html(app)
    assert folder(customer).owner_id == "e-9"


def test_an_overdue_step_is_told_with_its_sign(customer: str, monkeypatch: pytest.MonkeyPatch):
    started(customer)
    monkeypatch.setenv("STAYLINE_NOW", (NOW + timedelta(hours=60)).isoformat())
    app = run("customer", "en", id=customer)
    assert "0 of 5 steps done; Phone is overdue since 2 Nov 2026, 20:00" in titles(app)
    assert "▼" in html(app)
    assert "12 h overdue, was due 2 Nov 2026, 20:00" in html(app)


def test_a_warning_is_why_and_since_when():
    row = {"warning": "red", "warned_on": NOW.date(), "warning_rules": ["red", "blue"]}
    found = customer_follow_up.opening(row, planned=True)
    assert (found.reason, found.rules) == ("red", ("red", "blue"))
    assert found.warned_at == datetime(2026, 10, 31, 16, tzinfo=UTC)  # the end of that day
    assert found.steps[0].due_at == found.warned_at + timedelta(hours=48)
    assert customer_follow_up.opening({}, planned=False) == cases.Opening("manual")


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_without_a_workspace_the_rest_of_the_page_works(
    customer: str, language: str, monkeypatch: pytest.MonkeyPatch, opened, demo: Installation,
    tmp_path,
):  # fmt: skip
    before = titles(run("customer", language, id=customer))
    (tmp_path / "broken.sqlite").write_bytes(b"no database at all " * 500)
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/broken.sqlite")
    opened(demo)
    app = run("customer", language, id=customer)
    assert not app.exception
    assert len(app.warning) == 1
    fresh = [title for title in titles(app) if title not in before]
    assert fresh == [i18n.words(language)["follow_up.unavailable"]]
    assert len(titles(app)) == len(before)


def test_a_case_tells_the_day_of_its_warning():
    """As the page does above it: not the next one, at whose beginning its clock starts."""
    at = follow_up.warned_at(date(2026, 8, 24), ZoneInfo("Asia/Shanghai"))
    case = replace(CASE, warned_at=at)
    assert "2026" in words.reason(case)
    assert "24" in words.reason(case)
    assert words.reason(replace(CASE, reason="manual", warned_at=None)) in {
        i18n.words(language)["code.case_reason.manual"] for language in i18n.LANGUAGES
    }


def test_every_code_of_the_plan_has_its_word():
    for language in i18n.LANGUAGES:
        known = i18n.words(language)
        for step in follow_up.plan():
            assert f"code.step.{step.kind}" in known
            codes = follow_up.outcomes(step.kind)
            assert all(f"code.step_outcome.{code}" in known for code in codes)
