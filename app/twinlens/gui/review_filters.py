"""Which groups a review is about, and what makes the best file; kept. Runs on the GUI thread."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from twinlens.gui.best_popover import BestPanel
from twinlens.gui.choice_menu import Choice, pop_up
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.popover import Popover
from twinlens.gui.review_page import ReviewPage
from twinlens.gui.wording import name_text, path_text
from twinlens.records import MatchClass

OPEN, DECIDED, SETS = "open", "decided", "sets"
KEY = "review"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked for.

    `state` is one of the three above; `least` the weakest relation that counts, or with `bursts`
    alike shots of the same seconds do. `within` and
    `across` are folders, see `Library.duplicates`, like `rules` and `preferred`.
    """

    state: str = OPEN
    least: MatchClass = MatchClass.EDITED
    within: Path | None = None
    across: Path | None = None
    rules: tuple[str, ...] = ()
    preferred: tuple[Path, ...] = ()
    bursts: bool = False

    @property
    def narrows(self) -> bool:
        """Whether folders leave groups out."""
        return self.within is not None or self.across is not None


class ReviewFilters(QObject):
    """The pills of the page, and what was chosen there.

    Signals:
        changed(): other groups are wanted.
        state_changed(): of the groups that are known, others are wanted.
    """

    changed = Signal()
    state_changed = Signal()

    def __init__(self, page: ReviewPage, kept: QSettings) -> None:
        super().__init__(page)
        self._page = page
        self._kept = kept
        self._folders: list[Path] = []
        self.now = Scope()
        self._restore()
        page.state.clicked.connect(self._ask_state)
        page.match.clicked.connect(self._ask_match)
        page.rules.clicked.connect(self._ask_rules)
        for pill, field in ((page.within, "within"), (page.across, "across")):
            pill.clicked.connect(partial(self._ask_folder, pill, field))
            pill.cleared.connect(partial(self._set, **{field: None}))
        self._show()

    def set_folders(self, folders: Sequence[Path]) -> None:
        """Offer these folders, the ones of the library."""
        self._folders = list(folders)

    def clear(self) -> None:
        """Leave no group out."""
        self._set(within=None, across=None)

    def leave_bursts(self) -> None:
        """Look for copies again."""
        self._set(bursts=False)

    def choose_state(self, state: str) -> None:
        """Show groups to decide, decided ones, or sets that stay."""
        sets = SETS in (state, self.now.state)
        if state != self.now.state:
            self.now = replace(self.now, state=state)
            self._show()
            (self.changed if sets else self.state_changed).emit()

    def _set(self, **changes: Any) -> None:
        now = replace(self.now, **changes)
        if now != self.now:
            self.now = now
            self._keep()
            self._show()
            self.changed.emit()

    def _ask_state(self) -> None:
        choices = [
            Choice(text, self.now.state == state, partial(self.choose_state, state))
            for state, text in self._states().items()
        ]
        pop_up(self._page.state, choices)

    def _ask_match(self) -> None:
        choices = [
            Choice(
                text,
                self.now.least is least and not self.now.bursts,
                partial(self._set, least=least, bursts=False),
            )
            for least, text in self._matches().items()
        ]
        said = self.tr("Bursts: shots within seconds")
        burst = Choice(said, self.now.bursts, partial(self._set, bursts=True))
        choices.append(burst)
        pop_up(self._page.match, choices)

    def _ask_folder(self, pill: FilterPill, field: str) -> None:
        now = getattr(self.now, field)
        offered = [*self._folders] if now in (None, *self._folders) else [*self._folders, now]
        choices = [
            Choice(path_text(one), one == now, partial(self._set, **{field: one}))
            for one in offered
        ]
        if now is not None:
            everywhere = partial(self._set, **{field: None})
            choices.insert(0, Choice(self.tr("All folders"), False, everywhere))
        pop_up(pill, choices, (self.tr("Another folder …"), partial(self._choose_folder, field)))

    def _choose_folder(self, field: str) -> None:
        dialog = QFileDialog(self._page.window(), self.tr("Duplicates of this folder"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if self._folders:
            dialog.setDirectory(str(self._folders[0]))
        dialog.fileSelected.connect(lambda name: self._set(**{field: Path(name)}))
        dialog.open()

    def _ask_rules(self) -> None:
        panel = BestPanel(self.now.rules, self.now.preferred)
        popover = Popover(self._page.rules, panel)
        # Grouping anew takes a moment, so it waits until all is chosen.
        popover.closed.connect(lambda: self._set(rules=panel.rules(), preferred=panel.preferred()))
        popover.open()

    def _show(self) -> None:
        page, now = self._page, self.now
        page.state.set_title(self._states()[now.state], self.tr("Show"))
        match = self.tr("Bursts") if now.bursts else self._matches()[now.least]
        page.match.set_title(match, self.tr("What counts as a copy"))
        for pill, folder in ((page.within, now.within), (page.across, now.across)):
            pill.set_value(name_text(folder) if folder else "", path_text(folder) if folder else "")
        for pill in (page.match, page.within, page.across, page.rules):
            pill.setEnabled(now.state != SETS)

    def _states(self) -> dict[str, str]:
        return {
            OPEN: self.tr("To decide"),
            DECIDED: self.tr("Decided"),
            SETS: self.tr("Sets that stay together"),
        }

    def _matches(self) -> dict[MatchClass, str]:
        return {
            MatchClass.SAME_BYTES: self.tr("Same bytes"),
            MatchClass.SAME_PIXELS: self.tr("Same pixels too"),
            MatchClass.RE_ENCODED: self.tr("Saved again too"),
            MatchClass.EDITED: self.tr("Edited versions too"),
            MatchClass.SAME_SCENE: self.tr("Other shots too"),
        }

    def _keep(self) -> None:
        said = {
            "least": self.now.least.value,
            "bursts": self.now.bursts,
            "rules": self.now.rules,
            "preferred": [os.fspath(folder) for folder in self.now.preferred],
        }
        # ASCII, so that names that are no valid text survive.
        self._kept.setValue(KEY, json.dumps(said))

    def _restore(self) -> None:
        try:
            said: Any = json.loads(str(self._kept.value(KEY, "{}")))
            self.now = Scope(
                least=MatchClass(said["least"]),
                rules=tuple(map(str, said["rules"])),
                preferred=tuple(map(Path, said["preferred"])),
                bursts=bool(said.get("bursts")),
            )
        except (ValueError, KeyError, TypeError):
            self.now = Scope()
