"""What the pills of the filters ask when they are pressed. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.date_filter import DateFilter, Period
from twinlens.gui.popover import Popover
from twinlens.gui.proofs import PROVEN
from twinlens.gui.wording import path_text
from twinlens.records import Filters, MatchClass, Tile


def has_proven(tiles: Sequence[Tile]) -> bool:
    """Tell whether results have more in common with the query than being it, or looking alike."""
    proven = [tile.match for tile in tiles if tile.match in PROVEN]
    return len(proven) > 1 or (bool(proven) and proven[0] is not MatchClass.SAME_BYTES)


def without_query(filters: Filters) -> Filters:
    """Return the filters that mean something without a query."""
    return replace(filters, min_score=None, min_probability=None, match=None)


class FilterMenus(QObject):
    """Asks for one filter at a time.

    Args:
        bar: the filters belong to it.
        now: returns the filters that hold.
        change: puts others in their place.
        today: the day from which periods are counted back.
    """

    def __init__(
        self,
        bar: QWidget,
        now: Callable[[], Filters],
        change: Callable[[Filters], None],
        today: Callable[[], date],
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._now = now
        self._change = change
        self._today = today
        self._folders: list[Path] = []
        self.orientations = {
            "landscape": self.tr("Landscape"),
            "portrait": self.tr("Portrait"),
            "square": self.tr("Square"),
        }
        self.matches = {
            MatchClass.EDITED: self.tr("Copies"),
            MatchClass.SAME_SCENE: self.tr("Copies and same scene"),
        }

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Offer these folders, the ones of the library."""
        self._folders = list(folders)

    def ask_folder(self, anchor: QWidget) -> None:
        """Ask for a folder below a pill."""
        now = self._now().folder
        offered = [*self._folders] if now is None or now in self._folders else [*self._folders, now]
        choices = [Choice(self.tr("All folders"), now is None, lambda: self._keep_to(None))]
        for folder in offered:
            choices.append(Choice(path_text(folder), folder == now, partial(self._keep_to, folder)))
        pop_up(anchor, choices, (self.tr("Another folder…"), self._choose_folder))

    def ask_shape(self, anchor: QWidget) -> None:
        """Ask for a shape below a pill."""
        now = self._now().orientation
        choices = [
            Choice(text, key == now, partial(self._change, replace(self._now(), orientation=key)))
            for key, text in [(None, self.tr("Any shape")), *self.orientations.items()]
        ]
        pop_up(anchor, choices)

    def ask_match(self, anchor: QWidget) -> None:
        """Ask below a pill for what results must have in common with the query."""
        now = self._now().match
        texts = [
            (None, self.tr("All results")),
            (MatchClass.EDITED, self.tr("Copies: the same file, saved again or edited")),
            (MatchClass.SAME_SCENE, self.tr("Copies, and photos of the same scene")),
        ]
        choices = [
            Choice(text, key == now, partial(self._change, replace(self._now(), match=key)))
            for key, text in texts
        ]
        pop_up(anchor, choices)

    def ask_date(self, anchor: QWidget) -> None:
        """Ask for a period below a pill."""
        now = self._now()
        panel = DateFilter(Period(now.taken_from, now.taken_to), self._today())
        popover = Popover(anchor, panel)
        panel.chosen.connect(
            lambda period: self._change(
                replace(self._now(), taken_from=period.first, taken_to=period.last)
            )
        )
        panel.finished.connect(popover.close_now)
        popover.open()

    def _keep_to(self, folder: Path | None) -> None:
        self._change(replace(self._now(), folder=folder))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self._bar, self.tr("Search in this folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        if self._folders:
            dialog.setDirectory(str(self._folders[0]))
        dialog.filesSelected.connect(lambda names: self._keep_to(Path(names[0])))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
