"""Line icons tinted by the palette, sharp at every device pixel ratio. Runs on the GUI thread."""

import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer

from twinlens.gui.resources import resource

_MODE_ROLES = {
    QIcon.Mode.Normal: (QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText),
    QIcon.Mode.Active: (QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText),
    QIcon.Mode.Selected: (QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText),
    QIcon.Mode.Disabled: (QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText),
}


@cache
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon into a rectangle in logical pixels of the painter's device."""
    ratio = painter.device().devicePixelRatio()
    size = QSize(round(rect.width() * ratio), round(rect.height() * ratio))
    pixmap = icon_pixmap(name, size, colour)
    # On whole device pixels, or the lines blur at 125 %.
    origin = painter.transform().map(rect.topLeft())
    shift_x = (round(origin.x() * ratio) - origin.x() * ratio) / ratio
    shift_y = (round(origin.y() * ratio) - origin.y() * ratio) / ratio
    painter.drawPixmap(rect.translated(shift_x, shift_y), pixmap, QRectF(pixmap.rect()))


def icon_pixmap(name: str, size: QSize, colour: QColor) -> QPixmap:
    """Return an icon rendered at exactly `size` device pixels, from Qt's cache when there."""
    key = f"twinlens-icon/{name}/{size.width()}x{size.height()}/{colour.rgba():08x}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    text = _source(name).replace("currentColor", colour.name())
    renderer = QSvgRenderer(QByteArray(text.encode()))
    painter = QPainter(pixmap)
    painter.setOpacity(colour.alphaF())
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


class _Engine(QIconEngine):
    """Renders one icon on demand, so that a change of theme needs no new icons."""

    def __init__(self, name: str, size: int, role: QPalette.ColorRole | None) -> None:
        super().__init__()
        self._name = name
        self._size = size
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        draw_icon(painter, self._name, square, self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return icon_pixmap(self._name, size, self._colour(mode))

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def availableSizes(
        self, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off
    ) -> list[QSize]:
        return [QSize(self._size, self._size)]

    def iconName(self) -> str:
        return self._name

    def isNull(self) -> bool:
        return False

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._size, self._role)

    def _colour(self, mode: QIcon.Mode) -> QColor:
        group, role = _MODE_ROLES[mode]
        if self._role is not None and mode != QIcon.Mode.Disabled:
            role = self._role
        return QGuiApplication.palette().color(group, role)


def icon(name: str, size: int = 16, role: QPalette.ColorRole | None = None) -> QIcon:
    """Return a line icon that follows the palette.

    Args:
        name: file name in `resources/icons` without the ending.
        size: the size asked for when a widget does not choose one, in logical pixels.
        role: the palette role of its colour; the text colour when None.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    _source(name)
    return QIcon(_Engine(name, size, role))


class TintedFiles:
    """SVG files of one colour, for style sheets, which cannot tint; removed with the object."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="twinlens-theme-")

    def path(self, name: str, colour: QColor) -> str:
        """Return the path of an icon in that colour, with forward slashes as QSS wants them."""
        target = Path(self._folder.name) / f"{name}-{colour.rgba():08x}.svg"
        if not target.exists():
            text = _source(name).replace("currentColor", colour.name())
            target.write_text(text, encoding="utf-8")
        return target.as_posix()

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()
