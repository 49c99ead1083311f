"""Tables of the demo company that do not belong to single customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import polars as pl

from data_access.contract import TABLES
from data_access.demo import finance, programme, returns, trust
from data_access.demo.arrays import frame
from data_access.demo.campaign_plans import campaign_frames
from data_access.demo.engagement import channel_frame, experiment_frame
from data_access.demo.money import budget_frames
from data_access.demo.people import employees
from data_access.demo.seasons import Seasons
from data_access.demo.service_details import staff_columns
from data_access.demo.service_team import training_frame
from data_access.demo.truth import Truth


def company_frames(
    rng: Callable[[str], np.random.Generator],
    members: pl.DataFrame,
    truth: Truth,
    calendar: Seasons,
    as_of: datetime,
) -> dict[str, pl.DataFrame]:
    """The tables by name; `members` are the rows of `campaign_members`."""
    feeds = {
        "table_name": list(TABLES),
        "complete_until": pl.repeat(as_of, len(TABLES), eager=True),
    }
    return {
        "feeds": frame("feeds", feeds),
        "employees": staff_columns(employees(rng("employees"), calendar)),
        "channels": channel_frame(calendar),
        "experiments": experiment_frame(calendar),
        "products": trust.product_frame(calendar),
        "articles": trust.article_frame(calendar),
        "sync_runs": trust.sync_frame(rng("syncs"), calendar),
        "governance_events": pl.concat(
            [
                trust.governance_frame(calendar),
                programme.meeting_frame(calendar),
                finance.check_frame(calendar),
            ]
        ),
        "incidents": trust.incident_frame(calendar),
        "trainings": training_frame(rng("trainings"), calendar),
        "assessments": trust.assessment_frame(calendar),
        **programme.programme_frames(calendar),
        **finance.control_frames(
            rng("budget control"), budget_frames(rng("budgets"), truth, calendar, as_of), as_of
        ),
        **returns.return_frames(rng("returns"), as_of),
        **campaign_frames(rng, members, calendar),
    }
