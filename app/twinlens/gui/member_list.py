"""The files of a group as a list: where they lie, how they differ, what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.photo_rows import paint_row, paint_thumbnail
from twinlens.gui.review_steps import best_of, to_best
from twinlens.gui.text import sentence, tr
from twinlens.gui.theme import space, tokens
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.wording import file_size, match_text, moment, name_text, path_text, whole
from twinlens.records import Photo
from twinlens.reports import Member, Review

Index = QModelIndex | QPersistentModelIndex
#: Steps of the side of a thumbnail, and of the place for what becomes of a file.
THUMBNAIL, FATE = 14, 22
LINES = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a file, and whether that of the best file is another."""

    text: str
    differs: bool = False


def facts_of(member: Member, best: Member, photos: Mapping[int, Photo]) -> list[Fact]:
    """Return size, format, bytes, date and camera of a file, held against the best one."""
    ours, theirs = _texts(member, photos), _texts(best, photos)
    return [
        Fact(text or _missing(place), text != other)
        for place, (text, other) in enumerate(zip(ours, theirs, strict=True))
        if text or other
    ]


def fate_text(review: Review, row: int) -> str:
    """Return what becomes of a file, in a word or two."""
    if review.group.kept_as:
        return tr("Stays")
    texts = {"keep": tr("Stays"), "trash": tr("To the trash")}
    fate = review.fates[row]
    if fate:
        return texts[fate]
    is_best = review.group.members[row].path == review.group.best
    return tr("Suggested: stays") if is_best else tr("Suggested: goes")


class MemberModel(QAbstractListModel):
    """The files of one group, the best first."""

    def __init__(self) -> None:
        super().__init__()
        self.review: Review | None = None
        self.photos: Mapping[int, Photo] = {}

    def set_review(self, review: Review | None) -> None:
        """Show another group, or other decisions about the same."""
        same = (
            review is not None
            and self.review is not None
            and review.group.members == self.review.group.members
        )
        if same:
            self.review = review
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))
            return
        self.beginResetModel()
        self.review = review
        self.endResetModel()

    def set_photos(self, photos: Mapping[int, Photo]) -> None:
        """Take what is known of the photos."""
        self.photos = photos
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def member(self, row: int) -> Member | None:
        """Return the file of a row."""
        if self.review is None or not 0 <= row < self.rowCount():
            return None
        return self.review.group.members[row]

    def photo_ids(self, row: int) -> list[int]:
        """Return the photo of a row."""
        member = self.member(row)
        return [] if member is None else [member.photo_id]

    def facts(self, row: int) -> list[Fact]:
        """Return the facts about the file of a row."""
        member = self.member(row)
        if member is None or self.review is None:
            return []
        return facts_of(member, best_of(self.review), self.photos)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of files."""
        if parent.isValid() or self.review is None:
            return 0
        return len(self.review.group.members)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the name, the path, and what is read aloud."""
        member = self.member(index.row())
        if member is None or self.review is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return name_text(member.path)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join((path_text(member.path), *member.reasons))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            facts = ", ".join(fact.text for fact in self.facts(index.row()))
            said = [name_text(member.path), fate_text(self.review, index.row()), facts]
            said += [path_text(member.path.parent), *member.reasons]
            return "; ".join(filter(None, said))
        return None


