"""The customers behind the campaign page."""

from __future__ import annotations

from dashboard import drilldown, i18n
from dashboard.answers import campaign_rows
from dashboard.drilldown import counted
from dashboard.i18n import t
from dashboard.table import Column
from dashboard.view import View


def group_name(by: str, value: str | None) -> str:
    """A tier, a form or a combination of channels in words."""
    if by == "channels" and value is not None:
        return t("campaigns.plus").join(i18n.code("channel", each) for each in value.split("+"))
    return i18n.code("campaign_form" if by == "form" else by, value)


def members(view: View, key: str, *, campaign_id: str) -> None:
    """The members of a campaign: who took part, stayed away, was not reached, was held out."""
    sizes = campaign_rows.counted(view, campaign_id)
    groups = {name: counted(t(f"campaigns.group.{name}"), n) for name, n in sizes.items()}
    with drilldown.bar():
        group = drilldown.pick(key, groups)
    columns = [
        Column("customer", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("contacted_on", t("campaigns.contacted"), "date"),
        Column("participated_on", t("campaigns.took_part"), "date"),
        Column("form", t("campaigns.by.form"), "code", "campaign_form"),
        Column("channels", t("campaigns.by.channels"), write=_channels),
        Column("satisfaction", t("campaigns.measure.satisfaction"), "count"),
    ]
    rows = drilldown.Rows(
        campaign_rows.members(view, campaign_id, group), (view, campaign_id, group)
    )
    drilldown.paged(rows, columns, key=key, alt=groups[group], size=drilldown.IN_DIALOG)


def _channels(value: str | None) -> str:
    return i18n.DASH if value is None else group_name("channels", value)


def violations(view: View, key: str) -> None:
    """Promotions that broke a rule, by kind."""
    sizes = campaign_rows.violations(view)
    groups = {kind: counted(t(f"campaigns.violation.{kind}"), n) for kind, n in sizes.items()}
    with drilldown.bar():
        kind = drilldown.pick(key, groups)
    mass = kind == campaign_rows.MASS
    found = campaign_rows.mass(view) if mass else campaign_rows.early(view, kind)
    channel = "coupon_kind" if mass else "channel"
    columns = [
        Column("customer", t("column.customer"), "customer"),
        Column("tier", t("dimension.tier"), "code"),
        Column("sent_on", t("campaigns.sent"), "date"),
        Column("campaign", t("campaigns.campaign")),
        Column("channel", t("campaigns.way"), "code", channel),
        Column("complained_on", t("campaigns.complained"), "date"),
        Column("solved_on", t("campaigns.solved"), "date"),
    ]
    rows = drilldown.Rows(found, (view, kind))
    drilldown.paged(rows, columns, key=key, alt=groups[kind], size=drilldown.IN_DIALOG)
