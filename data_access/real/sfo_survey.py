"""Survey responses of passengers at San Francisco International Airport, 2017 and 2018.

Source: San Francisco International Airport Customer Survey 2017 and 2018, DataSF (City and County
of San Francisco). Licence: Open Data Commons PDDL 1.0.

Decisions
- Likelihood to recommend is NETPRO; its code 11 and one empty field are no answer. (Counting 11
  as a promoter would lift 2017 from +39.84 to +41.63.)
- Satisfaction is Q7ALL, the airport as a whole, 1 to 5; 'Blank' is no answer.
- The source gives the day of the month and the weekday, never the month. Interviews were in May;
  where the weekday says otherwise (2 of 5,640) it is the first later month in which it fits:
  5 June and 15 August 2017. Of the hour nothing is known; 12:00 UTC keeps the day in every zone
  from UTC−12 to UTC+11.
- Passengers were asked at the gate: channel 'intercept'. Nobody was invited beforehand, so there
  is no response rate. Anonymous; sampling weights are not used (weighted NPS: 40.40 and 35.11).
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from data_access.real import carried

COMPLETE_UNTIL = datetime(2018, 5, 31, 23, 59, 59, tzinfo=UTC)

_WEEKDAYS_2017 = {"MON": 1, "TUE": 2, "WED": 3, "THUR": 4, "FRI": 5, "SAT": 6, "SUN": 7}
_WEEKDAYS_2018 = {"1": 7, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6}  # Sunday is 1
_MONTHS = (5, 6, 7, 8)
_ANSWERS = {str(score): score for score in range(11)}


def tables() -> dict[str, pl.DataFrame]:
    """Survey responses: 2,831 passengers of 2017 and 2,809 of 2018."""
    rows = carried.read("sfo_survey")
    return {
        "survey_responses": rows.select(
            response_id=pl.format("{}-{}", "survey_year", "respnum"),
            customer_id=pl.lit(None, pl.String),
            survey=pl.col("survey_year").cast(pl.String),
            channel=pl.lit("intercept"),
            answered_at=_answered_at(),
            nps=_answer("netpro", 0, 10),
            csat=_answer("q7all", 1, 5),
        )
    }


def _answered_at() -> pl.Expr:
    """Noon of the first day from May on with the recorded day number and weekday."""
    weekday = pl.col("day").replace_strict(_WEEKDAYS_2017 | _WEEKDAYS_2018, return_dtype=pl.Int8)
    days = [
        pl.format("{}-{}-{}", "survey_year", pl.lit(month), "intdate").str.to_date(
            "%Y-%m-%d",
            strict=False,  # there is no 31 June
        )
        for month in _MONTHS
    ]
    fits = [pl.when(day.dt.weekday() == weekday).then(day) for day in days]
    noon = pl.coalesce(fits).cast(pl.Datetime("us")) + pl.duration(hours=12)
    return noon.dt.replace_time_zone("UTC")


def _answer(column: str, low: int, high: int) -> pl.Expr:
    score = pl.col(column).replace_strict(_ANSWERS, default=None, return_dtype=pl.Int16)
    return pl.when(score.is_between(low, high)).then(score)
