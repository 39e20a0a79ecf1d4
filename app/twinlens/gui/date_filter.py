"""When a photo was taken: parts of dates, and the popover that asks for them. GUI thread."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from twinlens.gui.theme import set_kind, space

_PREFIX = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Period:
    """From and to as ISO 8601 prefixes ("2024", "2024-05", "2024-05-31"), both inclusive."""

    first: str | None = None
    last: str | None = None

    @property
    def is_backwards(self) -> bool:
        """Whether it ends before it begins."""
        if self.first is None or self.last is None:
            return False
        known = min(len(self.first), len(self.last))
        return self.first[:known] > self.last[:known]


def iso_prefix(text: str) -> str | None:
    """Return a year, a month or a day as an ISO 8601 prefix; None where it is none of them.

    A day may also be written the short way of the user's language.
    """
    text = text.strip()
    found = _PREFIX.fullmatch(text)
    if found is None:
        day = QLocale().toDate(text, QLocale.FormatType.ShortFormat)
        return day.toString("yyyy-MM-dd") if day.isValid() else None
    parts = [part for part in found.groups() if part]
    year, month, day_number = (*map(int, parts), 1, 1)[:3]
    if not QDate(year, month, day_number).isValid():
        return None
    return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])])


def prefix_text(prefix: str) -> str:
    """Return an ISO 8601 prefix as people say it: "2024", "May 2024", "31 May 2024"."""
    parts = [int(part) for part in prefix.split("-")]
    if len(parts) == 1:
        return prefix
    locale = QLocale()
    month = locale.standaloneMonthName(parts[1], QLocale.FormatType.ShortFormat)
    if len(parts) == 2:
        return f"{month} {parts[0]}"
    return locale.toString(QDate(*parts), QLocale.FormatType.ShortFormat)


def period_text(period: Period) -> str:
    """Return a period in words; empty for any time."""
    first, last = period.first, period.last
    if first and last:
        if first == last:
            return prefix_text(first)
        return f"{prefix_text(first)} – {prefix_text(last)}"
    if first:
        return QCoreApplication.translate("DateFilter", "from {day}").format(day=prefix_text(first))
    if last:
        return QCoreApplication.translate("DateFilter", "until {day}").format(day=prefix_text(last))
    return ""


def presets(today: date) -> list[Period]:
    """Return the periods offered, as of a day: 30 days, this year, the year before."""
    this, before = str(today.year), str(today.year - 1)
    return [
        Period((today - timedelta(days=30)).isoformat(), None),
        Period(this, this),
        Period(before, before),
    ]


class DateFilter(QWidget):
    """Offers usual periods and asks for others.

    Signals:
        chosen(object): a Period.
        finished(): nothing more is to be chosen here.
    """

    chosen = Signal(object)
    finished = Signal()

    def __init__(self, period: Period, today: date) -> None:
        super().__init__()
        self.first = self._field(period.first, self.tr("Taken from"))
        self.last = self._field(period.last, self.tr("Taken until"))
        self.fault = QLabel(self)
        self.fault.setWordWrap(True)
        set_kind(self.fault, "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        names = (
            self.tr("Any time"),
            self.tr("Last 30 days"),
            self.tr("This year ({year})").format(year=today.year),
            self.tr("Last year ({year})").format(year=today.year - 1),
        )
        self.presets: list[QPushButton] = []
        for name, preset in zip(names, [Period(), *presets(today)], strict=True):
            button = QPushButton(name, self)
            set_kind(button, "quiet")
            button.setStyleSheet("text-align: left")
            button.clicked.connect(lambda _=False, preset=preset: self._choose(preset))
            self.presets.append(button)
            column.addWidget(button)
        form = QGridLayout()
        form.setContentsMargins(space(1), space(2), 0, 0)
        form.setSpacing(space(2))
        for row, (text, field) in enumerate(
            ((self.tr("From"), self.first), (self.tr("Until"), self.last))
        ):
            label = QLabel(text, self)
            label.setBuddy(field)
            form.addWidget(label, row, 0)
            form.addWidget(field, row, 1)
        column.addLayout(form)
        column.addWidget(self.fault)
        # Whoever opens it can type at once.
        self.setFocusProxy(self.first)
        self._say("")

    def showEvent(self, event: QShowEvent) -> None:
        """Let typing replace what was there."""
        self.first.selectAll()

    def _field(self, value: str | None, name: str) -> QLineEdit:
        field = QLineEdit(value or "", self)
        field.setPlaceholderText(self.tr("2024 or 2024-05-31"))
        field.setAccessibleName(name)
        field.setAcceptDrops(False)
        field.setToolTip(self.tr("A year, a month or a day"))
        field.editingFinished.connect(self._typed)
        field.returnPressed.connect(self._entered)
        return field

    def _typed(self) -> bool:
        """Take over what was typed; return whether all of it could be understood."""
        found: list[str | None] = []
        for field in (self.first, self.last):
            text = field.text().strip()
            prefix = iso_prefix(text) if text else None
            if text and prefix is None:
                self._say(
                    self.tr("“{text}” is no date. Write a year, a month or a day.").format(
                        text=text
                    )
                )
                return False
            found.append(prefix)
        period = Period(*found)
        if period.is_backwards:
            self._say(self.tr("This ends before it begins. Write the earlier date first."))
            return False
        self._say("")
        self.chosen.emit(period)
        return True

    def _entered(self) -> None:
        if self._typed():
            self.finished.emit()

    def _choose(self, period: Period) -> None:
        self.first.setText(period.first or "")
        self.last.setText(period.last or "")
        self._say("")
        self.chosen.emit(period)
        self.finished.emit()

    def _say(self, sentence: str) -> None:
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))
