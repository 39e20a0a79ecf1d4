"""Two photos side by side: do they show the same thing? Runs on the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from twinlens.gui.empty_state import Emptiness, EmptyState
from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.wording import same_thing, whole

#: The act that asks about more pairs.
MORE = "more"


class JudgePage(QWidget):
    """Asks about one pair after the other.

    Signals:
        answered(object): True for the same thing, False for different ones, None for not sure.
        stepped_back(): the last answer is to be taken back.
        left(): no more pairs are to be judged.
        more_wanted(): further pairs are to be judged.
    """

    answered = Signal(object)
    stepped_back = Signal()
    left = Signal()
    more_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = QLabel(self.tr("Do both photos show the same thing?"))
        set_kind(self.title, "title")
        self.meaning = QLabel(same_thing())
        set_kind(self.meaning, "secondary")
        for label in (self.title, self.meaning):
            label.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.count = QLabel()
        set_kind(self.count, "secondary")
        self.photos = (PairPhoto(), PairPhoto())
        self.same = _button(self.tr("Same thing (S)"), lambda: self.answered.emit(True))
        self.different = _button(self.tr("Different (D)"), lambda: self.answered.emit(False))
        self.skip = _button(self.tr("Not sure (Space)"), lambda: self.answered.emit(None))
        self.back = _button(self.tr("One back (Backspace)"), self.stepped_back.emit, "quiet")
        self.leave = _button(self.tr("Back to the settings (Esc)"), self.left.emit, "quiet")
        self.pair = QWidget()
        self._lay_out_pair()
        self.message = EmptyState()
        self.message.chosen.connect(
            lambda act: (self.more_wanted if act == MORE else self.left).emit()
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.message)
        self._pages.addWidget(self.pair)
        self.wait()

    @property
    def asking(self) -> bool:
        """Whether a pair is shown."""
        return self._pages.currentWidget() is self.pair

    def ask(self, number: int, total: int) -> None:
        """Ask about a pair, the `number`-th of `total`; its photos follow."""
        self._pages.setCurrentWidget(self.pair)
        self.progress.setRange(0, total)
        self.progress.setValue(number - 1)
        said = self.tr("Pair {number} of {total}")
        self.count.setText(said.format(number=whole(number), total=whole(total)))
        self.progress.setAccessibleName(self.count.text())
        self.back.setEnabled(number > 1)
        for photo in self.photos:
            photo.set_image(None, "")
        self.setFocus()

    def set_photo(self, side: int, image: QImage | None, name: str) -> None:
        """Show one of the photos, 0 left or 1 right; None where it cannot be shown."""
        self.photos[side].set_image(image, name)

    def wait(self) -> None:
        """Say that pairs are being looked for."""
        self._say("scan-search", self.tr("Looking for pairs worth asking about …"))

    def say_none(self) -> None:
        """Say that there is nothing to ask."""
        self._say(
            "images",
            self.tr("There are no pairs to ask about."),
            self.tr(
                "Either every pair that would tell something is judged, or the library is too "
                "small, or the model in use gives no probabilities."
            ),
        )

    def say_done(self, judged: int) -> None:
        """Say how many pairs were judged, and offer more."""
        said = self.tr("1 pair is judged.") if judged == 1 else self.tr("{count} pairs are judged.")
        self._say(
            "circle-check",
            said.format(count=whole(judged)),
            self.tr("From now on, the probabilities of all results take them into account."),
            (MORE, self.tr("Judge more pairs")),
        )

    def _say(
        self, icon: str, title: str, sentence: str = "", primary: tuple[str, str] | None = None
    ) -> None:
        back = ("back", self.tr("Back to the settings"))
        self.message.say(Emptiness(icon, title, sentence, primary, back))
        self._pages.setCurrentWidget(self.message)
        self.message.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer by keyboard."""
        answers = {Qt.Key.Key_S: True, Qt.Key.Key_D: False, Qt.Key.Key_Space: None}
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif self.asking and key in answers:
            self.answered.emit(answers[Qt.Key(key)])
        elif self.asking and key == Qt.Key.Key_Backspace and self.back.isEnabled():
            self.stepped_back.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out_pair(self) -> None:
        column = QVBoxLayout(self.pair)
        column.setContentsMargins(space(6), space(4), space(6), space(4))
        column.setSpacing(space(2))
        column.addWidget(self.title)
        column.addWidget(self.meaning)
        photos = QHBoxLayout()
        photos.setSpacing(space(4))
        for photo in self.photos:
            photos.addWidget(photo, 1)
        column.addLayout(photos, 1)
        answers = QHBoxLayout()
        answers.addStretch(1)
        for button in (self.same, self.different, self.skip):
            answers.addWidget(button)
        answers.addStretch(1)
        column.addLayout(answers)
        foot = QHBoxLayout()
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.count)
        self.progress.setFixedWidth(space(30))
        foot.addWidget(self.progress)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        column.addLayout(foot)


def _button(text: str, act: Callable[[], object], kind: str = "") -> QPushButton:
    button = QPushButton(text)
    # The page has the keys, so that Space never presses what was clicked last.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda: act())
    if kind:
        set_kind(button, kind)
    return button


class PairPhoto(QWidget):
    """One photo shown whole in the middle of its half."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    @property
    def image(self) -> QImage | None:
        """The pixels shown."""
        return self._image

    def set_image(self, image: QImage | None, name: str) -> None:
        """Show a photo; None leaves its place empty."""
        self._image = image
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of a place for a photo."""
        return QSize(space(80), space(80))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the photo, or its place."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        now = tokens()
        place = QRectF(self.rect())
        if self._image is not None and not self._image.isNull():
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(0, 0, size.width(), size.height())
            place.moveCenter(QRectF(self.rect()).center())
        path = QPainterPath()
        path.addRoundedRect(place, now.radius_tile, now.radius_tile)
        painter.fillPath(path, now.placeholder)
        if self._image is not None:
            painter.setClipPath(path)
            painter.drawImage(place, self._image)
