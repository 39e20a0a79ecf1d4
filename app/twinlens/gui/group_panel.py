"""One group of a review: two of its files side by side, all of them below. GUI thread."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from twinlens.gui.controls import text_button
from twinlens.gui.labels import ElidedLabel
from twinlens.gui.member_list import MemberDelegate, MemberModel
from twinlens.gui.pair_switch import ALL_MODES, Mode
from twinlens.gui.pair_view import PairView
from twinlens.gui.photo_rows import PhotoRows, Wishes
from twinlens.gui.pictures import Pictures
from twinlens.gui.review_steps import best_of, differ, gain_of
from twinlens.gui.tasks import Tasks
from twinlens.gui.text import files
from twinlens.gui.theme import space
from twinlens.gui.wording import file_size, group_text, name_text
from twinlens.records import Comparison, Example, MatchClass, Photo, Tile
from twinlens.reports import Member, Review

#: Of the pictures, in pixels: enough for half a screen and some zoom.
LONG_SIDE = 2000


class GroupPanel(QWidget):
    """Shows a group and offers what can be decided about it.

    Signals:
        decided(str): "accept", "keep", "trash", "not-duplicates", "not-this" or "keep-all".
        walked(int): another file of the group is the current one.
        menu_wanted(object): acts on the current file, at a point of the screen (QPoint).
    """

    decided = Signal(str)
    walked = Signal(int)
    menu_wanted = Signal(object)

    def __init__(
        self, pictures: Pictures, tasks: Tasks, wishes: Wishes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._writable = False
        self.model = MemberModel()
        self.title = ElidedLabel("heading", self)
        self.pair = PairView(pictures, tasks, "review", LONG_SIDE, self, modes=ALL_MODES)
        self.pair.set_names(self.tr("The best file"), self.tr("The other file"))
        self.pair.set_mode(Mode.PLAIN)
        self.best_name, self.name = ElidedLabel("secondary", self), ElidedLabel("secondary", self)
        self.members = PhotoRows(wishes, self.model.photo_ids, self)
        self.members.setModel(self.model)
        self.members.setItemDelegate(MemberDelegate(self.model, wishes.loader, self.members))
        self.members.setAccessibleName(self.tr("Files of the group"))
        self.members.walked.connect(self._on_walked)
        self.members.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.members.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.members.viewport().mapToGlobal(at))
        )
        self.buttons = self._made_buttons()
        self._lay_out()

    @property
    def review(self) -> Review | None:
        """The group shown."""
        return self.model.review

    def current(self) -> Member | None:
        """Return the file the keyboard is on."""
        return self.model.member(self.members.current_row())

    def show_review(self, review: Review | None) -> None:
        """Show a group, or the same one with other decisions."""
        shown, row = self.review, self.members.current_row()
        self.model.set_review(review)
        if review is None:
            self.pair.clear()
            self._fit()
            return
        same = shown is not None and shown.group.members == review.group.members
        if not same:
            # The first that is not the best is what one has to look at.
            firsts = (n for n, m in enumerate(review.group.members) if m.path != review.group.best)
            row = next(firsts, 0)
            self.members.go_to(row)
        self._fit()
        self._show_pair()

    def set_photos(self, photos: Mapping[int, Photo]) -> None:
        """Take what is known of the photos of the group."""
        self.model.set_photos(photos)

    def set_writable(self, writable: bool) -> None:
        """Offer to decide, or not."""
        self._writable = writable
        self._fit()

    def step(self, by: int) -> None:
        """Go to the file before or after."""
        self.members.go_to(self.members.current_row() + by)

    def _on_walked(self, row: int) -> None:
        self._show_pair()
        self._fit()
        self.walked.emit(row)

    def _show_pair(self) -> None:
        review, chosen = self.review, self.current()
        if review is None or chosen is None:
            return
        best = best_of(review)
        if chosen.path == best.path:
            others = (one for one in review.group.members if one.path != best.path)
            chosen = next(others, best)
        stays = self.tr("Best: {name}") if not review.group.kept_as else "{name}"
        self.best_name.set_text(stays.format(name=name_text(best.path)))
        self.name.set_text(name_text(chosen.path))
        self.pair.show_pair(Example(photo_id=best.photo_id), self._tile(best, chosen))

    def _tile(self, best: Member, chosen: Member) -> Tile:
        photo = self.model.photos.get(chosen.photo_id)
        width, height = (photo.width, photo.height) if photo is not None else (4, 3)
        same = chosen.photo_id == best.photo_id
        known = Comparison(1.0, MatchClass.SAME_BYTES, 0) if same else None
        return Tile(chosen.photo_id, chosen.path, 1, width, height, None, comparison=known)

    def _fit(self) -> None:
        """Say what the group is, and offer what makes sense for it."""
        review = self.review
        chosen = self.current()
        if review is None:
            self.title.set_text("")
            for button in self.buttons.values():
                button.setEnabled(False)
            return
        said = [group_text(review.group, short=True), files(len(review.group.members))]
        if gain := gain_of(review):
            said.append(self.tr("{0} to gain").format(file_size(gain)))
        # The list below tells how many files there are.
        self.title.set_text(" · ".join(said), [" · ".join([said[0], *said[2:]]), said[0]])
        able = self._writable and not review.group.kept_as
        for name, button in self.buttons.items():
            enough = differ(review) or name != "not-duplicates"
            button.setEnabled(able and enough and chosen is not None)
        self.buttons["accept"].setEnabled(able and not review.settled)
        self._acts.setVisible(not review.group.kept_as)

    def _made_buttons(self) -> dict[str, QPushButton]:
        texts = {
            "accept": (
                "check",
                self.tr("Accept"),
                self.tr("Keep the suggested file, let the others go, and go on (Enter)"),
            ),
            "keep": ("", self.tr("Keep"), self.tr("Keep this file (K)")),
            "trash": ("", self.tr("Trash"), self.tr("Let this file go (Delete or T)")),
            "not-duplicates": (
                "",
                self.tr("Not duplicates"),
                self.tr("These are different photos: do not show them together again (N)"),
            ),
            "keep-all": (
                "",
                self.tr("Keep all"),
                self.tr("They are the same and all stay, until one more turns up (A)"),
            ),
        }
        made: dict[str, QPushButton] = {}
        for name, (icon, text, tip) in texts.items():
            if icon:
                button = text_button(icon, text, tip, self)
            else:
                button = QPushButton(text, self)
                button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, name=name: self.decided.emit(name))
            made[name] = button
        return made

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(space(3), space(2), space(3), 0)
        head.setSpacing(space(2))
        head.addWidget(self.title, 1)
        head.addWidget(self.pair.switch)
        names = QHBoxLayout()
        names.setContentsMargins(space(3), 0, space(3), 0)
        names.setSpacing(space(1))
        names.addWidget(self.best_name, 1)
        names.addWidget(self.name, 1)
        upper = QWidget(self)
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(space(1))
        above.addLayout(head)
        above.addLayout(names)
        inside = QVBoxLayout()
        inside.setContentsMargins(space(3), 0, space(3), space(1))
        inside.addWidget(self.pair, 1)
        above.addLayout(inside, 1)
        self._acts = QWidget(self)
        acts = QHBoxLayout(self._acts)
        acts.setContentsMargins(space(3), space(2), space(3), space(2))
        acts.setSpacing(space(2))
        for name in ("accept", "keep", "trash"):
            acts.addWidget(self.buttons[name])
        acts.addStretch(1)
        for name in ("not-duplicates", "keep-all"):
            acts.addWidget(self.buttons[name])
        both = QSplitter(Qt.Orientation.Vertical, self)
        both.setHandleWidth(1)
        both.setChildrenCollapsible(False)
        both.addWidget(upper)
        both.addWidget(self.members)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        both.setSizes([3 * LONG_SIDE, 2 * LONG_SIDE])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(both, 1)
        column.addWidget(self._acts)
