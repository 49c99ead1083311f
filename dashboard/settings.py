"""What differs per installation, read from the environment once; and the only clock."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Raise it with every change of a mart that an answer relies on, or of a rule at the door.
MARTS = 21
COMPANIES = 7  # raise it when the demo company or the real data gain tables or columns
# Those of data_access.engine, which brings Polars: the process that only waits does without.
ENGINES = ("polars", "duckdb", "spark")
ROOT = Path(__file__).resolve().parent.parent
# The matrices of the fit are long and narrow: on several threads linear algebra takes four times
# the processor time, and adds up in another order on a machine with more cores.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}

# What the embedded data sets declare about themselves; your own CRM says it by the environment.
_DATA_SETS = {
    "demo": {
        "time_zone": "Asia/Shanghai",
        "money_scale": "2",
        "currency": "CNY",
        "programme_start": "2026-05-01",
    },
    "real": {"time_zone": "UTC", "money_scale": "3", "currency": "GBP"},
}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation.

    Attributes:
        data: Name of the data set: demo, real, or crm for your own database.
        crm_url: SQLAlchemy URL of the CRM database; only refresh reads it.
        home: Folder that holds the embedded databases and the published snapshots.
        time_zone: Business time zone; it decides on which day an event falls.
        money_scale: Money is in 10**-money_scale of a unit of `currency`.
        currency: ISO 4217 code of the company's money.
        patience: Seconds without a row of the CRM after which a refresh is given up.
        engine: What builds the marts: polars, duckdb or spark.
        spark_url: Master of the Spark cluster, if that is the engine.
        workspace_url: SQLAlchemy address of the workspace, a file in `home` by default.
        programme_start: First day of the programme whose targets are set against a baseline;
            None: there is none, and no such target is judged.
        lake: Address of the object storage that holds the snapshots, without a slash at its end;
            empty if `home` does.
    """

    data: str
    crm_url: str
    home: Path
    time_zone: str
    money_scale: int
    currency: str
    patience: int = 300
    engine: str = "polars"
    spark_url: str = ""
    lake: str = ""
    workspace_url: str = ""
    programme_start: date | None = None

    @property
    def workspace(self) -> str:
        """Address of the database of follow-ups, views and reviews.

        Another CRM has another one; another time zone or unit of money has not, unlike snapshots:
        what people wrote stays theirs.
        """
        mark = "" if self.data in _DATA_SETS else f"-{_mark(_without_password(self.crm_url))}"
        return (
            self.workspace_url or f"sqlite:///{self.home / f'{self.data}{mark}'}/workspace.sqlite"
        )

    @property
    def snapshots(self) -> Path:
        """Folder of the published snapshots.

        Another database, time zone or unit of money has another folder, so that the figures of
        one are never shown as those of the other. The password plays no part in its name. So
        has another shape of the marts: what older code published is published anew.
        """
        made_with = {"time_zone": self.time_zone, "money_scale": str(self.money_scale)}
        if made_with.items() <= _DATA_SETS.get(self.data, {}).items():
            return self.home / self.data / f"snapshots-{MARTS}"
        told = "\n".join((_without_password(self.crm_url), *made_with.values()))
        return self.home / f"{self.data}-{_mark(told)}" / f"snapshots-{MARTS}"

    @property
    def failure(self) -> Path:
        """File that says why the last refresh failed; absent if it did not."""
        return self.snapshots / "FAILED.json"

    @property
    def running(self) -> Path:
        """File that says how far a running refresh is; absent if none runs."""
        return self.snapshots / "RUNNING.json"

    @property
    def embedded_database(self) -> Path:
        """SQLite file of the demo or real-data CRM."""
        return embedded(self.home, self.data)


def embedded(home: Path, data: str) -> Path:
    """SQLite file of the demo or real-data CRM of a folder."""
    return home / data / f"crm-{COMPANIES}.sqlite"


def _mark(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def _without_password(url: str) -> str:
    return re.sub(r"(?<=://)([^:/@]*):[^@/]*@", r"\1@", url)


@cache
def settings() -> Settings:
    """The settings of this process, from the environment.

    Raises:
        ValueError: A variable holds something else than it may.
    """
    url = os.environ.get("STAYLINE_CRM_URL", "")
    data = "crm" if url else os.environ.get("STAYLINE_DATA", "demo")
    if data not in ("demo", "real", "crm"):
        raise ValueError(f"STAYLINE_DATA is {data!r}; it must be demo or real")
    if data == "crm" and not url:
        raise ValueError("STAYLINE_DATA is crm; give the database in STAYLINE_CRM_URL")
    home = Path(os.environ.get("STAYLINE_HOME", str(ROOT / "var"))).resolve()
    declared = _DATA_SETS.get(data, _DATA_SETS["demo"])
    scale = os.environ.get("STAYLINE_MONEY_SCALE", declared["money_scale"])
    if not scale.isdigit():
        raise ValueError(f"STAYLINE_MONEY_SCALE is {scale!r}; it must be a number such as 2")
    time_zone = os.environ.get("STAYLINE_TIME_ZONE", declared["time_zone"])
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"STAYLINE_TIME_ZONE is {time_zone!r}; it must be a name such as Asia/Shanghai"
        ) from None
    engine = os.environ.get("STAYLINE_ENGINE", "polars")
    if engine not in ENGINES:
        raise ValueError(f"STAYLINE_ENGINE is {engine!r}; it must be one of {', '.join(ENGINES)}")
    return Settings(
        data=data,
        crm_url=url or f"sqlite:///{embedded(home, data)}",
        home=home,
        time_zone=time_zone,
        money_scale=int(scale),
        currency=os.environ.get("STAYLINE_CURRENCY", declared["currency"]),
        patience=duration("STAYLINE_PATIENCE", os.environ.get("STAYLINE_PATIENCE", "5m")),
        engine=engine,
        spark_url=os.environ.get("STAYLINE_SPARK_URL", "local[*]"),
        lake=_lake(os.environ.get("STAYLINE_SNAPSHOTS", "")),
        workspace_url=os.environ.get("STAYLINE_WORKSPACE_URL", ""),
        programme_start=_day(
            "STAYLINE_PROGRAMME_START",
            os.environ.get(
                "STAYLINE_PROGRAMME_START",
                _DATA_SETS.get(data, {}).get("programme_start", ""),
            ),
        ),
    )


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is {text!r}; it must be a day such as 2026-05-01") from None


def _lake(url: str) -> str:
    if url and not re.match(r"(s3|gs|az|abfss?|file)://.", url):
        raise ValueError(
            f"STAYLINE_SNAPSHOTS is {url!r}; it must be an address such as s3://bucket/folder"
        )
    if url and not (find_spec("deltalake") and find_spec("obstore")):
        raise ValueError(
            "STAYLINE_SNAPSHOTS needs packages that are not installed; "
            "run pip install -r requirements-lake.txt"
        )
    return url.rstrip("/")


def duration(name: str, text: str) -> int:
    """Seconds that a text such as 90s, 5m or 1h means, given for a name.

    Raises:
        ValueError: It is not of that form, or nought.
    """
    parts = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", text, re.ASCII)
    if parts is None:
        raise ValueError(f"{name} is {text!r}; it must be a time such as 90s, 5m or 1h")
    return int(parts[1]) * _SECONDS[parts[2]]


def now() -> datetime:
    """The present moment, UTC; `STAYLINE_NOW` (ISO 8601 with offset) fixes it for tests."""
    fixed = os.environ.get("STAYLINE_NOW")
    return datetime.fromisoformat(fixed).astimezone(UTC) if fixed else datetime.now(UTC)
