"""Where each tile of a grid lies, by arithmetic alone. Pure; runs on the GUI thread."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np


class GridLayout:
    """Rows of square cells, cut into sections with a header each; all in logical pixels.

    The cells of a row fill its width to the pixel: the side asked for is the smallest one. Making
    a layout costs one pass over the sections, every question a bisection.

    Args:
        width: of the visible area.
        side: smallest side of a cell.
        gap: between cells.
        margin: around everything.
        header: height of a section's header; 0 for none.
        firsts: first row of each section, ascending, starting with 0; empty means one section.
        count: number of tiles.
        mirrored: the first column is at the right.
    """

    def __init__(
        self,
        *,
        width: int,
        side: int,
        gap: int,
        margin: int,
        header: int = 0,
        firsts: Sequence[int] = (),
        count: int = 0,
        mirrored: bool = False,
    ) -> None:
        room = max(side, width - 2 * margin)
        self.columns = (room + gap) // (side + gap)
        self.side = (room - (self.columns - 1) * gap) // self.columns
        self.count = count
        self.header = header
        self._width = width
        self._margin = margin
        self._pitch = self.side + gap
        self._mirrored = mirrored
        bounds = np.array([*(firsts or (0,)), count], dtype=np.int64)
        lines = -(-np.diff(bounds) // self.columns)
        tops = np.concatenate(([0], np.cumsum(lines * self._pitch + header))) + margin
        self._firsts: list[int] = bounds[:-1].tolist()
        self._tops: list[int] = tops.tolist()
        self.height = self._tops[-1] - gap + margin if count else 0

    def cell(self, row: int) -> tuple[int, int]:
        """Return the top left corner of a tile's cell."""
        section = bisect_right(self._firsts, row) - 1
        line, column = divmod(row - self._firsts[section], self.columns)
        left = self._margin + column * self._pitch
        if self._mirrored:
            left = self._width - left - self.side
        return left, self._tops[section] + self.header + line * self._pitch

    def rows_between(self, top: int, bottom: int) -> range:
        """Return the rows whose cells touch a band, `bottom` excluded."""
        if not self.count or bottom <= top:
            return range(0)
        first = self._line_start(top)
        last = self._line_start(bottom - 1, after=True)
        return range(first, max(first, last))

    def rows_within(self, left: int, top: int, right: int, bottom: int) -> list[range]:
        """Return the rows whose cells touch a rectangle, as few ranges as can be."""
        if self._mirrored:
            left, right = self._width - right, self._width - left
        first_column = max(0, -(-(left - self._margin - self.side + 1) // self._pitch))
        last_column = min((right - 1 - self._margin) // self._pitch, self.columns - 1)
        rows = self.rows_between(top, bottom)
        result: list[range] = []
        line = rows.start
        while line < rows.stop and first_column <= last_column:
            _, end = self._rows_of(bisect_right(self._firsts, line) - 1)
            touched = range(min(line + first_column, end), min(line + last_column + 1, end))
            if result and touched and result[-1].stop == touched.start:
                result[-1] = range(result[-1].start, touched.stop)
            elif touched:
                result.append(touched)
            line = min(line + self.columns, end)
        return result

    def row_at(self, x: int, y: int) -> int | None:
        """Return the row whose cell holds a point."""
        row = self.nearest(x, y)
        if row is None:
            return None
        left, top = self.cell(row)
        inside = 0 <= x - left < self.side and 0 <= y - top < self.side
        return row if inside else None

    def nearest(self, x: int, y: int) -> int | None:
        """Return the row on the line at `y` that is nearest to a point; None in an empty grid."""
        if not self.count:
            return None
        section = self._section_at(y)
        first, end = self._rows_of(section)
        line = max(0, (y - self._tops[section] - self.header) // self._pitch)
        line = min(line, (end - first - 1) // self.columns)
        return min(first + line * self.columns + self._column_at(x), end - 1)

    def step(self, row: int, lines: int) -> int:
        """Return the row reached by moving lines down, or up when negative, in its column."""
        section = bisect_right(self._firsts, row) - 1
        first, _ = self._rows_of(section)
        line, column = divmod(row - first, self.columns)
        line += lines
        while line < 0 and section > 0:
            section -= 1
            line += self._lines(section)
        while line >= self._lines(section) and section < len(self._firsts) - 1:
            line -= self._lines(section)
            section += 1
        if line < 0:
            return row if lines == -1 else column
        first, end = self._rows_of(section)
        line = min(line, self._lines(section) - 1)
        return min(first + line * self.columns + column, end - 1)

    def headers_between(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Return (section, its top) of the headers that touch a band, `bottom` excluded."""
        if not self.header or not self.count:
            return []
        start = self._section_at(top)
        result = []
        for section in range(start, len(self._firsts)):
            y = self._tops[section]
            if y >= bottom:
                break
            if y + self.header > top:
                result.append((section, y))
        return result

    def _section_at(self, y: int) -> int:
        return min(max(bisect_right(self._tops, y) - 1, 0), len(self._firsts) - 1)

    def _rows_of(self, section: int) -> tuple[int, int]:
        last = section == len(self._firsts) - 1
        return self._firsts[section], self.count if last else self._firsts[section + 1]

    def _lines(self, section: int) -> int:
        first, end = self._rows_of(section)
        return -(-(end - first) // self.columns)

    def _column_at(self, x: int) -> int:
        if self._mirrored:
            x = self._width - x - 1
        return min(max((x - self._margin) // self._pitch, 0), self.columns - 1)

    def _line_start(self, y: int, *, after: bool = False) -> int:
        """Return the first row of the line at `y`, or of the line after it."""
        section = self._section_at(y)
        first, end = self._rows_of(section)
        inside = y - self._tops[section] - self.header
        if inside < 0:
            return first
        line = inside // self._pitch
        if after or inside - line * self._pitch >= self.side:
            line += 1
        return min(first + line * self.columns, end)
