"""Paints the part of the grid that shows, and asks for its thumbnails. Runs on the GUI thread."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QRegion

from twinlens.gui import theme
from twinlens.gui.grid_view import GridView
from twinlens.gui.results_model import ResultsModel
from twinlens.gui.section_header import paint_header
from twinlens.gui.thumbnail_delegate import ThumbnailDelegate, TileState
from twinlens.gui.tile_pictures import TilePictures
from twinlens.gui.tile_pointer import TilePointer
from twinlens.gui.wording import whole


class GridPainter:
    """Puts together what a view shows of a model."""

    def __init__(
        self,
        view: GridView,
        model: ResultsModel,
        delegate: ThumbnailDelegate,
        pictures: TilePictures,
        pointer: TilePointer,
    ) -> None:
        self._view = view
        self._model = model
        self._delegate = delegate
        self._pictures = pictures
        self._pointer = pointer

    def paint(self, painter: QPainter, dirty: QRegion, *, shows_focus: bool) -> None:
        """Paint all that touches a region of the viewport, its background too.

        Args:
            painter: paints on the viewport.
            dirty: the region.
            shows_focus: draw where the keyboard is, when the view has it.
        """
        view = self._view
        look = theme.tokens()
        ratio = painter.device().devicePixelRatio()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._pictures.ask(
            self._model.arrangement.tiles,
            view.visible_rows(),
            round(view.grid.side * ratio),
            look.radius_tile * ratio,
        )
        offset = view.verticalOffset()
        reach = 2 * look.ring
        around = dirty.boundingRect()
        painter.fillRect(around, look.window)
        top = around.top() + offset - reach
        bottom = around.bottom() + 1 + offset + reach
        for section, y in view.grid.headers_between(top, bottom):
            self._paint_header(painter, section, y - offset)
        current = view.currentIndex().row() if shows_focus and view.hasFocus() else -1
        for row in view.grid.rows_between(top, bottom):
            # Pictures that arrive one by one leave most of what lies between them as it is.
            cell = view.cell_rect(row)
            if dirty.intersects(cell.adjusted(-reach, -reach, reach, reach)):
                self._paint_tile(painter, row, cell, focused=row == current)

    def _paint_tile(self, painter: QPainter, row: int, cell: QRect, *, focused: bool) -> None:
        tile = self._model.tile(row)
        pixmap = self._pictures.pixmap(tile.photo_id)
        hovered = row == self._pointer.row
        state = TileState(
            hovered=hovered,
            selected=self._view.selectionModel().isSelected(self._model.index(row, 0)),
            focused=focused,
            hot=self._pointer.part if hovered else None,
            opacity=self._pictures.opacity(tile.photo_id),
            absent=pixmap is None and self._pictures.is_absent(tile.photo_id),
            called_right=self._model.called_right(row),
        )
        self._delegate.paint(painter, cell, tile, pixmap, state)

    def _paint_header(self, painter: QPainter, section: int, top: int) -> None:
        view = self._view
        margin = theme.tokens().grid_margin
        width = view.viewport().width() - 2 * margin
        title = self._model.section_title(section)
        count = whole(self._model.arrangement.sections[section].count)
        room = QRect(margin, top, width, view.grid.header)
        paint_header(painter, room, title, count, mirrored=view.isRightToLeft())
