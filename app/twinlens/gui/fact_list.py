"""Rows of an icon and a fact, as the inspector lists them. Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from twinlens.gui.icon_label import IconLabel
from twinlens.gui.labels import WrappedLabel
from twinlens.gui.theme import space, tokens


class FactRow(QWidget):
    """One fact; hidden where it is not known."""

    def __init__(self, name: str, title: str, parent: QWidget, *, link: bool = False) -> None:
        super().__init__(parent)
        self._title = title
        self.setToolTip(title)
        self.label = WrappedLabel("body", self, link=link)
        mark = IconLabel(name, tokens().icon_small, parent=self)
        left = QVBoxLayout()
        # On the middle of the first line.
        left.setContentsMargins(0, 1, 0, 0)
        left.addWidget(mark)
        left.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        row.addLayout(left)
        row.addWidget(self.label, 1)

    def set_fact(self, text: str | None) -> None:
        """Show a fact, or nothing."""
        self.setVisible(bool(text))
        self.label.set_text(text or "")
        self.label.setAccessibleName(f"{self._title}: {text}")

    def text(self) -> str:
        """Return the fact; empty where it is not known."""
        return self.label.text()


class LinkList(QWidget):
    """Any number of facts that can be followed."""

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = name
        self._title = title
        self._rows: list[FactRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(space(2))

    def rows(self) -> list[FactRow]:
        """Return the rows shown."""
        return list(self._rows)

    def set_links(self, links: list[tuple[str, Callable[[], None]]]) -> None:
        """Show these texts, each with what following it does."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for text, follow in links:
            row = FactRow(self._icon, self._title, self, link=True)
            row.set_fact(text)
            row.label.clicked.connect(follow)
            self._rows.append(row)
            self._column.addWidget(row)
        self.setVisible(bool(links))
