"""The measures of the data-health page: seven on cards, all in the table at its end."""

from __future__ import annotations

from dashboard import data
from dashboard.answers import data_trust, file_quality, gaps
from dashboard.reading import Reading
from dashboard.view import View

CARDS = (
    *("complete_core", "one_file", "connectivity", "data_accuracy", "profile_accuracy"),
    *("consent_kept", "breach_hours"),
)


@data.answer
@gaps.named
def headline(view: View) -> dict[str, Reading]:
    """Every measure of the area.

    Files and audits are of the chosen customers; accounts, orders without a customer, runs,
    incidents and reviews of the company.
    """
    found = file_quality.readings(view) | data_trust.audits(view)
    found |= {"connectivity": data_trust.connectivity(view)}
    found |= {"orders_named": file_quality.orders_named(view)}
    found |= {"breach_hours": data_trust.breaches(view)}
    return found | data_trust.runs(view) | data_trust.reviews(view)
