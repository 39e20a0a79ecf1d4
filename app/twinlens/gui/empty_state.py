"""What stands in place of the photos when there are none to show. Runs on the GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from twinlens.gui import theme
from twinlens.gui.controls import press_by_enter
from twinlens.gui.icon_label import IconLabel
from twinlens.gui.text import folder_name, tr
from twinlens.gui.wording import percent
from twinlens.records import Folder, FolderState

ICON_STEPS, TEXT_STEPS, LINE_STEPS = 12, 110, 60


@dataclass(frozen=True, slots=True)
class Emptiness:
    """One reason for having nothing to show, with the way on.

    `primary` and `link` are (name of the act, text of the button); the window knows the acts.
    `asks` keeps query and filters in view, because they can change it. `share` is how much of what
    is waited for is done.
    """

    icon: str
    title: str
    sentence: str = ""
    primary: tuple[str, str] | None = None
    link: tuple[str, str] | None = None
    asks: bool = False
    share: float | None = None


def opening() -> Emptiness:
    """Return what is shown until the library is open."""
    return Emptiness("images", tr("Opening your library …"))


def welcome() -> Emptiness:
    """Return what a new user sees."""
    return Emptiness(
        "scan-search",
        tr("Find any photo by showing one like it."),
        tr(
            "Add a folder, or drop one here. Twinlens reads your photos on this computer, "
            "never changes them, and sends nothing away."
        ),
        ("add_folder", tr("Add a folder …")),
        ("shortcuts", tr("See what the keyboard can do")),
    )


def nothing_to_search() -> Emptiness:
    """Return what is shown to somebody who asks before there is a folder."""
    return Emptiness(
        "scan-search",
        tr("There is nothing to search yet."),
        tr(
            "Add a folder of photos, or drop one here. Your query stays, and is answered as soon "
            "as the first of them can be searched."
        ),
        ("add_folder", tr("Add a folder …")),
        ("clear_query", tr("Clear the query")),
        asks=True,
    )


def reading(*, asked: bool) -> Emptiness:
    """Return what is shown while the first photos are on their way, to somebody who `asked`."""
    if asked:
        sentence = tr("Your query is answered as soon as the first of them can be searched.")
    else:
        sentence = tr(
            "The first photos appear here in a moment; you can search while the rest follow."
        )
    return Emptiness("images", tr("Reading your photos …"), sentence, asks=asked)


def getting_ready() -> Emptiness:
    """Return what is shown while the network is being loaded."""
    return Emptiness(
        "scan-search",
        tr("Search is getting ready …"),
        tr("The network is being loaded; your question is answered in a moment."),
        asks=True,
    )


def no_photos() -> Emptiness:
    """Return what is shown when the folders hold nothing that can be searched."""
    return Emptiness(
        "image-off",
        tr("There are no photos in your folders."),
        tr("Some files may have been left out, or could not be read."),
        ("add_folder", tr("Add another folder …")),
        ("failures", tr("See which files were left out")),
    )


def offline(folder: str) -> Emptiness:
    """Return what is shown for a folder that cannot be reached and has no photos yet."""
    return Emptiness(
        "unplug",
        tr("{0} is not connected.").format(folder),
        tr("Plug the drive in or connect the share; Twinlens goes on by itself."),
        ("rescan", tr("Look again")),
    )


def nothing_matches(filtered: bool) -> Emptiness:
    """Return what is shown when a query or the filters leave nothing."""
    if filtered:
        return Emptiness(
            "list-filter",
            tr("No photo passes these filters."),
            tr("Loosen one of them, or take them all away."),
            ("clear_filters", tr("Clear the filters")),
            asks=True,
        )
    return Emptiness(
        "search",
        tr("Nothing in your library looks like this."),
        tr("Photos that are still being read appear as soon as they are ready."),
        ("clear_query", tr("Show all photos")),
        asks=True,
    )


def nothing_shows(label: str) -> Emptiness:
    """Return what is shown when no photo surely shows what a word names."""
    return Emptiness(
        "tag",
        tr("No photo surely shows: {0}.").format(label),
        tr(
            "Twinlens names only what it is sure of. A picture of what you look for finds more "
            "than its word."
        ),
        ("clear_filters", tr("Clear the filters")),
        ("open_picture", tr("Open a picture …")),
        asks=True,
    )


def unreadable(sentence: str) -> Emptiness:
    """Return what is shown when the picture asked with cannot be read."""
    return Emptiness(
        "image-off",
        tr("This picture cannot be used to search."),
        sentence,
        ("open_picture", tr("Open another picture …")),
        ("clear_query", tr("Show all photos")),
        asks=True,
    )


def trouble(sentence: str, hint: str) -> Emptiness:
    """Return what is shown when searching is not possible at all, for instance without a model."""
    return Emptiness(
        "circle-alert",
        sentence,
        hint,
        ("try_again", tr("Try again")),
        ("open_log", tr("Open the log")),
    )


def without_photos(folders: Sequence[Folder], *, asked: bool, busy: bool) -> Emptiness:
    """Return what is shown of a library without photos, with a query where somebody `asked`.

    Args:
        folders: what is known of.
        asked: whether there is a query, which stays in view.
        busy: whether photos may be on their way.
    """
    if not folders:
        return nothing_to_search() if asked else welcome()
    if all(folder.state is FolderState.OFFLINE for folder in folders):
        return replace(offline(folder_name(folders[0].folder)), asks=asked)
    return reading(asked=asked) if busy else replace(no_photos(), asks=asked)


class EmptyState(QWidget):
    """A quiet icon, one sentence, how far what is waited for has come, a primary button, a link.

    Signals:
        chosen(str): the name of the act whose button was pressed.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shown: Emptiness | None = None
        self._icon = IconLabel("images", theme.space(ICON_STEPS))
        self._title = QLabel()
        theme.set_kind(self._title, "title")
        self._sentence = QLabel()
        theme.set_kind(self._sentence, "secondary")
        for label in (self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._line = QProgressBar()
        self._line.setTextVisible(False)
        self._line.setFixedWidth(theme.space(LINE_STEPS))
        self._done = QLabel()
        theme.set_kind(self._done, "secondary")
        self._done.setFont(theme.font("secondary", tabular=True))
        self._primary = QPushButton()
        theme.set_kind(self._primary, "primary")
        self._link = QPushButton()
        theme.set_kind(self._link, "link")
        self._primary.clicked.connect(lambda: self._choose(primary=True))
        self._link.clicked.connect(lambda: self._choose(primary=False))
        self._lay_out()

    @property
    def shown(self) -> Emptiness | None:
        """What is being said."""
        return self._shown

    def say(self, emptiness: Emptiness) -> None:
        """Show one reason for having nothing to show."""
        if emptiness == self._shown:
            return
        self._shown = emptiness
        self._icon.set_icon(emptiness.icon)
        self._title.setText(emptiness.title)
        self._sentence.setText(emptiness.sentence)
        self._sentence.setVisible(bool(emptiness.sentence))
        self._show_share(emptiness.share)
        for button, act in ((self._primary, emptiness.primary), (self._link, emptiness.link)):
            button.setVisible(act is not None)
            button.setText(act[1] if act else "")
        said = (emptiness.title, self._done.text(), emptiness.sentence)
        self.setAccessibleName(" ".join(filter(None, said)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the primary button."""
        if press_by_enter(event):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._primary.isVisible():
            self._primary.click()
        else:
            super().keyPressEvent(event)

    def _show_share(self, share: float | None) -> None:
        for widget in (self._line, self._done):
            widget.setVisible(share is not None)
        self._done.setText("" if share is None else percent(share))
        self._line.setValue(round(100 * (share or 0.0)))
        self._line.setAccessibleName(self._done.text())

    def _lay_out(self) -> None:
        # In a box of fixed width, or the wrapped sentence would not know its height.
        box = QWidget()
        box.setFixedWidth(theme.space(TEXT_STEPS))
        inner = QVBoxLayout(box)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignHCenter
        inner.addWidget(self._icon, 0, middle)
        inner.addSpacing(theme.space(4))
        inner.addWidget(self._title)
        inner.addSpacing(theme.space(2))
        inner.addWidget(self._sentence)
        inner.addSpacing(theme.space(4))
        inner.addWidget(self._line, 0, middle)
        inner.addSpacing(theme.space(1))
        inner.addWidget(self._done, 0, middle)
        inner.addSpacing(theme.space(2))
        inner.addWidget(self._primary, 0, middle)
        inner.addSpacing(theme.space(2))
        inner.addWidget(self._link, 0, middle)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.space(6),) * 4)
        column.addStretch(2)
        # Between stretches: an alignment would hide from the column how high the texts are.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(box)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def _choose(self, *, primary: bool) -> None:
        if self._shown is not None:
            act = self._shown.primary if primary else self._shown.link
            if act is not None:
                self.chosen.emit(act[0])
