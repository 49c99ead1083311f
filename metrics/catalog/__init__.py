"""The KPIs: key, unit, direction, what they need, where they are asked for, their targets.

The catalogue drives the cards, the tables of all measures of an area, the definitions page and
"cannot be computed because". Its words (label, definition, formula) are in the locale files under
`kpi.<key>`.
"""

from __future__ import annotations

from metrics.catalog import (
    campaigns,
    care,
    contact,
    customers,
    data_health,
    loyalty,
    money,
    programme,
    promises,
    returns,
    service_promises,
    service_quality,
    tiers,
    value,
    voice,
)
from metrics.catalog.kpi import Better, Kpi, Target, Unit

__all__ = ["KPIS", "Better", "Kpi", "Target", "Unit"]

_SECTIONS = (
    promises,
    voice,
    service_promises,
    service_quality,
    contact,
    customers,
    tiers,
    care,
    campaigns,
    money,
    returns,
    loyalty,
    data_health,
    value,
    programme,
)
KPIS: dict[str, Kpi] = {kpi.key: kpi for section in _SECTIONS for kpi in section.KPIS}
