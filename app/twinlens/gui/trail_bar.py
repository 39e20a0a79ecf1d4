"""Where one is among the galleries: the way there, and what can be done. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from twinlens.gui.controls import relabel, text_button, tool_button
from twinlens.gui.labels import ElidedLabel
from twinlens.gui.theme import set_kind, space
from twinlens.gui.title_edit import TitleEdit
from twinlens.gui.wording import photo_count, whole

#: Below this width only icons show.
WORDS_FROM = 700


class Crumbs(QWidget):
    """The way to where one is: all but the last step lead back.

    Signals:
        chosen(int): a step, 0 the first.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, kind: str = "heading") -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(space(1))
        self.here = ElidedLabel(kind, self)
        self.steps: list[QPushButton] = []
        self._parts: list[QWidget] = []
        self._row.addWidget(self.here, 1)

    def show_way(self, titles: Sequence[str]) -> None:
        """Show the way; the last title is where one is."""
        for part in self._parts:
            part.deleteLater()
        self._parts, self.steps = [], []
        for number, title in enumerate(titles[:-1]):
            step = QPushButton(title, self)
            set_kind(step, "link")
            step.clicked.connect(lambda _=False, number=number: self.chosen.emit(number))
            mark = QLabel("›", self)
            set_kind(mark, "secondary")
            self.steps.append(step)
            self._parts += [step, mark]
        for place, part in enumerate(self._parts):
            self._row.insertWidget(place, part)
        self.here.set_text(titles[-1] if titles else "")
        self.setAccessibleName(" › ".join(titles))


class TrailBar(QWidget):
    """A line above photos that were chosen together: of a gallery, or on the map.

    Signals:
        left(): one step back.
        chosen(int): back to a step of the way, 0 the first.
        inside_requested(): the finer galleries inside are wanted.
        more_requested(): more photos like these are wanted.
        pin_requested(): the gallery is to come first, or no longer.
        renamed(str): the gallery is to have another title.
    """

    left = Signal()
    chosen = Signal(int)
    inside_requested = Signal()
    more_requested = Signal()
    pin_requested = Signal()
    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._count_inside = 0
        self.back = tool_button("arrow-left", self.tr("Back"), "Alt+Left", self)
        self.back.clicked.connect(self.left)
        self.crumbs = Crumbs(self)
        self.crumbs.chosen.connect(self.chosen)
        self.count = QLabel(self)
        set_kind(self.count, "secondary")
        tip = self.tr("Show the finer galleries inside this one")
        self.inside = text_button("galleries", "", tip, self, kind="quiet")
        self.inside.clicked.connect(self.inside_requested)
        tip = self.tr("Search with the most typical of these photos as examples")
        self.more = text_button("scan-search", self.tr("More like this"), tip, self, kind="quiet")
        self.more.clicked.connect(self.more_requested)
        self.rename = tool_button("pencil", self.tr("Rename"), "F2", self)
        self.rename.clicked.connect(self.edit_title)
        self.pin = tool_button("pin", self.tr("Pin"), "", self)
        self.pin.setCheckable(True)
        self.pin.clicked.connect(self.pin_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(space(3), space(1), space(3), 0)
        row.setSpacing(space(1))
        row.addWidget(self.back)
        row.addWidget(self.crumbs, 1)
        row.addWidget(self.count)
        row.addSpacing(space(2))
        for widget in (self.inside, self.more, self.rename, self.pin):
            row.addWidget(widget)
        # The keys act where the photos are; whoever shows them takes these acts.
        self.keys = [self._key("Esc", self.left.emit), self._key("F2", self.edit_title)]
        self.set_inside(0)
        self.hide()

    def show_way(self, titles: Sequence[str], photos: int) -> None:
        """Say where one is, and how many photos are there."""
        self._title = titles[-1]
        self.crumbs.show_way(titles)
        self.count.setText(photo_count(photos))

    def set_inside(self, count: int) -> None:
        """Offer so many finer galleries; fewer than two are not worth a step."""
        self._count_inside = count
        self.inside.setVisible(count > 1)
        said = self.tr("{count} galleries inside").format(count=whole(count))
        self.inside.setAccessibleName(said)
        self._fit()

    def set_decisions(self, *, possible: bool, pinned: bool) -> None:
        """Offer to name and pin, where that is possible."""
        self.rename.setVisible(possible)
        self.pin.setVisible(possible)
        self.pin.setChecked(pinned)
        relabel(self.pin, "pin", self.tr("Unpin") if pinned else self.tr("Pin"))

    def edit_title(self) -> None:
        """Let the title be typed where it stands."""
        if self.rename.isHidden():
            return
        here = self.crumbs.here
        place = here.rect().translated(here.mapTo(self, here.rect().topLeft()))
        edit = TitleEdit(self, place.intersected(self.rect()), self._title)
        edit.typed.connect(self.renamed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the title the room that words of buttons would take."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = self.width() >= WORDS_FROM
        self.count.setVisible(wide)
        inside = self.inside.accessibleName() if wide else whole(self._count_inside)
        self.inside.setText(f" {inside}")
        self.more.setText(f" {self.more.accessibleName()}" if wide else "")

    def _key(self, keys: str, act: object) -> QAction:
        action = QAction(self)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(act)
        action.setEnabled(False)
        return action

    def setVisible(self, visible: bool) -> None:
        """Let the keys act while it shows."""
        super().setVisible(visible)
        for action in getattr(self, "keys", ()):
            action.setEnabled(visible)
