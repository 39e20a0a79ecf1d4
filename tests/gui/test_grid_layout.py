"""The arithmetic of the grid, against the same grid laid out tile by tile."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinlens.gui.grid_layout import GridLayout

GAP, MARGIN = 8, 12


@st.composite
def layouts(draw: st.DrawFn) -> GridLayout:
    count = draw(st.integers(1, 60))
    cuts = draw(st.sets(st.integers(1, max(1, count - 1)), max_size=5)) if count > 1 else set()
    sectioned = draw(st.booleans())
    return GridLayout(
        width=draw(st.integers(0, 900)),
        side=draw(st.integers(40, 200)),
        gap=GAP,
        margin=MARGIN,
        header=30 if sectioned else 0,
        firsts=sorted({0, *cuts}) if sectioned else (),
        count=count,
        mirrored=draw(st.booleans()),
    )


def boxes(grid: GridLayout) -> list[tuple[int, int]]:
    return [grid.cell(row) for row in range(grid.count)]


@given(layouts())
def test_cells_never_overlap_and_fill_the_height(grid: GridLayout) -> None:
    cells = boxes(grid)
    assert len(set(cells)) == grid.count
    tops = sorted({top for _left, top in cells})
    assert all(b - a >= grid.side + GAP for a, b in pairwise(tops))
    assert grid.height == tops[-1] + grid.side + MARGIN


@given(layouts(), st.integers(-100, 3000), st.integers(0, 900))
def test_a_band_holds_exactly_the_cells_it_touches(grid: GridLayout, top: int, high: int) -> None:
    bottom = top + high
    touching = [
        row
        for row, (_left, y) in enumerate(boxes(grid))
        if y < bottom and y + grid.side > top and high
    ]
    assert list(grid.rows_between(top, bottom)) == touching


@given(layouts(), st.integers(-50, 950), st.integers(-50, 2000))
def test_a_point_lies_on_the_cell_that_is_drawn_there(grid: GridLayout, x: int, y: int) -> None:
    hits = [
        row
        for row, (left, top) in enumerate(boxes(grid))
        if left <= x < left + grid.side and top <= y < top + grid.side
    ]
    assert grid.row_at(x, y) == (hits[0] if hits else None)


@given(
    layouts(),
    st.integers(-50, 950),
    st.integers(-50, 1500),
    st.integers(1, 700),
    st.integers(1, 700),
)
def test_a_rectangle_selects_the_cells_it_touches(
    grid: GridLayout, left: int, top: int, wide: int, high: int
) -> None:
    touching = {
        row
        for row, (x, y) in enumerate(boxes(grid))
        if x < left + wide and x + grid.side > left and y < top + high and y + grid.side > top
    }
    ranges = grid.rows_within(left, top, left + wide, top + high)
    assert [row for rows in ranges for row in rows] == sorted(touching)
    assert all(a.stop < b.start for a, b in pairwise(ranges))


@given(layouts(), st.data())
def test_down_and_up_stay_in_the_column_where_there_is_one(
    grid: GridLayout, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, grid.count - 1))
    below = grid.step(row, 1)
    left, top = grid.cell(row)
    lower = [y for _x, y in boxes(grid) if y > top]
    if not lower:
        assert below == row or grid.cell(below)[1] == top
        return
    assert grid.cell(below)[1] == min(lower)
    if (left, min(lower)) in boxes(grid):
        assert grid.cell(below)[0] == left
        assert grid.step(below, -1) == row


def test_a_row_fills_the_width_to_the_pixel() -> None:
    grid = GridLayout(width=1000, side=176, gap=GAP, margin=MARGIN, count=10)
    assert grid.columns == 5
    right = grid.cell(grid.columns - 1)[0] + grid.side
    assert 0 <= 1000 - MARGIN - right < grid.columns


@pytest.mark.parametrize("count", [0, 1])
def test_few_tiles(count: int) -> None:
    grid = GridLayout(width=500, side=100, gap=GAP, margin=MARGIN, count=count)
    assert list(grid.rows_between(-10, 1000)) == list(range(count))
    assert grid.row_at(20, 20) == (0 if count else None)
    assert (grid.height > 0) == bool(count)


def test_headers_show_where_they_are() -> None:
    grid = GridLayout(
        width=220, side=100, gap=GAP, margin=MARGIN, header=30, firsts=(0, 3), count=4
    )
    top_of_second = grid.cell(3)[1] - 30
    assert grid.headers_between(0, grid.height) == [(0, MARGIN), (1, top_of_second)]
    assert grid.headers_between(MARGIN + 30, top_of_second) == []
    assert grid.headers_between(top_of_second + 29, top_of_second + 30) == [(1, top_of_second)]
