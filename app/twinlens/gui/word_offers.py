"""The words offered while somebody types what to look for. Runs on the GUI thread."""

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from twinlens.gui.theme import icon, set_kind, space, tokens

WIDTH_STEPS = 70


class WordOffers(QFrame):
    """A list below a field, which keeps the focus: its keys choose here.

    The last row stands for the file names; all others are labels.

    Signals:
        chosen(str): a label; empty for the file names.
    """

    chosen = Signal(str)

    def __init__(self, field: QWidget) -> None:
        super().__init__(field.window())
        self._field = field
        set_kind(self, "raised")
        self._title = QLabel(self.tr("Photos that show"), self)
        set_kind(self._title, "secondary")
        self.list = QListWidget(self)
        set_kind(self.list, "menu")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("What to look for"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setIconSize(QSize(tokens().icon_small, tokens().icon_small))
        self.list.setMouseTracking(True)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.itemClicked.connect(lambda _: self.choose())
        column = QVBoxLayout(self)
        column.setContentsMargins(space(1), space(2), space(1), space(1))
        column.setSpacing(space(1))
        self._title.setIndent(space(2))
        column.addWidget(self._title)
        column.addWidget(self.list)
        self.hide()

    def texts(self) -> list[str]:
        """Return what is offered, in words."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def current(self) -> str:
        """Return the row that is marked, in words."""
        return self.texts()[self.list.currentRow()]

    def offer(self, text: str, words: list[str]) -> None:
        """Show labels for a text, the first of them to be chosen by Enter; none hides the list."""
        self.list.clear()
        if not words:
            self.hide()
            return
        for word in words:
            self._add("tag", word, word)
        self._add("file", self.tr("File names with “{text}”").format(text=text), "")
        self.list.setCurrentRow(0)
        self._place()
        self.show()
        self.raise_()
        self.window().installEventFilter(self)

    def step(self, by: int) -> None:
        """Go up or down."""
        count = self.list.count()
        self.list.setCurrentRow((self.list.currentRow() + by) % count)

    def choose(self) -> None:
        """Take the row that is marked."""
        item = self.list.currentItem()
        self.hide()
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay below the field when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _add(self, name: str, text: str, word: str) -> None:
        item = QListWidgetItem(icon(name), text, self.list)
        item.setData(Qt.ItemDataRole.UserRole, word)

    def _place(self) -> None:
        window = self.window()
        rows = sum(self.list.sizeHintForRow(row) for row in range(self.list.count()))
        self.list.setFixedHeight(rows)
        edge = space(2)
        width = min(max(space(WIDTH_STEPS), self._field.width()), window.width() - 2 * edge)
        below = self._field.mapTo(window, QPoint(0, self._field.height() + space(1)))
        height = min(self.sizeHint().height(), window.height() - below.y() - edge)
        x = max(edge, min(below.x(), window.width() - width - edge))
        self.setGeometry(x, below.y(), width, height)
