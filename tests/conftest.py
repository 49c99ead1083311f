"""Installations to test on: the demo company, the real data, an empty CRM, a minimal CRM."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings as property_tests

from dashboard import data, settings, workspace
from dashboard.pipeline import refresh
from dashboard.serving import Serving
from dashboard.settings import Settings
from dashboard.store import store
from dashboard.view import View
from data_access import schema
from data_access.demo.build import build as build_demo
from data_access.principal import LOCAL_ADMINISTRATOR
from data_access.real.build import build as build_real
from metrics.selection import Selection

property_tests.register_profile("untimed", deadline=None)  # a busy machine is no defect
property_tests.load_profile("untimed")

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
CUSTOMERS = 1_500


@dataclass(frozen=True)
class Installation:
    """A home folder with one published data set, and the environment that points to it."""

    own: Settings

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to open it."""
        variables = {
            "STAYLINE_HOME": str(self.own.home),
            "STAYLINE_TIME_ZONE": self.own.time_zone,
            "STAYLINE_MONEY_SCALE": str(self.own.money_scale),
            "STAYLINE_CURRENCY": self.own.currency,
            "STAYLINE_PATIENCE": f"{self.own.patience}s",
            "STAYLINE_NOW": NOW.isoformat(),
        }
        if self.own.data == "crm":
            return variables | {"STAYLINE_CRM_URL": self.own.crm_url}
        return variables | {"STAYLINE_DATA": self.own.data}


def _settings(home: Path, name: str, **more: object) -> Settings:
    values = {
        "data": name,
        "crm_url": f"sqlite:///{settings.embedded(home, name)}",
        "home": home,
        "time_zone": "Asia/Shanghai",
        "money_scale": 2,
        "currency": "CNY",
    }
    (home / name).mkdir(parents=True, exist_ok=True)
    return Settings(**{**values, **more})  # pyright: ignore[reportArgumentType]


def _empty_crm(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        schema.create_tables(connection)
    engine.dispose()


def _minimal_crm(path: Path, demo: Path) -> None:
    """Only customers and orders, of the demo company."""
    with sqlite3.connect(path) as connection:
        connection.execute("attach database ? as demo", (str(demo),))
        for table in ("customers", "orders"):
            connection.execute(f"create table {table} as select * from demo.{table}")
        connection.commit()
    connection.close()


@pytest.fixture(scope="session", autouse=True)
def clock() -> Iterator[None]:
    """The moment of every read: on a machine with another date the demo's end would be future."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAYLINE_NOW", NOW.isoformat())
        yield


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds every installation of this test session."""
    return tmp_path_factory.mktemp("stayline")


@pytest.fixture(scope="session")
def demo(homes: Path) -> Installation:
    """The demo company, small."""
    own = _settings(homes / "demo", "demo")
    build_demo(own.embedded_database, CUSTOMERS)
    refresh(own)
    return Installation(own)


@pytest.fixture(scope="module")
def demo_crm(demo: Installation) -> Iterator[sqlite3.Connection]:
    """The database of the demo company, for plain SQL; its temporary tables are the module's."""
    connection = sqlite3.connect(f"file:{demo.own.embedded_database}?mode=ro", uri=True)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def real(homes: Path) -> Installation:
    """The public data."""
    own = _settings(homes / "real", "real", time_zone="UTC", money_scale=3, currency="GBP")
    build_real(own.embedded_database)
    refresh(own)
    return Installation(own)


@pytest.fixture(scope="session")
def empty(homes: Path) -> Installation:
    """A CRM with every table and no row."""
    own = _settings(homes / "empty", "crm")
    _empty_crm(settings.embedded(homes / "empty", "crm"))
    refresh(own)
    return Installation(own)


@pytest.fixture(scope="session")
def minimal(homes: Path, demo: Installation) -> Installation:
    """A CRM with customers and orders only."""
    own = _settings(homes / "minimal", "crm")
    _minimal_crm(settings.embedded(homes / "minimal", "crm"), demo.own.embedded_database)
    refresh(own)
    return Installation(own)


@pytest.fixture(scope="session")
def unreachable(homes: Path) -> Installation:
    """A CRM whose database cannot be opened, and nothing published."""
    gone = homes / "unreachable" / "nowhere" / "crm.sqlite"
    return Installation(_settings(homes / "unreachable", "crm", crm_url=f"sqlite:///{gone}"))


@pytest.fixture(scope="session")
def serving(homes: Path) -> Callable[[], Serving]:
    """What the settings name, opened; of `homes`, where no test writes, each only once."""
    lasting: dict[Settings, Serving] = {}

    def open_() -> Serving:
        own = settings.settings()
        fresh = Serving(store(own))
        return lasting.setdefault(own, fresh) if own.home.is_relative_to(homes) else fresh

    return open_


@pytest.fixture
def opened(
    monkeypatch: pytest.MonkeyPatch, serving: Callable[[], Serving]
) -> Iterator[Callable[[Installation], None]]:
    """Point this process at an installation, as its environment would."""
    monkeypatch.setattr(data, "serving", functools.cache(serving))

    def forget() -> None:
        settings.settings.cache_clear()
        data.close()

    def open_(installation: Installation) -> None:
        for name in ("STAYLINE_CRM_URL", "STAYLINE_DATA"):
            monkeypatch.delenv(name, raising=False)
        for name, value in installation.environment.items():
            monkeypatch.setenv(name, value)
        forget()

    yield open_
    forget()


@pytest.fixture
def own_workspace(
    opened: Callable[[Installation], None],
    demo: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    """The demo company, with a workspace for this test alone."""
    monkeypatch.setenv("STAYLINE_WORKSPACE_URL", f"sqlite:///{tmp_path}/workspace.sqlite")
    opened(demo)
    yield
    workspace.close()


@pytest.fixture
def look(opened: Callable[[Installation], None], demo: Installation) -> Callable[..., View]:
    """A view of the demo company: a period, and the one value of each filter."""
    opened(demo)

    def make(period: str = "year", **filters: str) -> View:
        chosen = Selection(tuple((name, (value,)) for name, value in filters.items()))
        return View(data.current_version(), LOCAL_ADMINISTRATOR, period, "previous", chosen)

    return make
