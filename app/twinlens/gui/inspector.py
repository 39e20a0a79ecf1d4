"""Everything that is known of the photo in hand. Runs on the GUI thread."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from twinlens.errors import AppError
from twinlens.gui.controls import single_shot, text_button, tool_button
from twinlens.gui.fact_list import FactRow, LinkList
from twinlens.gui.icon_label import IconLabel
from twinlens.gui.label_rows import LabelRows
from twinlens.gui.labels import WrappedLabel
from twinlens.gui.pictures import Pictures, load_image, no_thumbnail
from twinlens.gui.preview_pane import HIGHEST, PreviewPane
from twinlens.gui.region_picker import PART_KEY
from twinlens.gui.score_pill import ScorePill
from twinlens.gui.tasks import Tasks
from twinlens.gui.theme import set_kind, space, tokens
from twinlens.gui.why_panel import WhyPanel
from twinlens.gui.wording import (
    file_size,
    moment,
    name_text,
    path_text,
    photo_count,
    pixel_size,
    place,
)
from twinlens.records import Example, Photo, Tile

LEAST_WIDTH = 264
#: Milliseconds that a photo stays in hand before it is read: thumbnails come first, and whoever
#: walks through photos with the arrow keys has none read on the way.
LOOKING = 120
_TRANSPARENT = "QScrollArea#facts, QWidget#factsInner { background: transparent; }"


class Inspector(QWidget):
    """A panel about one photo; says so when there is none, or several.

    Signals:
        opened(object): photo_id, to be seen large.
        similar_requested(object): photo_id.
        part_requested(): a part of the photo is to be looked for.
        reveal_requested(object): a Path to be shown in its folder.
        copy_path_requested(object): a Path.
        context_menu(QPoint): more acts are wanted at this point of the screen.
    """

    opened = Signal(object)
    similar_requested = Signal(object)
    part_requested = Signal()
    reveal_requested = Signal(object)
    copy_path_requested = Signal(object)
    context_menu = Signal(QPoint)

    def __init__(
        self,
        pictures: Pictures,
        tasks: Tasks,
        parent: QWidget | None = None,
        *,
        thumbnail: Callable[[int], QPixmap | None] = no_thumbnail,
    ) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._tasks = tasks
        self._thumbnail = thumbnail
        self._tile: Tile | None = None
        self._settle = single_shot(self, LOOKING, self._look)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAccessibleName(self.tr("Inspector"))
        self._pages = QStackedLayout(self)
        self._empty, self._empty_text = self._make_empty()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._make_facts())
        self.show_tile(None)

    def tile(self) -> Tile | None:
        """Return the photo shown."""
        return self._tile

    def empty_text(self) -> str:
        """Return what is said while no single photo is shown."""
        return self._empty_text.text()

    def show_tile(self, tile: Tile | None) -> None:
        """Show a photo; its details follow as soon as they are read."""
        self._tile = tile
        self._tasks.cancel("look", "inspector")
        if tile is None:
            self._settle.stop()
            self.labels.set_photo(None)
            self.why.show_tile(None)
            self._empty_text.setText(self.tr("Select a photo to see more of it."))
            self._pages.setCurrentIndex(0)
            return
        thumbnail = self._thumbnail(tile.photo_id)
        self.preview.set_tile(tile, thumbnail.toImage() if thumbnail is not None else None)
        self.name.set_text(name_text(tile.path))
        self.score.set_score(tile.score, tile.match, tile.probability)
        self._show_facts(tile, None, [tile.path])
        self._pages.setCurrentIndex(1)
        self._settle.start()

    def _look(self) -> None:
        """Read what takes time to tell of the photo in hand."""
        if self._tile is not None:
            self.labels.set_photo(self._tile.photo_id)
            self.why.show_tile(self._tile)
            self._load(self._tile)

    def show_count(self, number: int) -> None:
        """Say how many photos are selected instead of describing one."""
        self.show_tile(None)
        self._empty_text.setText(self.tr("{photos} selected").format(photos=photo_count(number)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the panel."""
        QPainter(self).fillRect(self.rect(), tokens().panel)

    def _load(self, tile: Tile) -> None:
        side = round(max(HIGHEST, self.width()) * self.devicePixelRatioF())

        def work() -> tuple[Photo | None, list[Path], QImage | str]:
            photo = self._pictures.photo(tile.photo_id)
            paths = self._pictures.paths(tile.photo_id)
            try:
                image = load_image(self._pictures, Example(photo_id=tile.photo_id), side)
            except AppError as error:
                return photo, paths, str(error)
            return photo, paths, image

        def done(result: tuple[Photo | None, list[Path], QImage | str]) -> None:
            photo, paths, image = result
            self._show_facts(tile, photo, paths or [tile.path])
            if isinstance(image, str):
                self.preview.set_sentence(image)
            else:
                self.preview.set_image(image)

        # A newer photo supersedes this one, so that a late answer never lands on the wrong one.
        self._tasks.run("look", work, done, key="inspector")

    def _show_facts(self, tile: Tile, photo: Photo | None, paths: list[Path]) -> None:
        self.size_fact.set_fact(pixel_size(tile.width, tile.height))
        self.file_fact.set_fact(
            None if photo is None else f"{file_size(photo.size)}  ·  {photo.format}"
        )
        facts = None if photo is None else photo.metadata
        taken = tile.taken or (facts.taken if facts else None)
        self.date_fact.set_fact(moment(taken) if taken else None)
        self.camera_fact.set_fact(facts.camera if facts else None)
        self.lens_fact.set_fact(facts.lens if facts else None)
        where = None
        if facts and facts.latitude is not None and facts.longitude is not None:
            where = place(facts.latitude, facts.longitude)
        self.place_fact.set_fact(where)
        self.offline.set_fact(
            self.tr("Its drive is not connected; this is the stored preview.")
            if tile.offline
            else None
        )
        reveal = self.reveal_requested.emit
        self.folder_links.set_links([(path_text(tile.path.parent), partial(reveal, tile.path))])
        others = [path for path in paths if path != tile.path]
        self.copies_title.setVisible(bool(others))
        self.copies_title.setText(
            self.tr("The same file is also here:")
            if len(others) == 1
            else self.tr("The same file is also in {count} places:").format(count=len(others))
        )
        self.copy_links.set_links([(path_text(path), partial(reveal, path)) for path in others])

    def _make_empty(self) -> tuple[QWidget, QLabel]:
        page = QWidget(self)
        text = QLabel(page)
        set_kind(text, "secondary")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setWordWrap(True)
        column = QVBoxLayout(page)
        column.setContentsMargins(space(6), space(6), space(6), space(6))
        column.setSpacing(space(3))
        column.addStretch(1)
        mark = IconLabel("image", 2 * tokens().icon, parent=page)
        column.addWidget(mark, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(text)
        column.addStretch(2)
        return page, text

    def _make_facts(self) -> QScrollArea:
        inner = QWidget()
        inner.setObjectName("factsInner")
        self.preview = PreviewPane(inner)
        self.preview.opened.connect(lambda: self._emit_id(self.opened))
        self.name = WrappedLabel("heading", inner)
        self.score = ScorePill(inner)
        self.size_fact = FactRow("maximize", self.tr("Size in pixels"), inner)
        self.file_fact = FactRow("file", self.tr("Size of the file"), inner)
        self.date_fact = FactRow("calendar", self.tr("Taken"), inner)
        self.camera_fact = FactRow("camera", self.tr("Camera"), inner)
        self.lens_fact = FactRow("aperture", self.tr("Lens"), inner)
        self.place_fact = FactRow("map-pin", self.tr("Place"), inner)
        self.offline = FactRow("unplug", self.tr("Offline"), inner)
        self.why = WhyPanel(self._pictures, self._tasks, inner)
        self.labels = LabelRows(self._pictures, self._tasks, inner)
        self.folder_links = LinkList("folder", self.tr("Show in folder"), inner)
        self.copies_title = QLabel(inner)
        self.copies_title.setWordWrap(True)
        set_kind(self.copies_title, "secondary")
        self.copy_links = LinkList("layers", self.tr("Show in folder"), inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(space(3), space(3), space(3), space(3))
        column.setSpacing(space(2))
        column.addWidget(self.preview)
        column.addSpacing(space(1))
        column.addWidget(self.name)
        column.addWidget(self.score)
        column.addLayout(self._make_acts(inner))
        column.addWidget(self.why)
        column.addSpacing(space(2))
        facts = (self.offline, self.size_fact, self.file_fact, self.date_fact, self.camera_fact)
        for row in (self.labels, *facts, self.lens_fact, self.place_fact, self.folder_links):
            column.addWidget(row)
        column.addSpacing(space(2))
        column.addWidget(self.copies_title)
        column.addWidget(self.copy_links)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("facts")
        area.setStyleSheet(_TRANSPARENT)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        return area

    def _make_acts(self, parent: QWidget) -> QHBoxLayout:
        tip = self.tr("Find photos like this one")
        self.similar = text_button("scan-search", self.tr("Find similar"), tip, parent)
        self.similar.clicked.connect(lambda: self._emit_id(self.similar_requested))
        self.part = tool_button(
            "square-dashed", self.tr("Find a part of it"), PART_KEY, parent, small=True
        )
        self.part.clicked.connect(self.part_requested)
        self.reveal = tool_button("folder-open", self.tr("Show in folder"), "", parent, small=True)
        self.reveal.clicked.connect(lambda: self._emit_path(self.reveal_requested))
        self.copy_path = tool_button("clipboard-copy", self.tr("Copy path"), "", parent, small=True)
        self.copy_path.clicked.connect(lambda: self._emit_path(self.copy_path_requested))
        self.more = tool_button(
            "ellipsis", self.tr("More to do with this photo"), "", parent, small=True
        )
        self.more.clicked.connect(
            lambda: self.context_menu.emit(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        )
        row = QHBoxLayout()
        row.setSpacing(space(1))
        row.addWidget(self.similar, 1)
        for button in (self.part, self.reveal, self.copy_path, self.more):
            row.addWidget(button)
        return row

    def _emit_id(self, signal: SignalInstance) -> None:
        if self._tile is not None:
            signal.emit(self._tile.photo_id)

    def _emit_path(self, signal: SignalInstance) -> None:
        if self._tile is not None:
            signal.emit(self._tile.path)

    def sizeHint(self) -> QSize:
        """Return a width that leaves the photos most of the room."""
        return QSize(LEAST_WIDTH + space(10), space(100))
