"""The rules of the house that no linter knows: sizes, who may write what, nothing left unused."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dashboard import i18n, shell
from metrics import rules
from metrics.catalog import KPIS

ROOT = Path(__file__).parents[1]
SOURCE_LINES, PAGE_LINES = 250, 60

# Files that may be longer, and how long; each needs a reason beside it.
LONGER: dict[str, int] = {}
# Who may write to the session: everything else follows from the address.
WRITERS = {
    "dashboard/address.py",  # gives widgets the values of the address
    "dashboard/navigation.py",  # remembers the pages of this run
    "dashboard/filters.py",  # clears the filters
    "dashboard/downloads.py",  # remembers which file was refused, until it is said
    "dashboard/saving.py",  # empties a form that is saved, and remembers how it ended
    "dashboard/ticks.py",  # remembers which rows of a list are ticked
    "dashboard/panels/budget_rows.py",  # a picked line is the line chosen below
}
# KPIs that no page asks for yet.
UNASKED: set[str] = set()
FLOORS = ("dashboard", "metrics", "data_access", "pages", "streamlit_app.py")


@cache
def tracked() -> tuple[str, ...]:
    """Files that belong to the project, also those not yet added; paths from the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


SOURCES = [name for name in tracked() if name.startswith(FLOORS) and name.endswith(".py")]
PAGES = [name for name in SOURCES if name.startswith("pages/") and "__init__" not in name]
ANSWERS = [name for name in SOURCES if name.startswith("dashboard/")]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def functions(name: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(text(name))) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_file_outgrows_one_thought(name: str):
    limit = PAGE_LINES if name in PAGES else LONGER.get(name, SOURCE_LINES)
    assert len(text(name).splitlines()) <= limit


def test_every_exception_of_size_is_still_needed():
    short = [name for name in LONGER if len(text(name).splitlines()) <= SOURCE_LINES]
    assert short == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_only_says_what_to_draw(name: str):
    tree = ast.parse(text(name))
    assert [node.name for node in functions(name)] == ["render"]
    assert not any(isinstance(node, ast.BinOp | ast.Lambda) for node in ast.walk(tree))
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    ]
    assert strings == [node for node in strings if node in docstrings(tree)]


def docstrings(tree: ast.Module) -> set[str]:
    documented = (node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.FunctionDef))
    return {ast.get_docstring(node, clean=False) or "" for node in documented}


def test_every_page_is_in_the_navigation_once():
    registered = [entry.name for entries in shell.SECTIONS.values() for entry in entries]
    assert sorted(f"pages/{name}.py" for name in registered) == sorted(PAGES)


def test_only_a_few_may_write_to_the_session():
    write = re.compile(
        r"session_state(\[[^\]]+\]|\.\w+)\s*=[^=]|session_state\.(setdefault|update|pop|clear)\b"
        r"|del (st\.)?session_state"
    )
    assert {name for name in SOURCES if write.search(text(name))} == WRITERS


def test_nothing_reaches_the_page_as_unescaped_markup():
    assert [name for name in SOURCES if "unsafe_allow" in text(name)] == []


def test_every_kpi_is_asked_for():
    asked = " ".join(text(name) for name in ANSWERS)
    assert {key for key in KPIS if f'"{key}"' not in asked} == UNASKED


def test_every_kpi_leads_to_a_page():
    assert {f"pages/{kpi.page}.py" for kpi in KPIS.values()} <= set(PAGES)


def test_every_target_belongs_to_a_kpi():
    assert set(rules.load("targets")) <= set(KPIS)


@pytest.mark.parametrize("path", sorted((ROOT / "metrics" / "rules").glob("*.toml")))
def test_every_rule_can_be_read_and_is_asked_for(path: Path):
    assert rules.load(path.stem)
    assert any(f'load("{path.stem}")' in text(name) for name in SOURCES)


def test_every_locale_has_the_same_files():
    files = {
        language: {path.name for path in (ROOT / "dashboard" / "locales" / language).iterdir()}
        for language in i18n.LANGUAGES
    }
    assert len({frozenset(names) for names in files.values()}) == 1
    assert {path.name for path in (ROOT / "dashboard" / "locales").iterdir()} == set(files)


def test_no_file_names_a_folder_of_somebodys_machine():
    machine = re.compile(rb"(?<![\w.:/-])/(work|home|Users|root)/\w")
    own = Path(__file__).name
    found = [name for name in tracked() if machine.search((ROOT / name).read_bytes())]
    assert [name for name in found if not name.endswith((own, ".parquet"))] == []


KEPT = re.compile(r"^(data\.)?(answer|once)$")


@pytest.mark.parametrize("name", ANSWERS)
def test_no_frame_is_part_of_the_key_of_a_kept_answer(name: str):
    """Frames do not hash by their content; a kept answer depends on the view and on codes."""
    for function in functions(name):
        if not any(KEPT.match(ast.unparse(each)) for each in function.decorator_list):
            continue
        given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        for argument in given:
            assert argument.annotation is not None
            assert "Frame" not in ast.unparse(argument.annotation), function.name
            assert "Series" not in ast.unparse(argument.annotation), function.name


def test_every_function_and_class_is_used():
    """By the product, by a command or by a test: what nothing names is dead."""
    words = re.findall(r"\w+", " ".join(text(name) for name in tracked() if name.endswith(".py")))
    seen = dict.fromkeys(words, 0)
    for word in words:
        seen[word] += 1
    dead = [
        (name, node.name)
        for name in SOURCES
        for node in ast.walk(ast.parse(text(name)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and seen[node.name] == 1
    ]
    assert dead == []
