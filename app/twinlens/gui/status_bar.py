"""The line at the bottom: what is going on, in words, polled from the engine. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStatusBar,
    QToolButton,
    QWidget,
)

from twinlens.gui import text, theme
from twinlens.gui.text import tr
from twinlens.gui.wording import photo_count, whole
from twinlens.reports import Status

POLL_MS = 100
LINE_STEPS = 30
HEIGHT_STEPS = 8
ROOMY_STEPS = 190
PARTS = 1000


def what_goes_on(status: Status, *, read_only: bool = False) -> str:
    """Return what the engine is doing as one line; `read_only` is one that only searches."""
    if status.activity == "idle" and status.paused:
        return tr("{0} · indexing is paused").format(photo_count(status.photos))
    if status.activity == "opening":
        return tr("Opening the library …")
    if status.activity == "idle" and not status.photos:
        return tr("No photos yet")
    if status.activity == "idle" and read_only:
        # How far the other process has come is not known here.
        return tr("{0} · read only").format(photo_count(status.photos))
    if status.activity == "idle":
        return tr("{0} · up to date").format(photo_count(status.photos))
    done, total = whole(status.done), whole(status.total)
    closer = status.activity == "closer"
    if status.paused:
        if status.total:
            return tr("Paused · {0} of {1}").format(done, total)
        return tr("Paused")
    if not status.total:
        where = "" if status.folder is None else f" · {text.folder_name(status.folder)}"
        if status.done:
            return tr("Counting files · {0}").format(done) + where
        return tr("Looking for photos") + where
    doing = tr("Looking closer at {0} of {1}") if closer else tr("Indexing {0} of {1}")
    parts = [doing.format(done, total)]
    if status.rate > 0:
        parts.append(text.rate(status.rate))
    if status.seconds_left is not None:
        parts.append(text.time_left(status.seconds_left))
    return " · ".join(parts)


class StatusBar(QStatusBar):
    """Shows the state of the engine; the only timer of the window polls it.

    Signals:
        pause_requested(bool): true to pause, false to go on.
        slow_requested(bool): true to leave most of the machine to others.
        polled(object): the latest Status, when its revision has changed.
        ticked(): the status was asked for, whether it has changed or not.
    """

    pause_requested = Signal(bool)
    slow_requested = Signal(bool)
    polled = Signal(object)
    ticked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._poll: Callable[[], Status] | None = None
        self._status = Status()
        self._read_only = False
        self._took = ""
        self._verifying = False
        self._doing = self._label(self.tr("What Twinlens is doing"))
        self._line = QProgressBar()
        self._line.setRange(0, PARTS)
        self._line.setTextVisible(False)
        self._line.setFixedWidth(theme.space(LINE_STEPS))
        self._line.setAccessibleName(self.tr("Progress of indexing"))
        self._pause = self._button("pause")
        self._pause.clicked.connect(lambda: self.pause_requested.emit(not self._status.paused))
        self._slow = self._button("gauge")
        self._slow.setCheckable(True)
        self._slow.setToolTip(self.tr("Slow down: leave most of the processor to other programs"))
        self._slow.setAccessibleName(self.tr("Slow down"))
        self._slow.clicked.connect(self.slow_requested)
        self._device = self._label(self.tr("Device and model in use"))
        self._search = self._label(self.tr("Time of the last search"))
        line = QWidget()
        # As high idle as at work, or the photos would jump.
        line.setFixedHeight(theme.space(HEIGHT_STEPS))
        self.addWidget(line, 1)
        row = QHBoxLayout(line)
        row.setContentsMargins(theme.space(2), 0, theme.space(2), 0)
        row.setSpacing(theme.space(2))
        for widget in (self._doing, self._line, self._pause, self._slow):
            row.addWidget(widget)
        row.addStretch(1)
        row.addSpacing(theme.space(4))
        row.addWidget(self._device)
        self._search.setContentsMargins(theme.space(2), 0, 0, 0)
        self._search.hide()
        row.addWidget(self._search)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._ask)
        self._doing.setText(what_goes_on(Status(activity="opening")))
        for widget in (self._line, self._pause, self._slow):
            widget.setVisible(False)

    @property
    def status(self) -> Status:
        """The status polled last."""
        return self._status

    def watch(self, poll: Callable[[], Status], *, read_only: bool) -> None:
        """Start polling; `read_only` leaves out what only the writer can do."""
        self._poll = poll
        self._read_only = read_only
        self._status = Status(revision=-1)
        self._timer.start()
        self._ask()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()
        self._poll = None

    def set_slow(self, slow: bool) -> None:
        """Show whether indexing runs slowly."""
        self._slow.setChecked(slow)

    def set_search_time(self, seconds: float) -> None:
        """Show how long the last search took."""
        self._took = text.milliseconds(seconds)
        self._verifying = True
        self.set_verifying(False)

    def set_verifying(self, verifying: bool) -> None:
        """Say that the best results are held against the query, or how long the search took."""
        if verifying == self._verifying:
            return
        self._verifying = verifying
        took = self.tr("The last search took {0}").format(self._took)
        tip = self.tr("The best results are checked point by point for copies of the query.")
        self._search.setText(self.tr("Checking the best results …") if verifying else self._took)
        self._search.setToolTip(tip if verifying else took)
        self._search.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is only nice to know where there is no room."""
        super().resizeEvent(event)
        self._device.setVisible(self.width() >= theme.space(ROOMY_STEPS))

    @property
    def sentence(self) -> str:
        """What is being said about the engine."""
        return self._doing.text()

    def _ask(self) -> None:
        if self._poll is None:
            return
        self.ticked.emit()
        status = self._poll()
        if status.revision == self._status.revision:
            return
        self._status = status
        self._show(status)
        self.polled.emit(status)

    def _show(self, status: Status) -> None:
        sentence = what_goes_on(status, read_only=self._read_only)
        self._doing.setText(sentence)
        counted = self.tr("Files are counted here; copies of the same bytes are one photo.")
        closer = self.tr(
            "All photos can be searched already. What is found out now is what they show, and what "
            "tells copies and parts of them."
        )
        more = {"indexing": counted if status.total else "", "closer": closer}
        lines = (sentence, more.get(status.activity, ""))
        self._doing.setToolTip("\n".join(filter(None, lines)))
        busy = status.activity != "idle"
        # While at work the words only ever take more room: nothing moves under the pointer.
        room = self._doing.sizeHint().width()
        self._doing.setMinimumWidth(max(self._doing.minimumWidth(), room) if busy else 0)
        self._line.setVisible(busy)
        if busy and status.total:
            self._line.setRange(0, PARTS)
            self._line.setValue(round(PARTS * status.done / status.total))
        elif busy:
            # Nothing blinks: an empty line while the total is unknown.
            self._line.setRange(0, PARTS)
            self._line.setValue(0)
        self._pause.setVisible((busy or status.paused) and not self._read_only)
        self._slow.setVisible((busy or self._slow.isChecked()) and not self._read_only)
        self._show_pause(status.paused)
        in_use = " · ".join(filter(None, (status.device, status.model)))
        self._device.setText(in_use)
        self._device.setToolTip(
            self.tr("Photos are compared on {0} with {1}").format(status.device, status.model)
            if in_use
            else ""
        )

    def _show_pause(self, paused: bool) -> None:
        self._pause.setIcon(theme.icon("play" if paused else "pause"))
        name = self.tr("Go on indexing") if paused else self.tr("Pause indexing")
        self._pause.setAccessibleName(name)
        self._pause.setToolTip(f"{name} (Ctrl+P)")

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        theme.set_kind(label, "secondary")
        label.setFont(theme.font("secondary", tabular=True))
        label.setAccessibleDescription(name)
        return label

    def _button(self, icon: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setAutoRaise(True)
        return button
