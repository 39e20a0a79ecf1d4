"""One photo as large as the window, or over it for a quick look. Runs on the GUI thread."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from twinlens.gui.pictures import Pictures, no_thumbnail
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import space, tokens
from twinlens.gui.veil_controls import Caption, VeilButton
from twinlens.gui.viewer_bar import ViewerBar
from twinlens.gui.viewer_pictures import ViewerPictures
from twinlens.gui.wording import name_text, whole
from twinlens.gui.zoom import STEP
from twinlens.gui.zoom_canvas import ZoomCanvas
from twinlens.records import Tile

LARGEST_SIDE = 4096
PAN = 80
"""How far an arrow key moves a photo that is larger than the view, in logical pixels."""


class Viewer(QWidget):
    """Walks through tiles one by one.

    As a page it fills its place and has a bar of acts; as a quick look it lies over its parent,
    shows the photo and its name, and goes away at Space, Esc or a click beside the photo.

    Signals:
        closed(): it is over.
        current_changed(object): photo_id of the photo now shown.
        entered(object): photo_id; Enter in a quick look asks for the page.
        similar_requested(object): photo_id.
        context_menu(QPoint): a menu for the current photo is wanted at this point of the screen.
    """

    closed = Signal()
    current_changed = Signal(object)
    entered = Signal(object)
    similar_requested = Signal(object)
    context_menu = Signal(QPoint)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        quick: bool = False,
        thumbnail: Callable[[int], QPixmap | None] = no_thumbnail,
    ) -> None:
        super().__init__(parent)
        self._quick = quick
        self._thumbnail = thumbnail
        self._tiles: Sequence[Tile] = ()
        self._row = 0
        self._open = False
        self._focus_before: QWidget | None = None
        self._pictures = ViewerPictures(pictures, tasks, self)
        self._pictures.loaded.connect(self._show_image)
        self._pictures.loaded_full.connect(self._show_full)
        self._pictures.failed.connect(self._show_fault)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = ZoomCanvas(self)
        self.canvas.detail_wanted.connect(self._want_full)
        self.bar = ViewerBar(self)
        self.bar.setVisible(not quick)
        self._connect_bar()
        self._caption = Caption(self)
        self._caption.setVisible(quick)
        self.previous_button = VeilButton("chevron-left", self.tr("Previous photo"), "Left", self)
        self.previous_button.clicked.connect(self.previous)
        self.next_button = VeilButton("chevron-right", self.tr("Next photo"), "Right", self)
        self.next_button.clicked.connect(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.canvas, 1)
        if quick:
            self.canvas.margin = space(12)
            self.canvas.clicked_beside.connect(self.close_view)
            if parent is not None:
                parent.installEventFilter(self)
            self.hide()

    def open(self, tiles: Sequence[Tile], row: int) -> None:
        """Show the tile in a row of tiles."""
        if not tiles:
            return
        self._tiles = tiles
        self._row = min(max(row, 0), len(tiles) - 1)
        if not self._open:
            self._open = True
            self._focus_before = QApplication.focusWidget()
        if self._quick:
            self._cover_parent()
            self.raise_()
        self.show()
        self.setFocus()
        self._show_tile()

    def close_view(self) -> None:
        """Go away and let the pictures go."""
        if not self._open:
            return
        self._open = False
        self._pictures.clear()
        self.canvas.set_photo(QSize())
        self._tiles = ()
        if self._quick:
            self.hide()
            if self._focus_before is not None and self._focus_before.isVisible():
                self._focus_before.setFocus()
        self._focus_before = None
        self.closed.emit()

    @property
    def is_open(self) -> bool:
        """Whether a photo is shown."""
        return self._open

    def current_tile(self) -> Tile | None:
        """Return the tile shown."""
        return self._tiles[self._row] if self._tiles else None

    def next(self) -> None:
        """Go on to the next photo."""
        self._go(1)

    def previous(self) -> None:
        """Go back to the photo before."""
        self._go(-1)

    def remove_current(self) -> None:
        """Go on without the photo shown, because it is no more; close after the last one."""
        tiles = [tile for row, tile in enumerate(self._tiles) if row != self._row]
        if tiles:
            self.open(tiles, min(self._row, len(tiles) - 1))
        else:
            self.close_view()

    def set_tiles(self, tiles: Sequence[Tile], row: int) -> None:
        """Walk through a newer list; the photo shown, which lies in `row` there, stays."""
        self._tiles, self._row = tiles, row
        self._describe(tiles[row])

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, zoom and leave by keyboard."""
        if not self._key(Qt.Key(event.key())):
            super().keyPressEvent(event)
        # Nothing of what lies below may act on keys meant for this.
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of what it lies over."""
        if event.type() == QEvent.Type.Resize and self._open:
            self._cover_parent()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the buttons at the sides and the caption below."""
        rect = self.rect()
        top = 0 if self._quick else self.bar.sizeHint().height()
        middle = top + (rect.height() - top - self.next_button.height()) // 2
        edge = space(3)
        self.previous_button.move(edge, middle)
        self.next_button.move(rect.width() - self.next_button.width() - edge, middle)
        self._caption.place(rect)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the quiet background."""
        now = tokens()
        QPainter(self).fillRect(self.rect(), now.veil if self._quick else now.photo_background)

    # Behind

    def _connect_bar(self) -> None:
        bar = self.bar
        bar.back.clicked.connect(self.close_view)
        bar.smaller.clicked.connect(lambda: self.canvas.zoom_by(1 / STEP))
        bar.larger.clicked.connect(lambda: self.canvas.zoom_by(STEP))
        bar.fit.clicked.connect(self.canvas.fit)
        bar.real_size.clicked.connect(lambda: self.canvas.real_size())
        bar.similar.clicked.connect(self._ask_similar)
        bar.more.clicked.connect(
            lambda: self.context_menu.emit(bar.more.mapToGlobal(bar.more.rect().bottomLeft()))
        )
        self.canvas.zoom_changed.connect(bar.set_percent)

    def _key(self, key: Qt.Key) -> bool:
        zoom = self.canvas.zoom
        acts: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Escape: self.close_view,
            Qt.Key.Key_Right: self.next,
            Qt.Key.Key_PageDown: self.next,
            Qt.Key.Key_Left: self.previous,
            Qt.Key.Key_PageUp: self.previous,
            Qt.Key.Key_Home: lambda: self._go(-self._row),
            Qt.Key.Key_End: lambda: self._go(len(self._tiles) - 1 - self._row),
            Qt.Key.Key_Plus: lambda: self.canvas.zoom_by(STEP),
            Qt.Key.Key_Equal: lambda: self.canvas.zoom_by(STEP),
            Qt.Key.Key_Minus: lambda: self.canvas.zoom_by(1 / STEP),
            Qt.Key.Key_0: self.canvas.fit,
            Qt.Key.Key_1: self.canvas.real_size,
        }
        if zoom is not None and zoom.larger_than_view:
            acts[Qt.Key.Key_Up] = lambda: self.canvas.pan(0, PAN)
            acts[Qt.Key.Key_Down] = lambda: self.canvas.pan(0, -PAN)
        if self._quick:
            acts[Qt.Key.Key_Space] = self.close_view
            acts[Qt.Key.Key_Return] = acts[Qt.Key.Key_Enter] = self._enter
        act = acts.get(key)
        if act is not None:
            act()
        return act is not None

    def _go(self, by: int) -> None:
        row = self._row + by
        if by and 0 <= row < len(self._tiles):
            self._row = row
            self._show_tile()

    def _enter(self) -> None:
        tile = self.current_tile()
        self.close_view()
        if tile is not None:
            self.entered.emit(tile.photo_id)

    def _ask_similar(self) -> None:
        tile = self.current_tile()
        if tile is not None:
            self.similar_requested.emit(tile.photo_id)

    def _show_tile(self) -> None:
        tile = self._tiles[self._row]
        self.canvas.set_photo(QSize(tile.width, tile.height))
        image = self._pictures.image(tile.photo_id)
        if image is None and (thumbnail := self._thumbnail(tile.photo_id)) is not None:
            image = thumbnail.toImage()
        if image is not None:
            self.canvas.set_image(image)
        around = (self._row, self._row + 1, self._row - 1)
        ids = [self._tiles[row].photo_id for row in around if 0 <= row < len(self._tiles)]
        self._pictures.want(ids, self._screen_side())
        self._describe(tile)
        self.current_changed.emit(tile.photo_id)

    def _describe(self, tile: Tile) -> None:
        name = name_text(tile.path)
        position = self.tr("{row} of {count}").format(
            row=whole(self._row + 1), count=whole(len(self._tiles))
        )
        self.bar.set_photo(name, position)
        self._caption.set_text(f"{name}  ·  {position}")
        self._caption.place(self.rect())
        self.previous_button.setVisible(self._row > 0)
        self.next_button.setVisible(self._row < len(self._tiles) - 1)
        self.setAccessibleName(f"{name}, {position}")
        self.canvas.setAccessibleName(name)

    def _screen_side(self) -> int:
        size = self.screen().size()
        longest = max(size.width(), size.height()) * self.devicePixelRatioF()
        return min(LARGEST_SIDE, round(longest))

    def _is_current(self, photo_id: int) -> bool:
        tile = self.current_tile()
        return tile is not None and tile.photo_id == photo_id

    def _show_image(self, photo_id: int, image: QImage) -> None:
        if self._is_current(photo_id):
            self.canvas.set_image(image)
            self.canvas.ask_for_detail()

    def _show_full(self, photo_id: int, image: QImage) -> None:
        if self._is_current(photo_id):
            self.canvas.set_full_image(image)

    def _show_fault(self, photo_id: int, sentence: str) -> None:
        if self._is_current(photo_id):
            self.canvas.set_photo(QSize())
            self.canvas.set_sentence(sentence)

    def _want_full(self) -> None:
        tile = self.current_tile()
        if tile is not None and self._pictures.image(tile.photo_id) is not None:
            self._pictures.want_full(tile)

    def _cover_parent(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
