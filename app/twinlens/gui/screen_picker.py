"""Takes a rectangle of the screen as a query picture. Runs on the GUI thread."""

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from twinlens.gui import theme
from twinlens.gui.mime import png_bytes
from twinlens.gui.region_canvas import RegionCanvas
from twinlens.gui.theme import space, tokens
from twinlens.records import Region

PLATFORMS = {"xcb", "windows", "cocoa"}
"""Where a program may read the screen without asking; a Wayland compositor does not let it."""

UNCOVER_MS = 300
"""How long windows below take to appear once ours is hidden."""


def can_pick_from_screen() -> bool:
    """Return whether this platform lets the program read the screen."""
    return QGuiApplication.platformName() in PLATFORMS


def cut(image: QImage, region: Region) -> QImage:
    """Return a part of an image."""
    width, height = image.width(), image.height()
    rect = QRect(
        round(region.x * width),
        round(region.y * height),
        max(1, round(region.width * width)),
        max(1, round(region.height * height)),
    )
    return image.copy(rect)


class ScreenPicker(QObject):
    """Hides the window, captures every screen, and lets the user draw a rectangle on one.

    Signals:
        picked(bytes): the rectangle as a PNG file.
        finished(): it is over, with or without a picture; the window is back.
    """

    picked = Signal(bytes)
    finished = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._overlays: list[ScreenOverlay] = []
        self._uncover = QTimer(self)
        self._uncover.setSingleShot(True)
        self._uncover.setInterval(UNCOVER_MS)
        self._uncover.timeout.connect(self._capture)

    @property
    def overlays(self) -> list["ScreenOverlay"]:
        """The captured screens on show, one each."""
        return list(self._overlays)

    def start(self) -> None:
        """Begin; does nothing while one is under way."""
        if self._overlays or self._uncover.isActive():
            return
        self._window.hide()
        self._uncover.start()

    def _capture(self) -> None:
        # All are captured before the first overlay could get into the picture.
        pictures = [(screen, grab(screen)) for screen in QGuiApplication.screens()]
        for screen, image in pictures:
            if image.isNull():
                continue
            overlay = ScreenOverlay(screen, image)
            overlay.picked.connect(self._take)
            overlay.cancelled.connect(self._end)
            self._overlays.append(overlay)
            overlay.cover()
        if not self._overlays:
            self._end()

    def _take(self, data: bytes) -> None:
        self._end()
        self.picked.emit(data)

    def _end(self) -> None:
        overlays, self._overlays = self._overlays, []
        for overlay in overlays:
            overlay.close()
        self._window.show()
        self._window.activateWindow()
        self.finished.emit()


def grab(screen: QScreen) -> QImage:
    """Return what a screen shows, in device pixels."""
    image = screen.grabWindow(0).toImage()
    image.setDevicePixelRatio(1.0)
    return image


class ScreenOverlay(RegionCanvas):
    """One captured screen, covering the real one; letting go of the mouse takes the rectangle.

    Signals:
        picked(bytes): the rectangle as a PNG file.
        cancelled(): Esc, or the right button.
    """

    picked = Signal(bytes)
    cancelled = Signal()

    def __init__(self, screen: QScreen, image: QImage) -> None:
        super().__init__()
        self.setWindowFlags(
            Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.Tool
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._target = screen
        self._capture = image
        self.set_image(image)
        self.setWindowTitle(self.tr("Search the screen"))
        self.chosen.connect(self._pick)
        self._drawing = False

    def cover(self) -> None:
        """Cover its screen and take the keyboard."""
        self.setScreen(self._target)
        self.setGeometry(self._target.geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def mouseReleaseEvent(self, event: object) -> None:
        """Take the rectangle that was drawn."""
        super().mouseReleaseEvent(event)  # type: ignore[arg-type]
        if self.region() is not None:
            self._pick()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Esc; all else moves the frame."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: object) -> None:
        """Leave on the right button."""
        self.cancelled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the screen, the frame, and how to go on."""
        super().paintEvent(event)
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font())
        text = self.tr("Draw a frame around what to search for. Esc cancels.")
        width = painter.fontMetrics().horizontalAdvance(text) + space(8)
        pill = QRect(0, space(6), width, now.control + space(2))
        pill.moveLeft((self.width() - width) // 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.veil)
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setPen(now.on_veil)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)

    def _pick(self) -> None:
        region = self.region()
        if region is not None:
            self.picked.emit(png_bytes(cut(self._capture, region)))
