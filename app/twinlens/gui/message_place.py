"""Lays the messages over the lower end of whatever is looked at. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QWidget

from twinlens.gui import theme
from twinlens.gui.browser import Browser
from twinlens.gui.viewer import Viewer

WIDEST_STEPS = 200
_MOVING = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}


class MessagePlace(QObject):
    """Keeps the messages of a browser in sight: below its pages, over the viewer, at a quick look.

    Args:
        ground: what all of them lie in; the messages lie on it.
        browser: says the messages, and keeps room for them below its pages.
        viewer: covers the browser.
        quick: covers both; the lower edge belongs to its caption, so that a message is at the top.
    """

    def __init__(self, ground: QWidget, browser: Browser, viewer: Viewer, quick: Viewer) -> None:
        super().__init__(ground)
        self._ground, self._browser = ground, browser
        self._viewer, self._quick = viewer, quick
        self._bar = browser.messages
        self._bar.setParent(ground)
        self._bar.shown.connect(self._place)
        for watched in (ground, browser, viewer, quick, self._bar):
            watched.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what lies beneath."""
        if event.type() in _MOVING:
            self._place()
        return False

    def _place(self) -> None:
        bar = self._bar
        if bar.isHidden():
            self._browser.keep_room(0)
            return
        edge = theme.space(2)
        area = self._beneath()
        width = min(
            area.width() - 2 * theme.space(3), theme.tokens().pixels(theme.space(WIDEST_STEPS))
        )
        height = max(bar.heightForWidth(width), bar.minimumSizeHint().height())
        left = area.left() + (area.width() - width) // 2
        top = area.top() + edge if self._quick.is_open else area.bottom() + 1 - height - edge
        bar.setGeometry(left, top, width, height)
        bar.raise_()
        self._browser.keep_room(height + 2 * edge)

    def _beneath(self) -> QRect:
        if self._quick.is_open or self._viewer.isVisible():
            return self._ground.rect()
        return QRect(self._browser.mapTo(self._ground, QPoint()), self._browser.size())
