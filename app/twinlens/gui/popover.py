"""A raised frame inside the window that belongs to one control. Runs on the GUI thread.

It lies in the window rather than in one of its own, so that it looks and closes the same under
every window system, and what happens behind it stays in view.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from twinlens.gui.theme import set_kind, space

LOW = 320
"""With less room than this below its anchor, a large content covers the anchor."""


class Popover(QWidget):
    """Holds a content while it is open; Esc, a click beside it or a focus elsewhere close it.

    Signals:
        closed(): it went away; it is deleted after that.
        escaped(): it is about to be closed by Esc.
    """

    closed = Signal()
    escaped = Signal()

    def __init__(self, anchor: QWidget, content: QWidget) -> None:
        super().__init__(anchor.window())
        self._anchor: QWidget | None = anchor
        self._open = False
        self.frame = QFrame(self)
        set_kind(self.frame, "raised")
        inside = QVBoxLayout(self.frame)
        inside.setContentsMargins(space(3), space(3), space(3), space(3))
        inside.addWidget(content)
        self.content = content
        # Without what it belongs to, there is nothing left to choose for.
        anchor.destroyed.connect(self._lose_anchor)
        self.hide()

    def room(self) -> QSize:
        """Return how large the content may be: below the anchor, or anywhere in a low window."""
        window = self.window()
        margin = 2 * space(3) + 2 * space(2)
        top = self._below().y()
        height = window.height() - top if window.height() - top >= LOW else window.height()
        return QSize(window.width(), height) - QSize(margin, margin)

    def open(self) -> None:
        """Show it below its anchor, or where there is room."""
        self._open = True
        self._place()
        self.show()
        self.raise_()
        self.window().installEventFilter(self)
        self.frame.installEventFilter(self)
        self.content.setFocus(Qt.FocusReason.PopupFocusReason)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow_focus)

    def close_now(self) -> None:
        """Close it; the focus goes back to the anchor when it was inside."""
        if not self._open:
            return
        self._open = False
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._follow_focus)
        self.window().removeEventFilter(self)
        focus = QApplication.focusWidget()
        if self._anchor is not None and (focus is None or self.isAncestorOf(focus)):
            self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window, and of a content that has more to say."""
        resized = event.type() == QEvent.Type.Resize and watched is self.window()
        if resized or (event.type() == QEvent.Type.LayoutRequest and watched is self.frame):
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close at a click beside the frame."""
        if not self.frame.geometry().contains(event.position().toPoint()):
            self.close_now()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close at Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
            self.close_now()
        else:
            # The keys of the window behind must not act on what is covered.
            event.accept()

    def _place(self) -> None:
        window = self.window()
        self.setGeometry(window.rect())
        size = self.frame.sizeHint().boundedTo(window.size())
        below = self._below()
        edge = space(2)
        x = max(edge, min(below.x(), window.width() - size.width() - edge))
        y = max(edge, min(below.y(), window.height() - size.height() - edge))
        self.frame.setGeometry(QRect(QPoint(x, y), size))

    def _lose_anchor(self) -> None:
        self._anchor = None
        self.close_now()

    def _below(self) -> QPoint:
        if self._anchor is None:
            return QPoint()
        return self._anchor.mapTo(self.window(), QPoint(0, self._anchor.height() + space(1)))

    def _follow_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        inside = now is None or now is self or self.isAncestorOf(now)
        # A menu or another window of the program is no reason to go.
        if not inside and now is not None and now.window() is self.window():
            self.close_now()
