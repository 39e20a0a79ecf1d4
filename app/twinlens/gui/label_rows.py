"""What a photo shows, in words that lead to others that show it. Runs on the GUI thread."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from twinlens.gui.fact_list import FactRow, LinkList
from twinlens.gui.pictures import Pictures
from twinlens.gui.tasks import Tasks
from twinlens.gui.wording import percent

#: The surest ones; more would push away what is known for certain.
MOST = 4


class LabelRows(QWidget):
    """Labels of one photo, surest first; hidden where none is sure enough.

    Signals:
        chosen(str): the photos that show this are wanted.
    """

    chosen = Signal(str)

    def __init__(self, pictures: Pictures, tasks: Tasks, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._photo_id: int | None = None
        self._waits = False
        self.links = LinkList("tag", self.tr("Show all photos that show this"), self)
        self.note = FactRow("tag", self.tr("What it shows"), self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.links)
        column.addWidget(self.note)
        self.set_photo(None)

    def set_photo(self, photo_id: int | None) -> None:
        """Show what a photo shows, as soon as that is read."""
        self._photo_id = photo_id
        if photo_id is None:
            self._tasks.cancel("look", "labels")
        self._show([])
        self._load()

    def look_again(self) -> None:
        """Ask once more where the photo had not been looked at."""
        if self._waits:
            self._load()

    def _load(self) -> None:
        photo_id = self._photo_id
        if photo_id is not None:
            self._waits = False
            # Apart from the other facts: this waits while the network is being loaded.
            self._tasks.run(
                "look",
                lambda: self._pictures.labels(photo_id),
                self._show,
                lambda _: self._show([]),
                key="labels",
            )

    def _show(self, labels: list[tuple[str, float]] | None) -> None:
        self._waits = labels is None
        self.note.set_fact(self.tr("Not looked at yet") if labels is None else None)
        said = self.tr("{label} · {percent} sure")
        self.links.set_links(
            [
                (
                    said.format(label=label, percent=percent(confidence)),
                    partial(self.chosen.emit, label),
                )
                for label, confidence in (labels or [])[:MOST]
            ]
        )
        self.setVisible(labels is None or bool(labels))
