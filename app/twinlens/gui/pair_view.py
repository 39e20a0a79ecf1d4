"""Query and result side by side, and what makes them alike. Runs on the GUI thread."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from twinlens.errors import AppError
from twinlens.gui import theme
from twinlens.gui.controls import tool_button
from twinlens.gui.pair_canvas import PairCanvas, outline_of
from twinlens.gui.pictures import Pictures, image_of, load_image
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.wording import match_text, whole
from twinlens.records import Comparison, Example, MatchClass, Outline, Tile
from twinlens.reports import HeatMaps

T = TypeVar("T")


class Mode(StrEnum):
    """What is shown of a pair."""

    PLAIN = "plain"
    HEAT = "heat"
    OUTLINE = "outline"


class PairView(QWidget):
    """Two pictures with one zoom.

    Args:
        pictures: serves them.
        tasks: run what takes time.
        key: tells this view's tasks from those of others.
        long_side: of the pictures that are loaded, in pixels.

    Signals:
        mode_changed(object): the user chose a Mode.
    """

    mode_changed = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        key: str,
        long_side: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._key = key
        self._long_side = long_side
        self._pair: tuple[Example, Example] | None = None
        self._plain: tuple[QImage, QImage] | None = None
        self._heat: tuple[QImage, QImage] | None = None
        self._common: Comparison | None = None
        self._looked = False
        self._mode = Mode.OUTLINE
        self.first, self.second = PairCanvas(self), PairCanvas(self)
        self.first.setAccessibleName(self.tr("The query"))
        self.second.setAccessibleName(self.tr("The result"))
        self.first.moved.connect(lambda: self.second.follow(self.first))
        self.second.moved.connect(lambda: self.first.follow(self.second))
        self.switch = self._make_switch()
        self.caption = QLabel(self)
        self.caption.setWordWrap(True)
        set_kind(self.caption, "secondary")
        self.legend = Legend(self)
        self.legend.hide()
        both = QHBoxLayout()
        both.setSpacing(space(1))
        both.addWidget(self.first, 1)
        both.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addLayout(both, 1)
        column.addWidget(self.caption)
        column.addWidget(self.legend)

    @property
    def mode(self) -> Mode:
        """What is shown."""
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Show something else of the pair."""
        self._mode = mode
        self._buttons[mode].setChecked(True)
        self._show()

    def show_pair(self, query: Example, tile: Tile) -> None:
        """Show a result beside an example that it was found with."""
        pair = (query, Example(photo_id=tile.photo_id))
        known = tile.comparison
        if pair == self._pair:
            # More may have become known of a pair that is on the screen.
            self._common = known or self._common
            self._show()
            return
        self.clear()
        self._pair = pair
        self._common = known
        self.second.begin(tile.width, tile.height)
        self._load()
        self._show()

    def clear(self) -> None:
        """Let the pictures go."""
        for part in Mode:
            self._tasks.cancel("look", f"{self._key}-{part}")
        self._pair = self._plain = self._heat = self._common = None
        self._looked = False
        for canvas in (self.first, self.second):
            canvas.set_photo(QSize())
            canvas.set_outline(None)

    def fit(self) -> None:
        """Show all of both pictures."""
        self.first.fit()

    def zoom_by(self, factor: float) -> None:
        """Show both larger or smaller."""
        self.first.zoom_by(factor)

    # What is loaded

    def _load(self) -> None:
        assert self._pair is not None
        query, hit = self._pair

        def work() -> tuple[QImage, QImage]:
            one = load_image(self._pictures, query, self._long_side)
            return one, load_image(self._pictures, hit, self._long_side)

        def done(images: tuple[QImage, QImage]) -> None:
            self._plain = images
            self._show()

        self._run(Mode.PLAIN, work, done)

    def _load_heat(self) -> None:
        assert self._pair is not None
        query, hit = self._pair

        def done(maps: HeatMaps) -> None:
            self._heat = image_of(maps.first), image_of(maps.second)
            self.legend.set_scale(maps.scale)
            self._show()

        self._run(Mode.HEAT, lambda: self._pictures.heat_maps(query, hit), done)

    def _look_closer(self) -> None:
        assert self._pair is not None
        self._looked = True
        query, hit = self._pair

        def done(common: Comparison) -> None:
            seen = self._common.region if self._common is not None else None
            self._common = replace(common, region=common.region or seen)
            self._show()

        self._run(Mode.OUTLINE, lambda: self._pictures.compare(query, hit), done)

    def _run(self, part: Mode, work: Callable[[], T], done: Callable[[T], None]) -> None:
        def failed(error: AppError) -> None:
            self.caption.setText(error.message)
            self.caption.show()

        self._tasks.run("look", work, done, failed, key=f"{self._key}-{part}")

    # What is shown

    def _show(self) -> None:
        if self._pair is None:
            return
        heat = self._mode is Mode.HEAT
        images = self._heat if heat else self._plain
        if images is not None:
            self.first.put(images[0])
            self.second.put(images[1])
        if heat and self._heat is None:
            self._load_heat()
        self.legend.setVisible(heat)
        outlined = self._mode is Mode.OUTLINE
        verified = self._common is not None and self._common.inliers is not None
        if outlined and not verified and not self._looked:
            self._look_closer()
        common = self._common if outlined else None
        self.first.set_outline(common.first_outline if common else None)
        self.second.set_outline(_second_outline(common))
        self.caption.setText(self._words(common) if outlined else "")
        self.caption.setVisible(outlined)

    def _words(self, common: Comparison | None) -> str:
        if common is None:
            return self.tr("Looking for what they have in common …")
        if common.match is MatchClass.SAME_BYTES or common.match is MatchClass.SAME_PIXELS:
            return match_text(common.match)
        if common.match is not None and common.outline is not None:
            return self.tr("{match}: {count} points in common").format(
                match=match_text(common.match), count=whole(common.inliers or 0)
            )
        if common.region is not None:
            return self.tr("Here it looks most like what was asked for.")
        return self.tr("No part of them was found to be the same.")

    def _make_switch(self) -> QWidget:
        place = QWidget(self)
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1) // 2)
        group = QButtonGroup(place)
        texts = {
            Mode.PLAIN: ("image", self.tr("The pictures as they are")),
            Mode.HEAT: ("flame", self.tr("What makes them look alike")),
            Mode.OUTLINE: ("scan", self.tr("The part that is the same")),
        }
        self._buttons = {
            mode: tool_button(name, text, "", place, small=True)
            for mode, (name, text) in texts.items()
        }
        for mode, button in self._buttons.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, mode=mode: self._choose(mode))
            group.addButton(button)
            row.addWidget(button)
        self._buttons[self._mode].setChecked(True)
        return place

    def _choose(self, mode: Mode) -> None:
        self.set_mode(mode)
        self.mode_changed.emit(mode)


