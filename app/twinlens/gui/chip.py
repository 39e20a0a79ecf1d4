"""One example of the query as a chip: thumbnail, sign, weight, region, remove. GUI thread."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QSlider, QWidget

from twinlens.gui import theme
from twinlens.gui.chip_face import ChipFace
from twinlens.gui.controls import relabel, tool_button
from twinlens.gui.theme import space, tokens
from twinlens.gui.wording import name_text
from twinlens.records import Example

HEIGHT = 72
BUTTON = 28

PREVIEW_SIDE = 256
"""Long side of the picture a chip asks for, enough for its thumbnail at 200 %."""

LEAST_NAME = 6
"""A name with room for fewer letters says nothing."""

WEIGHTS = (10, 200)
"""Percent; what counts less than a tenth is better removed."""


class ExampleChip(QWidget):
    """Shows an example and lets it be changed.

    Signals:
        changed(): the sign, the region or anything else that is one act.
        sliding(): the weight moves; more moves may follow.
        region_wanted(): the user wants to choose a part of the picture.
        removed(): the user wants it gone.
    """

    changed = Signal()
    sliding = Signal()
    region_wanted = Signal()
    removed = Signal()

    def __init__(self, example: Example, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._example = example
        self._fault = ""
        self._file: Path | None = example.path
        self._hovered = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.face = ChipFace(HEIGHT - 2 * space(1), self)
        self.face.clicked.connect(self._ask_region)
        self.sign = tool_button("plus", "", parent=self, small=True)
        self.sign.setCheckable(True)
        self.sign.clicked.connect(self._flip_sign)
        self.part = tool_button("crop", "", parent=self, small=True)
        self.part.clicked.connect(self.region_wanted)
        self.remove = tool_button("x", self.tr("Remove this example"), "Del", self, small=True)
        self.remove.clicked.connect(self.removed)
        self.weight = QSlider(Qt.Orientation.Horizontal, self)
        self.weight.setRange(*WEIGHTS)
        self.weight.setSingleStep(10)
        self.weight.setPageStep(50)
        self.weight.valueChanged.connect(self._weigh)
        self.weight.setVisible(False)
        # Whoever walks by keyboard must see the slider before it can have the focus.
        for child in (self.sign, self.part, self.remove, self.weight):
            child.installEventFilter(self)
        self._follow()

    def example(self) -> Example:
        """Return the example as it is now."""
        return self._example

    def set_example(self, example: Example) -> None:
        """Take over sign, weight and region from another state of the same picture."""
        self._example = example
        self._follow()

    @property
    def fault(self) -> str:
        """Why the picture cannot be used; empty when it can."""
        return self._fault

    def image(self) -> QImage:
        """Return the picture; null until it is there."""
        return self.face.image()

    @property
    def file(self) -> Path | None:
        """Where the picture lies; None while that is not known, or when it is no file."""
        return self._file

    def set_image(self, image: QImage, file: Path | None = None) -> None:
        """Show the picture, called after its file where it has one."""
        self._file = file or self._file
        self.face.set_image(image)
        self._fault = ""
        self._follow()

    def set_fault(self, sentence: str) -> None:
        """Show that the picture cannot be used, and why."""
        self._fault = sentence
        self._follow()

    def name(self) -> str:
        """Return what the picture is called."""
        if self._file is not None:
            return name_text(self._file)
        return self.tr("Library photo") if self._example.photo_id else self.tr("Picture")

    def sizeHint(self) -> QSize:
        return QSize(self._controls_left() + 3 * BUTTON + space(1), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _flip_sign(self) -> None:
        self._example = replace(self._example, negative=not self._example.negative)
        self._follow()
        self.changed.emit()

    def _weigh(self, percent: int) -> None:
        if round(self._example.weight * 100) == percent:
            return
        self._example = replace(self._example, weight=percent / 100)
        self._follow()
        self.sliding.emit()

    def _follow(self) -> None:
        """Bring all controls in line with the example."""
        negative, broken = self._example.negative, bool(self._fault)
        self.face.set_example(self._example, broken=broken)
        self.sign.setChecked(negative)
        meaning = self.tr("Less like this") if negative else self.tr("More like this")
        relabel(self.sign, "minus" if negative else "plus", meaning, "+" if negative else "-")
        relabel(self.part, "crop", self.tr("Choose the part that counts"), "R")
        percent = round(self._example.weight * 100)
        self.weight.setValue(percent)
        self.weight.setToolTip(self.tr("Weight {percent} %").format(percent=percent))
        self.weight.setAccessibleName(self.tr("Weight of this example in percent"))
        for control in (self.sign, self.part):
            control.setVisible(not broken)
        self.part.setEnabled(not self.face.image().isNull())
        self._describe()
        self._place()
        self._show_weight()
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        words = [self.sign.accessibleName(), self.name()]
        if self._example.region is not None:
            words.append(self.tr("a part of it"))
        self.setAccessibleName(", ".join(words))
        self.setAccessibleDescription(self._fault or self.weight.toolTip())
        self.setToolTip(f"{self.name()}\n{self._fault}" if self._fault else self.name())

    def _controls_left(self) -> int:
        return space(1) + self.face.wanted_width() + space(1)

    def _place(self) -> None:
        left, top = self._controls_left(), space(1)
        self.face.setGeometry(space(1), top, self.face.wanted_width(), HEIGHT - 2 * space(1))
        for number, button in enumerate((self.sign, self.part, self.remove)):
            button.setGeometry(left + number * BUTTON, top, BUTTON, BUTTON)
        below = top + BUTTON + space(1)
        height = HEIGHT - space(1) - below
        self.weight.setGeometry(left + space(1), below, 3 * BUTTON - space(2), height)

    def _show_weight(self) -> None:
        focus = QApplication.focusWidget()
        inside = focus is not None and (focus is self or self.isAncestorOf(focus))
        self.weight.setVisible(not self._fault and (self._hovered or inside))
        self.update()

    # What the user does

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_weight()
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._hovered = True
        self._show_weight()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self._show_weight()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_weight()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_weight()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif self._fault:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Plus):
            if self._example.negative != (key == Qt.Key.Key_Minus):
                self._flip_sign()
        elif key in (Qt.Key.Key_R, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask_region()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = self.weight.singleStep() * (1 if key == Qt.Key.Key_Up else -1)
            self.weight.setValue(self.weight.value() + step)
        else:
            super().keyPressEvent(event)

    def _ask_region(self) -> None:
        if self.part.isEnabled() and not self._fault:
            self.region_wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        focused = self.hasFocus()
        painter.setPen(QPen(now.accent, now.ring) if focused else QPen(now.line, 1))
        painter.setBrush(now.raised)
        inset = now.ring / 2 if focused else 0.5
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, now.radius_panel, now.radius_panel)
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        """Write the name, or what is unusual, where the slider is not."""
        if self.weight.isVisible():
            return
        percent = round(self._example.weight * 100)
        text = ""
        if percent != 100 and not self._fault:
            text = self.tr("{percent} %").format(percent=percent)
        elif self._file is not None or self._example.photo_id is None:
            text = self.name()
        painter.setPen(tokens().secondary)
        painter.setFont(theme.font("secondary", tabular=True))
        room = self.weight.geometry()
        metrics = painter.fontMetrics()
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        if room.width() < LEAST_NAME * metrics.averageCharWidth():
            return
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, int(flags), text)
