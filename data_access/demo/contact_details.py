"""What a contact offered, whether it arrived, what it cost and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_access.demo.arrays import Flags, Floats, Ints, blank, pick

CONTACT_CHANNELS = ("phone", "wechat", "email", "sms", "app", "visit", "video")
PURPOSES = ("care", "follow_up", "offer", "onboarding", "win_back", "renewal", "inquiry")
CARE, FOLLOW_UP, OFFER, ONBOARDING, WIN_BACK, RENEWAL, INQUIRY = range(7)
PHONE, WECHAT, EMAIL, SMS, APP, VISIT, VIDEO = range(7)
CONTENTS = (
    *("exclusive_offer", "industry_report", "booking", "executive_contact"),  # high
    *("product_advice", "points", "product_advice", "points"),  # mid
    *("guide", "reminder", "reminder", "tips"),  # basic
    *("thanks", "guide", "gift", "new_product"),
)
POSITIONINGS = (
    *("exclusive_service", "customisation"),  # high
    *("need_fulfilment", "incentive"),  # mid
    *("basic_service", "conversion"),  # basic
)
SCRIPTS = (
    *("greeting", "need_check", "new_product", "renewal", "complaint", "win_back", "festival"),
    None,
)
RULES = ("thank_you_24h", "need_follow_up_7d", "win_back_48h", "cadence", None)
_THANKS, _GUIDE, _GIFT, _NEW_PRODUCT = range(12, 16)
_RIGHT_CONTENT, _RIGHT_POSITIONING = 0.91, 0.945
_PERSONAL = np.array([0.80, 0.66, 0.44])  # by value class
_INSPECTED, _STANDARD = 0.06, 0.915
_OPENED = np.array([0.0, 0.56, 0.34, 0.36, 0.31, 0.0, 0.0])  # of the delivered
_CLICKED = np.array([0.0, 0.34, 0.55, 0.22, 0.4, 0.0, 0.0])  # of the opened
_COST = np.array([216, 30, 5, 8, 2, 18_000, 1_500])  # fen
_MESSAGE = np.array([False, True, True, True, True, False, False])


@dataclass(frozen=True, slots=True)
class Contacts:
    """What is known of each contact before its details; positions, -1 for no answer known."""

    value: Ints  # class of the customer
    channel: Ints
    purpose: Ints
    answer: Ints  # 1 answered, 0 not, -1 unknown
    first: Flags  # the thanks for the first order
    inbound: Flags


def detail_columns(rng: np.random.Generator, contacts: Contacts) -> dict[str, pl.Series]:
    """The columns of `interactions` beyond who, when, where and why."""
    count = len(contacts.channel)
    answered = contacts.answer == 1
    message = _MESSAGE[contacts.channel] & ~contacts.inbound
    delivered = (rng.random(count) < 0.97) | answered
    opened = delivered & ((rng.random(count) < _OPENED[contacts.channel]) | answered)
    clicked = opened & (rng.random(count) < _CLICKED[contacts.channel])
    sells = (contacts.purpose == OFFER) | (contacts.purpose == RENEWAL)
    converted = answered & (rng.random(count) < np.where(sells, 0.13, 0.06))
    inspected = rng.random(count) < _INSPECTED
    talked = (contacts.channel == PHONE) & (answered | contacts.inbound)
    calls = contacts.inbound | ~np.isin(contacts.channel, (PHONE, WECHAT, VISIT, VIDEO))
    return {
        "content": _contents(rng, contacts),
        "positioning": _positionings(rng, contacts),
        "personalised": blank(
            pl.Series(rng.random(count) < _PERSONAL[contacts.value]), contacts.inbound
        ),
        "standard_met": blank(
            pl.Series(rng.random(count) < _STANDARD), ~inspected | contacts.inbound
        ),
        "delivered": blank(pl.Series(delivered), ~message),
        "opened": blank(pl.Series(opened), ~message),
        "clicked": blank(pl.Series(clicked), ~message),
        "converted": blank(pl.Series(converted), contacts.inbound),
        "cost": pl.Series(_COST[contacts.channel]),
        "talk_seconds": blank(pl.Series(_talk(rng, count)), ~talked),
        "script": blank(pick(SCRIPTS, rng.integers(0, len(SCRIPTS), count)), calls),
        "rule": _rules(rng, contacts),
    }


def _contents(rng: np.random.Generator, contacts: Contacts) -> pl.Series:
    count = len(contacts.channel)
    fits = rng.random(count) < _RIGHT_CONTENT
    of_class = np.where(fits, contacts.value, (contacts.value + rng.integers(1, 3, count)) % 3)
    content = of_class * 4 + rng.integers(0, 4, count)
    gift = (contacts.value == 0) & (rng.random(count) < 0.03)
    launch = (contacts.purpose == OFFER) & (contacts.channel == SMS) & (rng.random(count) < 0.5)
    content = np.where(gift, _GIFT, np.where(launch, _NEW_PRODUCT, content))
    welcome = np.where(contacts.first, _THANKS, _GUIDE)
    content = np.where(contacts.purpose == ONBOARDING, welcome, content)
    return blank(pick(CONTENTS, content), contacts.inbound)


def _positionings(rng: np.random.Generator, contacts: Contacts) -> pl.Series:
    count = len(contacts.channel)
    fits = rng.random(count) < _RIGHT_POSITIONING
    of_class = np.where(fits, contacts.value, (contacts.value + rng.integers(1, 3, count)) % 3)
    position = of_class * 2 + rng.integers(0, 2, count)
    return blank(pick(POSITIONINGS, position), contacts.inbound)


def _talk(rng: np.random.Generator, count: int) -> Ints:
    seconds: Floats = np.exp(rng.normal(np.log(95.0), 0.55, count))
    return np.clip(np.rint(seconds), 5, 3_600).astype(np.int64)


def _rules(rng: np.random.Generator, contacts: Contacts) -> pl.Series:
    chance = rng.random(len(contacts.channel))
    onboarding = np.where(contacts.first, 0, 1)
    rule = np.full(len(chance), len(RULES) - 1)
    rule = np.where((contacts.purpose == CARE) & (chance < 0.7), 3, rule)
    rule = np.where((contacts.purpose == FOLLOW_UP) & (chance < 0.4), 3, rule)
    rule = np.where((contacts.purpose == WIN_BACK) & (chance < 0.6), 2, rule)
    rule = np.where(contacts.purpose == ONBOARDING, onboarding, rule)
    return pick(RULES, rule)
