"""The sections of the voice page: the score, satisfaction and its aspects, words, feedback."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.panels import feedback, voice, voice_aspects, voice_drivers, voice_themes
from dashboard.panels import voice_who as who
from dashboard.panels.voice_groups import by_group
from dashboard.panels.voice_response import response_trend
from dashboard.reading import Reading
from dashboard.view import View
from metrics.voice.themes import HIGH, LOW


def score(view: View, grain: str) -> None:
    """The net promoter score: over time, by group, by whose it is, and whether changes are real."""
    left, right = st.columns([3, 2])
    with left:
        voice.nps_trend(view, grain)
    with right:
        by_group(view)
    left, right = st.columns([3, 2])
    with left:
        who.changes(view)
    with right:
        who.weightings(view)


def satisfaction(view: View, grain: str) -> None:
    """Satisfaction and response over time, single aspects, who does not answer, what drives."""
    left, middle, right = st.columns(3)
    with left:
        voice.csat_trend(view, grain)
    with middle:
        response_trend(view, grain)
    with right:
        voice.score_distribution(view)
    left, middle, right = st.columns(3)
    with left:
        voice_aspects.scenarios(view)
    with middle:
        voice_aspects.subjects(view)
    with right:
        voice_aspects.recovery(view)
    left, middle, right = st.columns(3)
    with left:
        voice_drivers.odds(view)
    with middle:
        voice_aspects.servqual(view)
    with right:
        who.silent(view)


def words(view: View) -> None:
    """What comments are about, and the comments."""
    left, right = st.columns([1, 1])
    with left:
        voice_themes.side(view, LOW)
    with right:
        voice_themes.side(view, HIGH)
    voice_themes.comments(view)


def heard(view: View, readings: Mapping[str, Reading]) -> None:
    """What customers said of their own accord, and the needs that were found."""
    left, right = st.columns([1, 1])
    with left:
        feedback.by(view, readings)
    with right:
        feedback.needs(view)
