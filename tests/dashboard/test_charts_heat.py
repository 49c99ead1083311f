"""Heat maps: unfinished cells are no falls, blank ones stay blank."""

from dashboard.charts import heat
from dashboard.charts.heat import Cell
from dashboard.palette import DARK, LIGHT


def grid(palette=LIGHT, **more):
    cells = [
        [Cell(0.4, "40%", "a"), Cell(0.3, "30%", "b")],
        [Cell(0.1, "10%", "c", unfinished=True), None],
    ]
    return heat.heat(["Jan", "Feb"], ["+1", "+2"], cells, palette, **more)


def test_an_unfinished_cell_takes_no_colour_and_gets_a_dotted_outline_with_its_text():
    figure = grid()
    (drawn,) = figure.data
    assert list(drawn.z) == [[0.4, 0.3], [None, None]]
    assert list(drawn.text) == [["40%", "30%"], ["", ""]]
    (outline,) = figure.layout.shapes
    assert (outline.line.dash, outline.x0, outline.y1) == ("dot", -0.46, 1.43)
    (note,) = figure.layout.annotations
    assert (note.text, note.x, note.y) == ("10%", 0, 1)


def test_the_scale_does_not_look_at_unfinished_cells():
    assert (grid().data[0].zmin, grid().data[0].zmax) == (0, 0.4)
    assert grid(bottom=None).data[0].zmin == 0.3
    assert grid(top=1.0).data[0].zmax == 1.0


def test_the_first_row_is_on_top_and_columns_are_named_above():
    layout = grid().layout
    assert layout.yaxis.range == (1.5, -0.5)
    assert layout.yaxis.ticktext == ("Jan", "Feb")
    assert layout.xaxis.side == "top"


def test_a_marked_cell_keeps_its_colour_and_gets_a_solid_outline():
    figure = heat.heat(["a"], ["b"], [[Cell(0.5, "1", "x", marked=True)]], DARK)
    assert list(figure.data[0].z) == [[0.5]]
    assert figure.layout.shapes[0].line.dash == "solid"
    assert not figure.layout.annotations


def test_names_and_texts_of_the_data_are_escaped():
    figure = heat.heat(["<b>r"], ["c&d"], [[Cell(1, "<i>", "<u>")]], LIGHT)
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;r",)
    assert figure.layout.xaxis.ticktext == ("c&amp;d",)
    assert list(figure.data[0].text) == [["&lt;i&gt;"]]
    assert list(figure.data[0].customdata) == [["&lt;u&gt;"]]


def test_no_cells_draw_without_error():
    assert heat.heat([], [], [], LIGHT).layout.height > 0
