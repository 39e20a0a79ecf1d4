"""What the model of the grid says, watched by Qt's own model tester."""

import os
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.grid import tile, tiles
from twinlens.gui.arrangement import Order, arrange
from twinlens.gui.results_model import ResultsModel, Role
from twinlens.gui.wording import moment
from twinlens.records import MatchClass


@pytest.fixture(autouse=True)
def british() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_GB"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def model(qapp: QApplication) -> ResultsModel:
    return ResultsModel()


def spoken(model: ResultsModel, row: int = 0) -> str:
    return str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_it_keeps_the_rules_of_qt_models(model: ResultsModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.set_tiles(tiles(30))
    model.set_tiles(tiles(30), Order.DATE, sections=True)
    model.remove_photos([3, 4, 99])
    model.set_tiles([])
    tester.deleteLater()


def test_every_role_speaks_of_the_right_tile(model: ResultsModel) -> None:
    given = [tile(5), tile(7, score=0.5, match=MatchClass.EDITED, copies=3, offline=True)]
    model.set_tiles(given)
    index = model.index(1, 0)
    assert index.data(Role.TILE) == given[1]
    assert index.data(Role.PHOTO_ID) == 7
    assert index.data(Role.PATH) == given[1].path
    assert index.data(Role.SCORE) == 0.5
    assert index.data(Role.MATCH) == MatchClass.EDITED
    assert index.data(Role.COPIES) == 3
    assert index.data(Role.OFFLINE) is True
    assert index.data(Role.RANK) == 2
    assert index.data(Qt.ItemDataRole.DisplayRole) == "IMG_000007.jpg"
    assert model.tile(1) == given[1]
    assert (model.row_of(7), model.row_of(6)) == (1, None)
    assert QModelIndex().data(Role.TILE) is None


def test_a_hit_is_spoken_with_rank_class_score_and_name(model: ResultsModel) -> None:
    model.set_tiles([tile(1, name="Beach.jpg", score=0.982, match=MatchClass.SAME_BYTES, copies=2)])
    assert spoken(model) == "Rank 1, The same file, byte for byte, score 98, Beach.jpg, 2 copies"


def test_a_photo_without_a_query_is_spoken_with_name_and_date(model: ResultsModel) -> None:
    model.set_tiles([tile(1, name="Beach.jpg", taken="2024-05-02", offline=True)])
    assert spoken(model) == f"Beach.jpg, {moment('2024-05-02')}, offline"


def test_the_tip_explains_the_score_and_the_copies(model: ResultsModel) -> None:
    model.set_tiles([tile(1, score=0.9824, match=MatchClass.ALIKE, copies=2, offline=True)])
    text = str(model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    for part in ("IMG_000001.jpg", "0.9824", "Looks alike", "2 copies", "offline"):
        assert part in text


def test_months_have_titles(model: ResultsModel) -> None:
    model.set_tiles([tile(1, taken="2024-05-02"), tile(2)], sections=True)
    assert [model.section_title(section) for section in (0, 1)] == ["May 2024", "No date"]


@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_a_name_that_is_no_text_is_shown_and_dragged(model: ResultsModel) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    model.set_tiles([tile(1, name=name)])
    assert spoken(model) == "caf\ufffd.jpg"
    mime = model.mimeData([model.index(0, 0)])
    assert bytes(mime.urls()[0].toEncoded().data()).endswith(b"caf%E9.jpg")


def test_tiles_can_be_chosen_and_dragged_but_not_edited(model: ResultsModel) -> None:
    model.set_tiles(tiles(1))
    flags = model.flags(model.index(0, 0))
    assert flags & Qt.ItemFlag.ItemIsDragEnabled
    assert flags & Qt.ItemFlag.ItemIsSelectable
    assert not flags & Qt.ItemFlag.ItemIsEditable
    assert model.supportedDragActions() == Qt.DropAction.CopyAction
    assert model.mimeTypes() == ["text/uri-list", "application/x-twinlens-photo"]


def test_new_tiles_are_one_reset(model: ResultsModel, qtbot: QtBot) -> None:
    arrangement = arrange(tiles(50), Order.NAME)
    with qtbot.waitSignals([model.modelAboutToBeReset, model.modelReset]):
        model.set_arrangement(arrangement, keep_place=True)
    assert model.keeps_place
    assert model.rowCount() == 50
    model.set_tiles(tiles(2))
    assert not model.keeps_place
