"""Both languages say the same things, and nothing else speaks to readers."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard import i18n
from metrics import sla
from metrics.catalog import KPIS

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "pages").glob("*.py")])
HAN = re.compile(r"[\u4e00-\u9fff]")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_key_has_words_in_every_language():
    zh, en = i18n.words("zh"), i18n.words("en")
    assert zh.keys() ^ en.keys() == set()


def test_the_words_of_a_key_have_the_same_placeholders():
    zh, en = i18n.words("zh"), i18n.words("en")
    assert [key for key in zh if placeholders(zh[key]) != placeholders(en[key])] == []


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_so_many_of_so_many_has_words_for_every_case(language: str):
    words = i18n.words(language)
    groups = {key.removesuffix(".not_only") for key in words if key.endswith(".not_only")}
    assert groups
    for group in groups:
        assert {f"{group}.{form}" for form in ("some", "all", "none", "only")} <= words.keys()


def test_a_number_chooses_between_exactly_two_words():
    for language in i18n.LANGUAGES:
        for key, text in i18n.words(language).items():
            for _, _, spec, _ in string.Formatter().parse(text):
                assert not spec or len(spec.removeprefix("|").split("|")) == 2, key


def test_no_words_are_empty():
    for language in i18n.LANGUAGES:
        assert [key for key, text in i18n.words(language).items() if not text.strip()] == []


@pytest.mark.parametrize("key", list(KPIS))
def test_every_kpi_has_label_definition_and_formula(key: str):
    for language in i18n.LANGUAGES:
        assert {f"kpi.{key}.{part}" for part in ("label", "definition", "formula")} <= set(
            i18n.words(language)
        )


@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_every_plan_is_named_by_its_title(language: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(i18n, "language", lambda: language)
    asked = {source for entry in KPIS.values() for source in entry.sources}
    asked |= {target.source for entry in KPIS.values() for target in entry.targets}
    asked |= {promise.source for promise in sla.policies().promises}
    assert len(asked) >= 5
    assert [source for source in asked if re.match(r"S\d", i18n.plan(source))] == []
    assert i18n.plan("S3 4.2").endswith(" 4.2")


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """String literals of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def test_no_chinese_outside_the_locale_files():
    # the names of the languages themselves, and the patterns of Chinese dates
    allowed = {"中文", "Language / 语言", "yyyy年M月", "M月"}
    found = [
        (path.name, line, text)
        for path in SOURCES
        for line, text in literals(path)
        if HAN.search(text) and text not in allowed
    ]
    assert found == []


def called_keys(path: Path) -> Iterator[str]:
    """Keys given to t() as plain literals."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if named and node.func.id == "t" and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


def test_every_key_the_code_asks_for_exists():
    known = i18n.words("en").keys()
    asked = {(path.name, key) for path in SOURCES for key in called_keys(path)}
    assert sorted((name, key) for name, key in asked if key not in known) == []
