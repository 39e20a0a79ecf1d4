"""The groups of a review as a list of any length: thumbnails, words, bytes. GUI thread."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from twinlens.gui import theme
from twinlens.gui.icons import draw_icon
from twinlens.gui.labels import fitting
from twinlens.gui.photo_rows import paint_row, paint_thumbnail
from twinlens.gui.review_steps import gain_of
from twinlens.gui.text import files, tr
from twinlens.gui.theme import space, tokens
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.wording import file_size, group_text, name_text, whole
from twinlens.reports import Review

Index = QModelIndex | QPersistentModelIndex
#: Steps of the side of a thumbnail in a row.
THUMBNAIL = 12
#: Photos of a group that a row can show at most.
MOST = 8


class ReviewModel(QAbstractListModel):
    """Groups in the order they are to be looked at."""

    ReviewRole = Qt.ItemDataRole.UserRole + 1

    def __init__(self) -> None:
        super().__init__()
        self._reviews: list[Review] = []
        #: Bytes that all groups shown would gain; kept in step, for there may be thousands.
        self.gain = 0

    @property
    def reviews(self) -> Sequence[Review]:
        """The groups shown."""
        return self._reviews

    def set_reviews(self, reviews: Sequence[Review]) -> None:
        """Show other groups."""
        self.beginResetModel()
        self._reviews = list(reviews)
        self.gain = sum(map(gain_of, reviews))
        self.endResetModel()

    def put(self, row: int, review: Review) -> None:
        """Show what became of a group, in its place."""
        self.gain += gain_of(review) - gain_of(self._reviews[row])
        self._reviews[row] = review
        self.dataChanged.emit(self.index(row), self.index(row))

    def insert(self, row: int, reviews: Sequence[Review]) -> None:
        """Put groups before a row."""
        if reviews:
            row = min(row, len(self._reviews))
            self.beginInsertRows(QModelIndex(), row, row + len(reviews) - 1)
            self._reviews[row:row] = reviews
            self.gain += sum(map(gain_of, reviews))
            self.endInsertRows()

    def remove(self, row: int) -> None:
        """Let a group go."""
        self.beginRemoveRows(QModelIndex(), row, row)
        self.gain -= gain_of(self._reviews.pop(row))
        self.endRemoveRows()

    def photo_ids(self, row: int) -> list[int]:
        """Return the photos that a row shows."""
        return [member.photo_id for member in self._reviews[row].group.members[:MOST]]

    def row_of(self, group: str) -> int:
        """Return the row of a group by its name; -1 where it is not shown."""
        found = (row for row, one in enumerate(self._reviews) if one.group.group == group)
        return next(found, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of groups."""
        return 0 if parent.isValid() else len(self._reviews)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the group, its name, and what is read aloud."""
        if not index.isValid():
            return None
        review = self._reviews[index.row()]
        if role == self.ReviewRole:
            return review
        if role == Qt.ItemDataRole.DisplayRole:
            return name_text(review.group.best)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            said = [group_text(review.group), files(len(review.group.members))]
            if gain := gain_of(review):
                said.append(tr("{0} to gain").format(file_size(gain)))
            if review.settled:
                said.append(tr("decided"))
            return f"{name_text(review.group.best)}: {', '.join(said)}"
        return None


class ReviewDelegate(QStyledItemDelegate):
    """Paints a group: its photos, what they are to each other, how many, what can be gained."""

    def __init__(self, loader: ThumbnailLoader, parent: QWidget) -> None:
        super().__init__(parent)
        self._loader = loader

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of photos and a line of text."""
        line = tokens().pixels(space(5))
        return QSize(space(40), space(THUMBNAIL) + line + space(6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one group."""
        review = index.data(ReviewModel.ReviewRole)
        assert isinstance(review, Review)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        paint_row(painter, QRectF(area), state)
        inside = area.adjusted(space(3), space(2), -space(3), -space(2))
        self._paint_photos(painter, inside, review)
        self._paint_words(painter, inside, review)
        painter.restore()

    def _paint_photos(self, painter: QPainter, inside: QRect, review: Review) -> None:
        side, now = space(THUMBNAIL), tokens()
        members = review.group.members
        room = max(1, (inside.width() + now.gap) // (side + now.gap))
        room = min(room, MOST)
        shown = members if len(members) <= room else members[: max(1, room - 1)]
        place = QRectF(inside.x(), inside.y(), side, side)
        for member, fate in zip(shown, review.fates, strict=False):
            painter.setOpacity(now.offline_opacity if fate == "trash" else 1.0)
            paint_thumbnail(painter, place, self._loader.pixmap(member.photo_id))
            painter.setOpacity(1.0)
            place.translate(side + now.gap, 0)
        if len(shown) < len(members):
            painter.setPen(now.secondary)
            painter.setFont(theme.font("secondary"))
            more = tr("+{0}").format(whole(len(members) - len(shown)))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), more)

    def _paint_words(self, painter: QPainter, inside: QRect, review: Review) -> None:
        now, group = tokens(), review.group
        line = QRectF(inside)
        line.setTop(line.bottom() - now.pixels(space(5)))
        middle = Qt.AlignmentFlag.AlignVCenter
        gain = gain_of(review)
        painter.setFont(theme.font("secondary", tabular=True))
        painter.setPen(now.text)
        right = file_size(gain) if gain else ""
        width = painter.fontMetrics().horizontalAdvance(right)
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), right)
        if review.settled and not group.kept_as:
            mark = QRectF(line.x(), line.center().y() - now.icon_small / 2, *(now.icon_small,) * 2)
            draw_icon(painter, "check", mark, now.good)
            line.setLeft(mark.right() + space(1))
        line.setRight(line.right() - width - space(2))
        painter.setPen(now.secondary)
        painter.setFont(theme.font("secondary"))
        what, count = group_text(group, short=True), len(group.members)
        metrics = painter.fontMetrics()
        # The pictures tell how many there are where there is no room for the number.
        texts = (f"{files(count)} · {what}", f"{whole(count)} · {what}", what)
        said = fitting(metrics, texts, line.width())
        text = metrics.elidedText(said, Qt.TextElideMode.ElideRight, round(line.width()))
        painter.drawText(line, int(middle), text)