class MemberDelegate(QStyledItemDelegate):
    """Paints a file: photo, name and folder, facts, reasons, and what becomes of it."""

    def __init__(self, model: MemberModel, loader: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._loader = loader

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of three lines."""
        lines = tokens().pixels(LINES * space(5)) + space(3)
        return QSize(space(60), max(lines, space(THUMBNAIL) + space(3)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one file."""
        member, review = self._model.member(index.row()), self._model.review
        assert member is not None
        assert review is not None
        now = tokens()
        state: QStyle.StateFlag = option.state
        area: QRect = option.rect
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        paint_row(painter, QRectF(area), state)
        inside = QRectF(area).adjusted(space(3), space(1), -space(3), -space(1))
        photo = QRectF(inside.x(), 0, space(THUMBNAIL), space(THUMBNAIL))
        photo.moveTop(inside.center().y() - photo.height() / 2)
        fate = review.fates[index.row()]
        painter.setOpacity(now.offline_opacity if fate == "trash" else 1.0)
        paint_thumbnail(painter, photo, self._loader.pixmap(member.photo_id))
        painter.setOpacity(1.0)
        text = inside.adjusted(space(THUMBNAIL) + space(3), 0, 0, 0)
        fate_left = self._paint_fate(painter, text, review, index.row())
        self._paint_text(painter, text, fate_left, member, index.row())
        painter.restore()

    def _paint_fate(self, painter: QPainter, area: QRectF, review: Review, row: int) -> float:
        """Draw what becomes of a file at the right; return where that begins."""
        now = tokens()
        said, fate = fate_text(review, row), review.fates[row]
        icon, colour = ("check", now.good) if fate == "keep" else ("trash-2", now.attention)
        decided = bool(fate) or bool(review.group.kept_as)
        if not fate:
            stays = review.group.kept_as or review.group.members[row].path == review.group.best
            icon, colour = ("check" if stays else "trash-2"), now.secondary
        painter.setFont(theme.font("secondary"))
        width = painter.fontMetrics().horizontalAdvance(said)
        height = now.pixels(space(5))
        top = area.center().y() - LINES * height / 2
        line = QRectF(area.right() - width, top, width, height)
        painter.setPen(now.text if decided else now.secondary)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), said)
        mark = QRectF(0, 0, now.icon_small, now.icon_small)
        mark.moveCenter(line.center())
        mark.moveRight(line.left() - space(1))
        draw_icon(painter, icon, mark, colour)
        return mark.left() - space(2)

    def _paint_text(
        self, painter: QPainter, area: QRectF, first_right: float, member: Member, row: int
    ) -> None:
        now = tokens()
        height = now.pixels(space(5))
        top = area.center().y() - LINES * height / 2
        first = QRectF(area.x(), top, first_right - area.x(), height)
        painter.setFont(theme.font())
        name = name_text(member.path)
        used = _elided(painter, first, name, now.text, Qt.TextElideMode.ElideMiddle)
        rest = first.adjusted(used + space(2), 0, 0, 0)
        painter.setFont(theme.font("secondary"))
        if rest.width() > space(10):
            folder = path_text(member.path.parent)
            _elided(painter, rest, folder, now.secondary, Qt.TextElideMode.ElideLeft)
        line = QRectF(area.x(), top + height, area.width(), height)
        painter.setFont(theme.font("secondary", tabular=True))
        _paint_facts(painter, line, self._model.facts(row))
        line.translate(0, height)
        painter.setFont(theme.font("secondary"))
        review = self._model.review
        best = review is not None and member.path == review.group.best
        # What it is to the others says nothing of the one that all stand beside.
        said = sentence("; ".join(member.reasons if best else self._reasons(member)))
        _elided(painter, line, said, now.secondary, Qt.TextElideMode.ElideRight)

    def _reasons(self, member: Member) -> list[str]:
        review = self._model.review
        if review is None or not member.reasons:
            return []
        return [match_text(to_best(review, member)), *member.reasons]


def _paint_facts(painter: QPainter, line: QRectF, facts: list[Fact]) -> None:
    """Draw facts side by side; what differs stands on a ground of its own."""
    now = tokens()
    left = line.left()
    for fact in facts:
        width = painter.fontMetrics().horizontalAdvance(fact.text)
        inset = space(1) if fact.differs else 0
        if left + width + 2 * inset > line.right():
            return
        ground = QRectF(left, line.top() + 1, width + 2 * inset, line.height() - 2)
        if fact.differs:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.pressed)
            painter.drawRoundedRect(ground, now.radius_tile, now.radius_tile)
        painter.setPen(now.text if fact.differs else now.secondary)
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter), fact.text)
        left = ground.right() + space(3)


def _elided(
    painter: QPainter, line: QRectF, text: str, colour: QColor, mode: Qt.TextElideMode
) -> float:
    """Draw as much of a text as there is room for; return its width."""
    shown = painter.fontMetrics().elidedText(text, mode, max(0, int(line.width())))
    painter.setPen(colour)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown)
    return painter.fontMetrics().horizontalAdvance(shown)


def _texts(member: Member, photos: Mapping[int, Photo]) -> tuple[str, ...]:
    photo = photos.get(member.photo_id)
    if photo is None:
        return "", "", file_size(member.size), "", ""
    sides = f"{whole(photo.width)} × {whole(photo.height)}"
    taken = photo.metadata.taken
    return (
        sides,
        photo.format,
        file_size(member.size),
        moment(taken) if taken else "",
        photo.metadata.camera or "",
    )


def _missing(place: int) -> str:
    return (tr("no size"), tr("no format"), "", tr("no date"), tr("no camera"))[place]