class Legend(QWidget):
    """Says what the colours of heat maps mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = QImage()
        self.setFixedHeight(tokens().pixels(tokens().secondary_px) + space(3))
        self.setAccessibleName(
            self.tr("Dark adds nothing to the similarity, yellow adds the most.")
        )
        self.setToolTip(self.accessibleName())

    def set_scale(self, colours: bytes) -> None:
        """Take the colours, as RGB bytes from nothing to most."""
        self._scale = image_of((colours, len(colours) // 3, 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colours between the words for their ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(theme.font("secondary"))
        painter.setPen(tokens().secondary)
        room = QRectF(self.rect())
        words = (self.tr("adds nothing"), self.tr("adds most"))
        left, right = (painter.fontMetrics().horizontalAdvance(word) for word in words)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(room, middle, words[0])
        painter.drawText(room, middle | int(Qt.AlignmentFlag.AlignRight), words[1])
        if not self._scale.isNull():
            bar = QRectF(left + space(2), 0, room.width() - left - right - space(4), space(2))
            bar.moveCenter(QRectF(bar.x(), 0, bar.width(), room.height()).center())
            painter.drawImage(bar, self._scale)


def _second_outline(common: Comparison | None) -> Outline | None:
    if common is None:
        return None
    if common.outline is not None:
        return common.outline
    return outline_of(common.region) if common.region is not None else None
