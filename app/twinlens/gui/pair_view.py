"""Query and result side by side, and what makes them alike. Runs on the GUI thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from twinlens.errors import AppError
from twinlens.gui.blend_canvas import BlendCanvas, difference, laid_on
from twinlens.gui.pair_canvas import PairCanvas, outline_in_second
from twinlens.gui.pair_legend import Legend
from twinlens.gui.pair_switch import SIDE_BY_SIDE, Mode, PairSwitch, blend_words
from twinlens.gui.pictures import Pictures, image_of, load_image
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space
from twinlens.gui.wording import match_text, whole
from twinlens.gui.zoom import STEP
from twinlens.records import Comparison, Example, MatchClass, Tile
from twinlens.reports import HeatMaps

T = TypeVar("T")
Pair = tuple[Example, Example]


class PairView(QWidget):
    """Two pictures with one zoom, side by side or laid on each other.

    Args:
        pictures: serves them.
        tasks: run what takes time.
        key: tells this view's tasks from those of others.
        long_side: of the pictures that are loaded, in pixels.
        modes: what can be shown of them.

    Signals:
        mode_changed(object): the user chose a Mode.
        compared(object): the pair was looked at closely, a Comparison.
    """

    mode_changed = Signal(object)
    compared = Signal(object)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        key: str,
        long_side: int,
        parent: QWidget | None = None,
        *,
        modes: Sequence[Mode] = SIDE_BY_SIDE,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._key = key
        self._long_side = long_side
        self._pair: Pair | None = None
        self._plain: tuple[QImage, QImage] | None = None
        self._heat: tuple[QImage, QImage] | None = None
        self._laid: Comparison | None = None
        self._common: Comparison | None = None
        self._looked = False
        self._mode = Mode.OUTLINE
        self.first, self.second = PairCanvas(self), PairCanvas(self)
        self.blend = BlendCanvas(self)
        self.blend.hide()
        self.set_names(self.tr("The query"), self.tr("The result"))
        self._modes = tuple(modes)
        for canvas in (self.first, self.second, self.blend):
            canvas.moved.connect(lambda canvas=canvas: self._follow(canvas))
        self.switch = PairSwitch(self._modes, self)
        self.switch.show_mode(self._mode)
        self.switch.chosen.connect(self._choose)
        self.caption = QLabel(self)
        self.caption.setWordWrap(True)
        set_kind(self.caption, "secondary")
        self.legend = Legend(self)
        self.legend.hide()
        both = QHBoxLayout()
        both.setSpacing(space(1))
        both.addWidget(self.first, 1)
        both.addWidget(self.second, 1)
        both.addWidget(self.blend, 1)
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
        """Show something else of the pair; what is not offered here changes nothing."""
        if mode not in self._modes:
            return
        self._mode = mode
        self.switch.show_mode(mode)
        self.blend.set_mode(mode)
        for canvas in (self.first, self.second):
            canvas.setVisible(mode in SIDE_BY_SIDE)
        self.blend.setVisible(mode not in SIDE_BY_SIDE)
        self.blend.follow(self.first)
        self._show()

    def set_names(self, first: str, second: str) -> None:
        """Say what the two pictures are to the user."""
        self.first.setAccessibleName(first)
        self.second.setAccessibleName(second)
        self.blend.setAccessibleName(f"{first}, {second}")

    def handle_key(self, event: QKeyEvent) -> bool:
        """Zoom, choose what is shown, or move the line; return whether the key had a meaning."""
        key = Qt.Key(event.key())
        acts: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Plus: lambda: self.zoom_by(STEP),
            Qt.Key.Key_Equal: lambda: self.zoom_by(STEP),
            Qt.Key.Key_Minus: lambda: self.zoom_by(1 / STEP),
            Qt.Key.Key_0: self.fit,
        }
        for place, mode in enumerate(self._modes, start=1):
            acts[Qt.Key(Qt.Key.Key_0 + place)] = partial(self._choose, mode)
        if self._mode is Mode.FLICKER:
            acts[Qt.Key.Key_Space] = self.blend.flip
        if self._mode is Mode.SWIPE and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            acts[Qt.Key.Key_Left] = lambda: self.blend.move_line(-1)
            acts[Qt.Key.Key_Right] = lambda: self.blend.move_line(1)
        if key in acts:
            acts[key]()
        return key in acts

    def show_pair(self, query: Example, tile: Tile) -> None:
        """Show a result beside an example that it was found with."""
        size = QSize(tile.width, tile.height)
        self._begin((query, Example(photo_id=tile.photo_id)), tile.comparison, size)

    def show_two(self, first: Example, second: Example) -> None:
        """Show any two pictures, and look at them closely in any case."""
        self._begin((first, second), None, QSize())
        if not self._looked:
            self._look_closer()

    def _begin(self, pair: Pair, known: Comparison | None, second: QSize) -> None:
        if pair == self._pair:
            # More may have become known of a pair that is on the screen.
            self._common = known or self._common
            self._show()
            return
        self.clear()
        self._pair = pair
        self._common = known
        if not second.isEmpty():
            self.second.begin(second.width(), second.height())
        self._load()
        self._show()

    def clear(self) -> None:
        """Let the pictures go."""
        for part in Mode:
            self._tasks.cancel("look", f"{self._key}-{part}")
        self._pair = self._plain = self._heat = self._common = self._laid = None
        self._looked = False
        self.blend.set_pair(QImage(), QImage(), QImage())
        for canvas in (self.first, self.second, self.blend):
            canvas.set_photo(QSize())
            canvas.set_outline(None)

    def fit(self) -> None:
        """Show all of both pictures."""
        (self.first if self.blend.isHidden() else self.blend).fit()

    def zoom_by(self, factor: float) -> None:
        """Show both larger or smaller."""
        (self.first if self.blend.isHidden() else self.blend).zoom_by(factor)

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
            self.compared.emit(self._common)
            self._show()

        self._run(Mode.OUTLINE, lambda: self._pictures.compare(query, hit), done)

    def _lay(self, plain: tuple[QImage, QImage], common: Comparison) -> None:
        """Lay one on the other as far as is known how."""
        self._laid = common
        first, second = plain

        def work() -> tuple[QImage, QImage]:
            laid = laid_on(first, second, common)
            return laid, difference(first, laid)

        def done(made: tuple[QImage, QImage]) -> None:
            self.blend.set_pair(first, *made)
            self.blend.follow(self.first)

        self._run(Mode.SWIPE, work, done)

    def _follow(self, moved: PairCanvas) -> None:
        for canvas in (self.first, self.second, self.blend):
            if canvas is not moved:
                canvas.follow(moved)

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
        blended = self._mode not in SIDE_BY_SIDE
        verified = self._common is not None and self._common.inliers is not None
        if (outlined or blended) and not verified and not self._looked:
            self._look_closer()
        elif blended and self._plain and self._common and self._laid != self._common:
            self._lay(self._plain, self._common)
        common = self._common if outlined else None
        self.first.set_outline(common.first_outline if common else None)
        self.second.set_outline(outline_in_second(common))
        said = self._words(common) if outlined else blend_words(self._mode, self._common)
        self.caption.setText(said)
        self.caption.setVisible(bool(said))

    def _words(self, common: Comparison | None) -> str:
        if common is None:
            return self.tr("Looking for what they have in common …")
        if common.match in (MatchClass.SAME_BYTES, MatchClass.SAME_PIXELS):
            return match_text(common.match)
        if common.match is not None and common.outline is not None:
            return self.tr("{match}: {count} points in common").format(
                match=match_text(common.match), count=whole(common.inliers or 0)
            )
        if common.region is not None:
            return self.tr("Here it looks most like what was asked for.")
        return self.tr("No part of them was found to be the same.")

    def _choose(self, mode: Mode) -> None:
        self.set_mode(mode)
        self.mode_changed.emit(mode)
