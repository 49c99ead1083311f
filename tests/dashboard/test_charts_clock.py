"""The clocks of a ticket: what is drawn solid, hatched and outlined, and where the limit stands."""

from datetime import UTC, datetime, timedelta

from dashboard.charts import clock
from dashboard.palette import LIGHT

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(judgement="bad", due=NINE + 2 * HOUR):
    pieces = [
        clock.Piece(NINE, NINE + HOUR, running=True, waiting=False, text="ran"),
        clock.Piece(NINE + HOUR, NINE + 3 * HOUR, running=False, waiting=True, text="waited"),
        clock.Piece(NINE + 3 * HOUR, NINE + 4 * HOUR, running=False, waiting=False, text="<b>"),
    ]
    return clock.Row("First <i>response", pieces, due, "due at eleven", judgement)


def test_each_piece_is_as_long_as_it_took_and_looks_like_what_it_was():
    figure = clock.clocks([row()], LIGHT, ticks=[(NINE, "nine")])
    ran, waited, stood = figure.data
    assert [bar.x[0] for bar in figure.data] == [3_600_000, 7_200_000, 3_600_000]
    assert ran.marker.color == LIGHT.accent
    assert waited.marker.pattern.shape == "/"
    assert stood.marker.color == LIGHT.band
    assert stood.marker.pattern.shape is None
    assert "<b>" not in stood.hovertext


def test_the_limit_stands_where_it_was_and_a_broken_one_in_its_colour():
    figure = clock.clocks([row(), row("good")], LIGHT, ticks=[])
    assert [shape.x0 for shape in figure.layout.shapes] == [(NINE + 2 * HOUR).isoformat()] * 2
    assert [shape.line.color for shape in figure.layout.shapes] == [LIGHT.bad, LIGHT.muted]
    texts = [each.text for each in figure.layout.annotations]
    assert texts.count("due at eleven") == 2
    assert not any("<i>" in text for text in texts)


def test_a_limit_beyond_the_end_is_in_sight_and_none_is_not_drawn():
    late = NINE + 9 * HOUR
    assert clock.span([row(due=late)]) == (NINE, late)
    assert clock.span([row(due=None)]) == (NINE, NINE + 4 * HOUR)
    assert not clock.clocks([row(due=None)], LIGHT, ticks=[]).layout.shapes
