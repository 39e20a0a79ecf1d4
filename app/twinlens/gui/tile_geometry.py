"""Where a photo lies in its cell. Pure; runs on the GUI thread."""

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QPixmap

from twinlens.records import Tile


def photo_rect(cell: QRect, tile: Tile, pixmap: QPixmap | None, ratio: float) -> QRectF:
    """Return where the photo lies in its cell: its thumbnail's shape, or what is known of it."""
    if pixmap is None:
        size = QSizeF(tile.width, tile.height)
        return fitted_rect(cell, QSizeF(1, 1) if size.isEmpty() else size, ratio)
    if max(pixmap.width(), pixmap.height()) == round(cell.width() * ratio):
        return _centred(cell, pixmap.width(), pixmap.height(), ratio)  # pixel for pixel
    return fitted_rect(cell, QSizeF(pixmap.size()), ratio)


def fitted_rect(cell: QRect, size: QSizeF, ratio: float) -> QRectF:
    """Return a shape as large as fits a cell, whole and centred, on whole device pixels."""
    fit = size.scaled(QSizeF(cell.size()) * ratio, Qt.AspectRatioMode.KeepAspectRatio)
    return _centred(cell, max(1, round(fit.width())), max(1, round(fit.height())), ratio)


def _centred(cell: QRect, width: int, height: int, ratio: float) -> QRectF:
    """Return a size in device pixels as a rectangle in the middle of a cell."""
    left = round((cell.x() + cell.width() / 2) * ratio - width / 2)
    top = round((cell.y() + cell.height() / 2) * ratio - height / 2)
    return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)
