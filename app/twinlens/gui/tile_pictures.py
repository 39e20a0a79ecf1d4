"""What the grid needs of thumbnails: asks for what shows and fades in what arrives. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from twinlens.gui import theme
from twinlens.gui.fades import Fades
from twinlens.gui.thumbnail_loader import Target, ThumbnailLoader
from twinlens.records import Tile


class TilePictures(QObject):
    """Pixmaps of tiles, by photo id.

    Signals:
        changed(photo_ids): a list of photos that look different now.
    """

    changed = Signal(object)

    def __init__(self, loader: ThumbnailLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._fades = Fades(self)
        self._blank: set[int] = set()
        self._asked: tuple[object, ...] = ()
        loader.loaded.connect(self._on_loaded)
        self._fades.moved.connect(self.changed)

    def pixmap(self, photo_id: int) -> QPixmap | None:
        """Return a pixmap to draw now; None while it loads or when there is none."""
        pixmap = self._loader.pixmap(photo_id)
        if pixmap is None:
            self._blank.add(photo_id)
        return pixmap

    def opacity(self, photo_id: int) -> float:
        """Return how far a photo has faded in."""
        return self._fades.opacity(photo_id)

    def is_absent(self, photo_id: int) -> bool:
        """Tell whether a photo was found to have no thumbnail."""
        return self._loader.is_absent(photo_id)

    def ask(self, tiles: Sequence[Tile], rows: range, side: int, radius: float) -> None:
        """Load the rows that show, then half a screen on either side.

        Args:
            tiles: all of the grid.
            rows: what shows.
            side: of a cell, in device pixels.
            radius: of its corners, in device pixels.
        """
        asked = (id(tiles), rows, side)
        if asked == self._asked:
            return
        self._asked = asked
        wanted = [tiles[row].photo_id for row in outwards(rows, len(tiles))]
        self.ask_for(wanted, side, radius)

    def ask_for(self, photo_ids: Sequence[int], side: int, radius: float = 0.0) -> None:
        """Load these photos, the first ones first; for `side` and `radius` see `ask`."""
        self._loader.set_target(Target(side, radius))
        self._loader.request(photo_ids)

    def start_over(self) -> None:
        """Forget what was asked for and what fades; the pixmaps stay."""
        self._asked = ()
        self._blank.clear()
        self._fades.stop()

    def _on_loaded(self, photo_id: int) -> None:
        if photo_id in self._blank and not theme.reduced_motion():
            self._fades.start(photo_id)
        self._blank.discard(photo_id)
        self.changed.emit([photo_id])


def outwards(rows: range, count: int) -> list[int]:
    """Return the rows that show, then half a screen after and before them, of so many rows."""
    around = (len(rows) + 1) // 2
    after = range(rows.stop, min(rows.stop + around, count))
    before = range(rows.start - 1, max(rows.start - 1 - around, -1), -1)
    return [row for part in (rows, after, before) for row in part]
