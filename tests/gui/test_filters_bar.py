"""The filters: every one can be set, seen, taken away and restored; the window hears of it once."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Expected
from twinlens.gui.arrangement import Order
from twinlens.gui.date_filter import DateFilter, Period, iso_prefix, period_text, presets
from twinlens.gui.filter_pill import FilterPill
from twinlens.gui.filters_bar import FiltersBar
from twinlens.gui.score_filter import ScoreFilter
from twinlens.records import Filters, Tile

FOLDERS = [Path("/photos"), Path("/media/usb")]
ALL = Filters(Path("/photos"), "img", "2023", "2024-05", "portrait", 0.595, label="mountain bike")


@pytest.fixture(autouse=True)
def english(expect_warning: Expected) -> Iterator[None]:
    for noise in ("raise()", "grabbing the keyboard", "grabbing the mouse"):
        expect_warning(f"This plugin does not support {noise}")
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.setLayout(QVBoxLayout())
    made.resize(900, 600)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def bar(window: QWidget, qtbot: QtBot) -> FiltersBar:
    made = FiltersBar(window, today=lambda: date(2024, 6, 15))
    column = window.layout()
    assert isinstance(column, QVBoxLayout)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(made)
    column.addStretch(1)
    made.set_folders(FOLDERS)
    made.set_has_query(True)
    window.show()
    qtbot.waitExposed(window)
    return made


def choose(bar: FiltersBar, pill: FilterPill, text: str, qtbot: QtBot) -> None:
    QTest.mouseClick(
        pill, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(15, 15)
    )
    qtbot.waitUntil(lambda: any(menu.isVisible() for menu in bar.findChildren(QMenu)))
    menu = next(menu for menu in bar.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_folder_shape_and_order_from_menus(bar: FiltersBar, qtbot: QtBot) -> None:
    told: list[Filters] = []
    bar.changed.connect(lambda: told.append(bar.filters()))
    choose(bar, bar.folder, "/media/usb", qtbot)
    choose(bar, bar.shape, "Portrait", qtbot)
    assert told[-1] == Filters(folder=FOLDERS[1], orientation="portrait")
    assert bar.folder.value == "usb"
    assert bar.folder.accessibleName() == "Folder: /media/usb"
    choose(bar, bar.sort, "Name", qtbot)
    assert bar.order() is Order.NAME
    choose(bar, bar.folder, "All folders", qtbot)
    assert bar.filters() == Filters(orientation="portrait")
    assert len(told) == 4


def test_a_file_name_is_searched_for_after_typing(bar: FiltersBar, qtbot: QtBot) -> None:
    told: list[str | None] = []
    bar.changed.connect(lambda: told.append(bar.filters().name))
    bar.focus()
    QTest.keyClicks(bar.name, " img ")
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["img"]


def test_clearing_leaves_no_cross_in_the_empty_field(bar: FiltersBar, qtbot: QtBot) -> None:
    bar.name.setText("beach")
    crosses = [b for b in bar.name.findChildren(QToolButton) if b.x() > bar.name.width() / 2]
    assert len(crosses) == 1
    bar.set_filters(Filters())
    qtbot.waitUntil(lambda: not crosses[0].isVisible() or not crosses[0].isEnabled())


def test_dates_from_presets_and_by_typing(bar: FiltersBar, window: QWidget, qtbot: QtBot) -> None:
    bar.date.click()
    panel = window.findChild(DateFilter)
    assert isinstance(panel, DateFilter)
    with qtbot.waitSignal(bar.changed):
        QTest.mouseClick(panel.presets[2], Qt.MouseButton.LeftButton)
    assert (bar.filters().taken_from, bar.filters().taken_to) == ("2024", "2024")
    assert bar.date.value == "2024"
    qtbot.waitUntil(lambda: window.findChild(DateFilter) is None)
    bar.date.click()
    panel = window.findChild(DateFilter)
    assert isinstance(panel, DateFilter)
    panel.first.setText("2023-5")
    panel.last.setText("never")
    with qtbot.assertNotEmitted(bar.changed):
        QTest.keyClick(panel.last, Qt.Key.Key_Return)
    assert "“never” is no date" in panel.fault.text()
    # The frame grows with what is said, so that nothing covers the fields.
    qtbot.waitUntil(lambda: panel.fault.height() >= panel.fault.heightForWidth(panel.fault.width()))
    qtbot.waitUntil(lambda: panel.fault.geometry().top() > panel.last.geometry().bottom())
    assert panel.last.geometry().top() > panel.first.geometry().bottom()
    panel.last.setText("")
    with qtbot.waitSignal(bar.changed):
        QTest.keyClick(panel.last, Qt.Key.Key_Return)
    assert bar.filters() == Filters(taken_from="2023-05")
    assert bar.date.value == "from May 2023"


def test_dates_are_typed_without_the_mouse(bar: FiltersBar, window: QWidget, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar.date.setFocus()
    QTest.keyClick(bar.date, Qt.Key.Key_Return)
    panel = window.findChild(DateFilter)
    assert isinstance(panel, DateFilter)
    qtbot.waitUntil(panel.first.hasFocus)
    QTest.keyClicks(window.focusWidget(), "2023")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClicks(window.focusWidget(), "2024-02")
    with qtbot.waitSignal(bar.changed):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert bar.date.value == "2023 – Feb 2024"


@pytest.mark.parametrize(
    ("first", "last", "backwards"),
    [
        ("2024-08-15", "2024-07", True),
        ("2025", "2024-12-31", True),
        ("2024-08-15", "2024-08", False),
        ("2024", "2024-01", False),
    ],
)
def test_a_period_that_ends_before_it_begins_is_said_not_searched(
    bar: FiltersBar, window: QWidget, first: str, last: str, backwards: bool
) -> None:
    bar.date.click()
    panel = window.findChild(DateFilter)
    assert isinstance(panel, DateFilter)
    panel.first.setText(first)
    panel.last.setText(last)
    QTest.keyClick(panel.last, Qt.Key.Key_Return)
    assert ("ends before it begins" in panel.fault.text()) == backwards
    assert (bar.filters() == Filters()) == backwards


def results(reached: list[float], *, by_probability: bool) -> list[Tile]:
    """Return tiles with these scores, or with these probabilities and scores that differ less."""
    if not by_probability:
        return [Tile(n, f"{n}.jpg", 1, 4, 3, None, score) for n, score in enumerate(reached)]
    return [
        Tile(n, f"{n}.jpg", 1, 4, 3, None, 0.9 + chance / 20, probability=chance)
        for n, chance in enumerate(reached)
    ]


@pytest.mark.parametrize("by_probability", [False, True])
def test_the_least_score_says_how_many_stay(
    bar: FiltersBar, window: QWidget, qtbot: QtBot, by_probability: bool
) -> None:
    bar.set_results(results([0.98, 0.91, 0.904, 0.62, 0.6], by_probability=by_probability))
    bar.score.click()
    panel = window.findChild(ScoreFilter)
    assert isinstance(panel, ScoreFilter)
    assert panel.stay.text() == "5 results stay"
    told: list[Filters] = []
    bar.changed.connect(lambda: told.append(bar.filters()))
    for number in (70, 80, 91):
        panel.slider.setValue(number)
    assert panel.stay.text() == "2 results stay"
    qtbot.waitUntil(lambda: bool(told))
    if by_probability:
        assert told == [Filters(min_probability=0.91)]
        assert panel.number.text() == "At least 91 % likely the same thing"
        assert bar.score.value == "≥ 91 %"
        assert bar.score.accessibleName() == "Same thing: at least 91 % likely"
        assert "Two different dogs only look alike" in panel.meaning.text()
    else:
        assert [filters.min_score for filters in told] == [pytest.approx(0.905)]
        assert bar.score.value == "≥ 91"
        assert bar.score.accessibleName() == "Score: score 91 or more"
        assert panel.meaning.isHidden()
    bar.set_results(results([0.98, 0.91], by_probability=by_probability))
    panel.slider.setValue(60)
    assert panel.stay.text() == "…"
    bar.set_results(results([0.98, 0.91, 0.904, 0.62, 0.6], by_probability=by_probability))
    assert panel.stay.text() == "5 results stay"
    qtbot.waitUntil(lambda: len(told) == 2)
    QTest.mouseClick(panel.every, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: told[-1] == Filters())


def test_score_and_similarity_need_a_query(bar: FiltersBar, qtbot: QtBot) -> None:
    assert bar.score.isVisible()
    assert bar.sort.accessibleName() == "Order of the photos: Similarity"
    bar.set_has_query(False)
    assert not bar.score.isVisible()
    assert bar.sort.accessibleName() == "Order of the photos: Date"


def typing(bar: FiltersBar, window: QWidget, qtbot: QtBot, *known: str) -> list[Filters]:
    """Let the bar know words, put the cursor into its field; return what it tells from then on."""
    told: list[Filters] = []
    bar.changed.connect(lambda: told.append(bar.filters()))
    bar.words_wanted.connect(
        lambda text: bar.offer_words(text, [word for word in known if word.startswith(text)])
    )
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar.focus()
    return told


def offers(bar: FiltersBar) -> list[str]:
    return bar.name.offering.texts() if bar.name.offering is not None else []


def test_a_word_becomes_a_filter(bar: FiltersBar, window: QWidget, qtbot: QtBot) -> None:
    told = typing(bar, window, qtbot, "dog", "dogsled", "cat")
    QTest.keyClicks(bar.name, "do")
    assert offers(bar) == ["dog", "dogsled", "File names with “do”"]
    assert bar.name.accessibleDescription() == "2 words offered, choose with the arrow keys"
    QTest.keyClick(bar.name, Qt.Key.Key_Down)
    assert bar.name.accessibleDescription() == "dogsled"
    QTest.keyClick(bar.name, Qt.Key.Key_Up)
    QTest.keyClick(bar.name, Qt.Key.Key_Return)
    # Nothing was looked for in file names on the way.
    assert told == [Filters(label="dog")]
    assert offers(bar) == []
    assert bar.name.text() == ""
    assert bar.label.value == "Shows: dog"
    assert bar.label.accessibleName() == "Shows: dog"
    QTest.keyClicks(bar.name, "c")
    QTest.keyClick(bar.name, Qt.Key.Key_Return)
    assert told[1:] == [Filters(label="cat")]
    QTest.keyClick(bar.label, Qt.Key.Key_Delete)
    assert told[2:] == [Filters()]
    assert not bar.label.isVisible()


@pytest.mark.parametrize("keys", [(Qt.Key.Key_Up, Qt.Key.Key_Return), (Qt.Key.Key_Escape,)])
def test_a_word_may_be_meant_for_file_names(
    bar: FiltersBar, window: QWidget, qtbot: QtBot, keys: tuple[Qt.Key, ...]
) -> None:
    told = typing(bar, window, qtbot, "dog")
    QTest.keyClicks(bar.name, "dog")
    for key in keys:
        QTest.keyClick(bar.name, key)
    qtbot.waitUntil(lambda: told == [Filters(name="dog")])
    assert bar.name.text() == "dog"
    assert bar.note.isHidden()


@pytest.mark.parametrize(
    ("typed", "wanted"), [("dog", Filters(label="dog")), ("do", Filters(name="do"))]
)
def test_who_goes_elsewhere_means_the_word_only_when_it_is_whole(
    bar: FiltersBar, window: QWidget, qtbot: QtBot, typed: str, wanted: Filters
) -> None:
    told = typing(bar, window, qtbot, "dog", "dogsled")
    QTest.keyClicks(bar.name, typed)
    bar.shape.setFocus()
    qtbot.waitUntil(lambda: told == [wanted])


def test_a_row_is_chosen_with_the_mouse(bar: FiltersBar, window: QWidget, qtbot: QtBot) -> None:
    told = typing(bar, window, qtbot, "dog", "dogsled")
    QTest.keyClicks(bar.name, "dog")
    assert bar.name.offering is not None
    rows = bar.name.offering.list
    where = rows.visualItemRect(rows.item(1)).center()
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, none, where)
    assert told == [Filters(label="dogsled")]


def test_a_word_that_nobody_knows_is_looked_for_in_file_names_and_that_is_said(
    bar: FiltersBar, window: QWidget, qtbot: QtBot
) -> None:
    told = typing(bar, window, qtbot, "dog")
    QTest.keyClicks(bar.name, "wedding")
    qtbot.waitUntil(lambda: told == [Filters(name="wedding")])
    assert "no word “wedding”" in bar.note.text()
    assert bar.note.isVisible()
    bar.name.selectAll()
    QTest.keyClicks(bar.name, "img_12")
    qtbot.waitUntil(lambda: told[1:] == [Filters(name="img_12")])
    assert bar.note.isHidden()


def test_a_label_alone_is_ordered_by_how_sure_it_is(bar: FiltersBar, qtbot: QtBot) -> None:
    bar.set_has_query(False)
    bar.search_for("dog")
    assert bar.sort.accessibleName() == "Order of the photos: Surest first"
    choose(bar, bar.sort, "Date", qtbot)
    assert bar.order() is Order.DATE
    bar.set_has_query(True)
    choose(bar, bar.sort, "Similarity", qtbot)
    assert bar.order() is Order.SIMILARITY


def test_filters_are_restored_in_silence_and_taken_away_one_by_one(
    bar: FiltersBar, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(bar.changed, wait=200):
        bar.set_filters(ALL)
    assert bar.filters() == ALL
    assert bar.name.text() == "img"
    for pill in (bar.folder, bar.date, bar.shape, bar.score, bar.label):
        assert pill.value
        with qtbot.waitSignal(bar.changed):
            QTest.keyClick(pill, Qt.Key.Key_Delete)
        assert not pill.value
    assert bar.filters() == Filters(name="img")
    with qtbot.waitSignal(bar.changed):
        QTest.mouseClick(bar.clear, Qt.MouseButton.LeftButton)
    assert bar.filters() == Filters()
    assert not bar.clear.isVisible()


def test_a_cross_takes_a_filter_away(bar: FiltersBar, qtbot: QtBot) -> None:
    bar.set_filters(ALL)
    none = Qt.KeyboardModifier.NoModifier
    qtbot.waitUntil(lambda: bar.shape.width() > 40)
    with qtbot.waitSignal(bar.changed):
        end = QPoint(bar.shape.width() - 16, 15)
        QTest.mouseClick(bar.shape, Qt.MouseButton.LeftButton, none, end)
    assert bar.filters().orientation is None


@pytest.mark.parametrize("width", [584, 640, 760, 900, 1280])
def test_nothing_is_cut_at_any_width(
    bar: FiltersBar, window: QWidget, width: int, qtbot: QtBot
) -> None:
    pills = (bar.folder, bar.date, bar.shape, bar.score, bar.label, bar.sort)
    window.resize(width, 600)
    for filters in (Filters(), Filters(taken_from="2024", taken_to="2024"), Filters(label="dog")):
        bar.set_filters(filters)
        qtbot.waitUntil(
            lambda: all(
                pill.width() >= pill.minimumSizeHint().width()
                and pill.geometry().right() < min(width, bar.width())
                for pill in pills
                if pill.isVisible()
            )
        )


def as_wide_as(bar: FiltersBar, width: int) -> bool:
    return bar.width() == width


def test_words_go_only_where_there_is_no_room(
    bar: FiltersBar, window: QWidget, qtbot: QtBot
) -> None:
    pills = (bar.folder, bar.date, bar.shape, bar.score)
    for width in range(560, 1000, 20):
        window.resize(width, 600)
        qtbot.waitUntil(partial(as_wide_as, bar, width))
        cut = [pill for pill in pills if pill.sizeHint().width() < pill.full_width()]
        free = width - sum(pill.sizeHint().width() for pill in (*pills, bar.sort))
        # Besides, there are the field, the gaps and the margins.
        assert not cut or free < bar.name.sizeHint().width() + 7 * 8 + 24 + cut[0].full_width()
    assert not cut


def test_parts_of_dates() -> None:
    assert [iso_prefix(text) for text in ("2024", " 2024-5 ", "2024-05-31", "31/05/2024")] == [
        "2024",
        "2024-05",
        "2024-05-31",
        "2024-05-31",
    ]
    for text in ("2024-0", "2024-", "2024-13", "2024-05-0", "2024-02-30", "24", "yesterday", ""):
        assert iso_prefix(text) is None, text
    assert period_text(Period("2023", "2024-05")) == "2023 – May 2024"
    assert period_text(Period(None, "2024-05-31")) == "until 31/05/2024"
    assert period_text(Period()) == ""
    assert presets(date(2024, 1, 10))[0] == Period("2023-12-11", None)
