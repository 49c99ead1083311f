"""Whether customers leave more often after a broken promise or a complaint."""

from __future__ import annotations

import polars as pl

from dashboard import data
from dashboard.view import View
from metrics.measure import ratio


@data.once
def staying(view: View) -> pl.DataFrame:
    """The hazard ratios of all customers, whatever the filters; see `metrics.sla.staying`.

    Adds exposed_share and others_share: who left within the follow-up.
    """
    rows = data.frame(view, "service_staying").with_columns(
        exposed_share=ratio(pl.col("exposed_left"), pl.col("exposed")),
        others_share=ratio(pl.col("others_left"), pl.col("others")),
    )
    return rows.collect()
