"""What is true of the demo company by construction, so that a model can be held against it.

Everything a test may ask for is a number here and is written to `truth.json` beside the demo
database. Hazard ratios multiply the latent churn hazard; `1.0` is the reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

CLASSES = ("high", "mid", "basic")
SEGMENTS = (
    "manufacturing",
    "retail",
    "healthcare",
    "education",
    "finance",
    "technology",
    "logistics",
)
REGIONS = ("east_china", "south_china", "north_china", "southwest", "central", "overseas")
ACQUISITION_CHANNELS = ("referral", "search", "wechat", "exhibition", "partner", "store")


def _by(names: tuple[str, ...], *values: float) -> Mapping[str, float]:
    return dict(zip(names, values, strict=True))


def _map(*values: float, names: tuple[str, ...] = CLASSES) -> Mapping[str, float]:
    return field(default_factory=lambda: _by(names, *values))


@dataclass(frozen=True, slots=True)
class Truth:
    """Parameters of the demo company; value classes are latent, tiers follow from spending."""

    # Who they are.
    class_share: Mapping[str, float] = _map(0.11, 0.33, 0.56)
    class_tilt_by_segment: Mapping[str, float] = _map(
        1.15, 0.85, 1.0, 0.55, 1.6, 1.15, 0.8, names=SEGMENTS
    )
    segment_share: Mapping[str, float] = _map(
        0.24, 0.20, 0.12, 0.10, 0.09, 0.14, 0.11, names=SEGMENTS
    )
    region_share: Mapping[str, float] = _map(0.30, 0.21, 0.18, 0.11, 0.14, 0.06, names=REGIONS)
    acquisition_share: Mapping[str, float] = _map(
        0.16, 0.24, 0.22, 0.12, 0.15, 0.11, names=ACQUISITION_CHANNELS
    )
    share_older_than_data: float = 0.48
    never_order_share: float = 0.03

    # How they buy.
    orders_per_year: Mapping[str, float] = _map(18.0, 9.5, 4.8)
    rhythm_shape: float = 3.0  # gamma shape of a customer's personal order rate
    gap_shape: float = 2.2  # gamma shape of the gaps of one customer; 1 would be Poisson
    order_value: Mapping[str, float] = _map(7_300.0, 2_750.0, 760.0)  # median, CNY
    customer_spread: float = 0.42  # sigma of log order value between customers
    order_spread: float = 0.55  # sigma of log order value within a customer
    drift_spread: float = 0.16  # sigma of the half-yearly random walk of log order value
    price_growth_per_year: float = 0.035

    # Why they leave. Proportional hazards of the latent churn time.
    annual_base_hazard: float = 0.142
    hazard_ratio_class: Mapping[str, float] = _map(0.45, 0.70, 1.0)
    hazard_ratio_acquisition: Mapping[str, float] = _map(
        0.70, 1.15, 1.0, 0.90, 0.80, 1.35, names=ACQUISITION_CHANNELS
    )
    hazard_ratio_complaint_90d: float = 2.2
    hazard_ratio_late_answer_90d: float = 1.5
    hazard_ratio_first_180_days: float = 1.6
    effect_window_days: int = 90
    hazard_by_month: tuple[float, ...] = (
        *(0.95, 0.90, 1.25, 1.10, 1.00, 0.95, 0.95, 0.95, 1.00, 0.90, 0.95, 1.10),
    )

    # What shows before they leave.
    decline_days: tuple[float, float] = (60.0, 120.0)  # uniform, before the churn time
    decline_order_rate: float = 0.40
    decline_response: float = 0.35
    decline_nps: float = -2.6
    decline_csat: float = -0.55
    decline_survey_response: float = 0.55
    win_back_share: float = 0.14
    win_back_after_days: float = 150.0  # plus an exponential of mean 110 days
    win_back_annual_hazard: float = 0.35

    # Service contracts: who has one, for how much a month, and how many end it without leaving.
    contract_share: Mapping[str, float] = _map(0.40, 0.15, 0.06)
    contract_monthly: Mapping[str, float] = _map(3_200.0, 900.0, 260.0)  # median, CNY
    contract_annual_hazard: float = 0.08

    # Contacts, surveys and service.
    contacts_per_year: Mapping[str, float] = _map(20.0, 9.0, 4.6)
    tickets_per_year: Mapping[str, float] = _map(2.5, 1.55, 0.95)
    survey_share_per_quarter: Mapping[str, float] = _map(0.44, 0.27, 0.18)
    survey_response: Mapping[str, float] = _map(0.50, 0.43, 0.37)
    nps_mean: float = 9.62  # of the latent score before rounding and clipping to 0..10
    nps_spread: float = 2.75
    nps_region: Mapping[str, float] = _map(0.25, 0.1, -0.55, 0.0, 0.0, -0.35, names=REGIONS)
    nps_after_complaint_60d: float = -1.8
    nps_recent_fall_high: float = -0.75
    nps_recent_fall_days: int = 120
    csat_mean: float = 4.6
    csat_spread: float = 0.95
    csat_late: float = -0.6
    csat_complaint: float = -0.45
    promise_met: Mapping[str, float] = field(
        default_factory=lambda: {
            "feedback_general": 0.945,
            "feedback_complex": 0.915,
            "feedback_major": 0.835,
            "urgent": 0.86,
            "general": 0.945,
            "consultation": 0.965,
        }
    )
    promise_miss_odds_at_peaks: float = 3.2

    # Campaigns: probability that a contact brings one order more, 1 to 28 days later.
    campaign_lift: Mapping[str, float] = _map(0.34, 0.22, 0.0)
    campaign_lift_reactivation: float = 0.05
    campaign_control_share: float = 0.15

    # Members join by their worth; membership, coupons and gifts keep nobody and bring no order.
    member_share: Mapping[str, float] = _map(0.74, 0.62, 0.42)
    # Experiments: share engaged and converted without, and what the tried ways add.
    experiment_engaged: float = 0.24
    experiment_converted: float = 0.09
    experiment_lift: tuple[float, ...] = (0.06, 0.0, 0.11, -0.02, 0.04, 0.0, 0.08)

    # Budgets: actual over plan by subject, this year to date and the year before.
    spend_ratio_this_year: Mapping[str, float] = field(
        default_factory=lambda: _by(SUBJECTS, 1.17, 0.985, 1.035, 0.28)
    )
    spend_ratio_last_year: Mapping[str, float] = field(
        default_factory=lambda: _by(SUBJECTS, 1.04, 1.01, 0.93, 0.55)
    )

    def busier(
        self,
        *,
        orders: float = 1.0,
        contacts: float = 1.0,
        tickets: float = 1.0,
        answers: float = 1.0,
    ) -> Truth:
        """The same company with that many times the orders, planned contacts, tickets, answers.

        Surveys about tickets follow the tickets; `answers` is the share of surveys answered.
        Customers who complain more also leave more, so that a factor of 1.4 brings a little less.
        """
        return replace(
            self,
            orders_per_year=_scaled(self.orders_per_year, orders),
            contacts_per_year=_scaled(self.contacts_per_year, contacts),
            tickets_per_year=_scaled(self.tickets_per_year, tickets),
            survey_response=_scaled(self.survey_response, answers),
        )


def _scaled(rates: Mapping[str, float], factor: float) -> Mapping[str, float]:
    return {name: rate * factor for name, rate in rates.items()}


SUBJECTS = ("technology", "labour", "marketing", "reserve")
DEMO = Truth()
