"""The pages beside the photos: failures and settings."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QPushButton,
    QRadioButton,
    QToolButton,
    QTreeView,
)
from pytestqt.qtbot import QtBot

from twinlens.gui import theme
from twinlens.gui.failures_model import FailuresModel, failed_count, grouped
from twinlens.gui.failures_view import FailuresView
from twinlens.gui.settings_page import SettingsPage
from twinlens.records import Folder, FolderState
from twinlens.reports import Failure, ModelInfo
from twinlens.settings import Settings


def many_failures(number: int = 1200) -> list[Failure]:
    damaged = [
        Failure(
            Path(f"/photos/{n // 100}/broken-{n:04}.jpg"), "damaged", "The file ends early.", ""
        )
        for n in range(number)
    ]
    return [
        Failure(Path("/photos/a.mov"), "video", "It is a video.", ""),
        *damaged,
        Failure(Path("/photos/secret.png"), "permission", "Permission denied.", "Allow reading."),
    ]


def test_failures_are_grouped_by_reason_with_what_was_left_out_last() -> None:
    groups = grouped(many_failures())
    assert [(group.title, len(group.rows)) for group in groups] == [
        ("Damaged", 1200),
        ("Twinlens may not read them", 1),
        ("Videos", 1),
    ]
    assert failed_count(many_failures()) == 1201


def test_the_failures_model_is_sound(qtmodeltester: Any) -> None:
    model = FailuresModel()
    model.set_failures(many_failures(30))
    qtmodeltester.check(model)
    heading = model.index(0, 0)
    assert heading.data() == "Damaged · 30 files"
    assert model.index(3, 0, heading).data() == "broken-0003.jpg"
    assert model.index(3, 2, heading).data() == str(Path("/photos/0"))


def test_a_thousand_failures_can_be_looked_through(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.set_failures(many_failures(), writable=True)
    view.show()
    tree = view.findChild(QTreeView)
    assert isinstance(tree, QTreeView)
    assert not tree.isExpanded(tree.model().index(0, 0))
    assert tree.isExpanded(tree.model().index(1, 0))
    secret = tree.model().index(0, 0, tree.model().index(1, 0))
    tree.setCurrentIndex(secret)
    retry, show, copy = view.findChildren(QPushButton)
    with qtbot.waitSignal(view.show_file) as asked:
        show.click()
    assert asked.args == [Path("/photos/secret.png")]
    with qtbot.waitSignal(view.retry):
        retry.click()
    copy.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1202
    # The same list again must not fold what was unfolded.
    view.set_failures(many_failures(), writable=True)
    assert tree.currentIndex() == secret


def test_the_reason_gets_the_room_there_is(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    view.resize(1000, 500)
    view.set_failures(many_failures(5), writable=True)
    view.show()
    tree = view.findChild(QTreeView)
    assert tree is not None
    before = tree.columnWidth(1)
    view.resize(1400, 500)
    qtbot.waitUntil(lambda: tree.columnWidth(1) == before + 400)
    assert tree.columnWidth(2) < tree.columnWidth(1)


def test_without_failures_the_page_says_so(qtbot: QtBot) -> None:
    view = FailuresView()
    qtbot.addWidget(view)
    view.set_failures([], writable=True)
    tree = view.findChild(QTreeView)
    assert isinstance(tree, QTreeView)
    assert tree.isHidden()
    assert tree.model().rowCount(QModelIndex()) == 0


def test_every_choice_takes_effect_at_once(qtbot: QtBot) -> None:
    page = SettingsPage()
    qtbot.addWidget(page)
    page.set_settings(Settings(), starts_with_system=False)
    page.set_folders([], writable=True)
    by_name = {button.text(): button for button in page.findChildren(QRadioButton)}
    for label, wanted in (
        ("Dark", replace(Settings(), theme="dark")),
        ("Half of the cores", replace(Settings(), theme="dark", cpu_share=0.5)),
        ("Processor", replace(Settings(), theme="dark", cpu_share=0.5, device="cpu")),
    ):
        with qtbot.waitSignal(page.changed) as changed:
            by_name[label].click()
        assert changed.args == [wanted]
    boxes = {box.text(): box for box in page.findChildren(QCheckBox)}
    with qtbot.waitSignal(page.start_with_system) as asked:
        boxes["Start with the system"].click()
    assert asked.args == [True]
    with qtbot.waitSignal(page.changed) as changed:
        boxes["Go on watching when the window is closed"].click()
    assert changed.args[0].stay_in_tray is False
    languages = page.findChild(QComboBox)
    assert isinstance(languages, QComboBox)
    assert [languages.itemData(row) for row in range(languages.count())] == ["system", "en"]


def test_models_and_folders_are_offered(qtbot: QtBot) -> None:
    page = SettingsPage()
    qtbot.addWidget(page)
    page.set_models(
        [
            ModelInfo("efficientnet-lite0", "a", 1280, True, "Apache-2.0"),
            ModelInfo("efficientnet-lite2", "b", 1280, False, "Apache-2.0"),
        ]
    )
    folder = Folder(Path("/photos"), FolderState.WATCHING, 12, 12, excludes=("*.tif",))
    page.set_folders([folder], writable=True)
    lite2 = next(b for b in page.findChildren(QRadioButton) if b.text() == "efficientnet-lite2")
    with qtbot.waitSignal(page.model_chosen) as chosen:
        lite2.click()
    assert chosen.args == ["efficientnet-lite2"]
    page.show()
    lite2.setFocus()
    page.set_models(
        [
            ModelInfo("efficientnet-lite0", "a", 1280, False, "Apache-2.0"),
            ModelInfo("efficientnet-lite2", "b", 1280, True, "Apache-2.0"),
        ]
    )
    assert page.focusWidget() is lite2
    assert lite2.isChecked()
    assert lite2.accessibleDescription().startswith("In use.")
    forget = next(b for b in page.findChildren(QToolButton) if "Forget" in b.accessibleName())
    with qtbot.waitSignal(page.forget) as asked:
        forget.click()
    assert asked.args == [Path("/photos")]


def test_a_chosen_failure_is_one_flat_band(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply_theme(qapp, "light")
    view = FailuresView()
    qtbot.addWidget(view)
    view.resize(1000, 500)
    view.set_failures(many_failures(5), writable=True)
    view.show()
    qtbot.waitExposed(view)
    tree = view.findChild(QTreeView)
    assert tree is not None
    model = tree.model()
    group = next(
        model.index(row, 0)
        for row in range(model.rowCount())
        if tree.isExpanded(model.index(row, 0))
    )
    tree.setCurrentIndex(model.index(0, 0, group))
    place = tree.visualRect(model.index(0, 1, group))
    band = tree.viewport().grab().toImage()
    colours = {
        band.pixelColor(x, y).name()
        for x in (2, place.right() - 4)
        for y in (place.top() + 2, place.center().y(), place.bottom() - 2)
    }
    theme.apply_theme(qapp, "system")
    assert len(colours) == 1
