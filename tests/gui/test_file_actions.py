"""Acts on files: the clipboard, copies, lists, the file manager, and what is said of them."""

import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.looking import MemoryPictures, three_photos, tiles_of
from twinlens.errors import AppError
from twinlens.gui.csv_list import HEADER, write_csv
from twinlens.gui.file_actions import FileActions
from twinlens.gui.file_manager import reveal_command, reveal_message
from twinlens.gui.tasks import Tasks
from twinlens.library.browsing import copy_to
from twinlens.records import MatchClass, Tile


@dataclass
class Opened:
    """Stands for the desktop: notes what it is asked to open."""

    urls: list[QUrl] = field(default_factory=list)
    has_program: bool = True

    def open(self, url: QUrl) -> bool:
        self.urls.append(url)
        return self.has_program


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    desktop = Opened()
    monkeypatch.setattr(QDesktopServices, "openUrl", desktop.open)
    return desktop


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.close()


@pytest.fixture
def pictures() -> MemoryPictures:
    return three_photos()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def actions(pictures: MemoryPictures, tasks: Tasks, window: QWidget) -> FileActions:
    return FileActions(pictures, copy_to, tasks, window)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = [folder / name for name in ("a.jpg", "b.jpg")]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


def test_the_picture_itself_goes_into_the_clipboard(
    actions: FileActions, pictures: MemoryPictures, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(actions.said) as said:
        actions.copy_image(tiles_of(pictures)[1])
    assert said.args == ["good", "2.jpg is in the clipboard."]
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (1600, 2400)
    assert image.pixelColor(3, 3) == QColor(0, 255, 0)


def test_paths_go_into_the_clipboard(actions: FileActions, files: list[Path], qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.said) as said:
        actions.copy_paths(files)
    assert QGuiApplication.clipboard().text() == f"{files[0]}\n{files[1]}"
    assert said.args == ["good", "The paths of 2 photos are in the clipboard."]


def test_copies_never_overwrite(
    actions: FileActions, files: list[Path], tmp_path: Path, qtbot: QtBot
) -> None:
    target = tmp_path / "chosen"
    target.mkdir()
    (target / "a.jpg").write_bytes(b"mine")
    with qtbot.waitSignal(actions.said) as said:
        actions.copy_into(files, target)
    assert said.args == ["good", f"2 photos copied to {target}."]
    assert (target / "a.jpg").read_bytes() == b"mine"
    assert (target / "a (2).jpg").read_bytes() == b"a.jpg"
    assert (target / "b.jpg").read_bytes() == b"b.jpg"


def test_a_copy_that_fails_says_why(
    actions: FileActions, files: list[Path], tmp_path: Path, qtbot: QtBot
) -> None:
    files[1].unlink()
    files[1].mkdir()
    with qtbot.waitSignal(actions.said) as said:
        actions.copy_into(files, tmp_path)
    assert said.args[0] == "failed"
    assert "b.jpg could not be copied" in said.args[1]


def test_the_file_manager_is_asked_for_the_folder(
    actions: FileActions, files: list[Path], opened: Opened, qtbot: QtBot
) -> None:
    actions.show_in_folder(files)
    qtbot.waitUntil(lambda: bool(opened.urls))
    assert [url.toLocalFile() for url in opened.urls] == [str(files[0].parent)]
    actions.open_with(files[1])
    qtbot.waitUntil(lambda: len(opened.urls) == 2)
    assert opened.urls[1].toLocalFile() == str(files[1])
    opened.has_program = False
    with qtbot.waitSignal(actions.said) as said:
        actions.open_with(files[0])
    assert said.args[0] == "attention"
    assert "No program is set up to open a.jpg" in said.args[1]


def test_a_file_that_is_gone_is_not_shown_but_named(
    actions: FileActions, tmp_path: Path, opened: Opened, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(actions.said) as said:
        actions.show_in_folder([tmp_path / "gone.jpg"])
    assert said.args[0] == "attention"
    assert "gone.jpg cannot be reached" in said.args[1]
    assert not opened.urls


def test_how_each_platform_selects_a_file() -> None:
    path = Path("/photos/a b.jpg")
    assert reveal_command(path, "win32") == ["explorer.exe", f"/select,{path}"]
    assert reveal_command(path, "darwin") == ["open", "-R", str(path)]
    assert reveal_command(path, "linux") is None
    message = reveal_message([path])
    assert message.member() == "ShowItems"
    assert message.arguments() == [["file:///photos/a%20b.jpg"], ""]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))


def test_the_list_as_a_table(
    actions: FileActions, pictures: MemoryPictures, tmp_path: Path, qtbot: QtBot
) -> None:
    target = tmp_path / "list.csv"
    tiles = tiles_of(pictures)
    tiles.append(Tile(9, Path('/photos/a, "b"\nc.jpg'), 3, 4, 5, "2024-05-01", None, None))
    tiles.append(Tile(10, Path("/x.jpg"), 1, 4, 5, None, -0.25, MatchClass.SAME_BYTES))
    with qtbot.waitSignal(actions.said) as said:
        actions.save_list_as(tiles, target)
    assert said.args == ["good", "5 photos listed in list.csv."]
    table = rows(target)
    assert table[0] == list(HEADER)
    assert table[1] == ["1", "/photos/1.jpg", "0.9000", "", "2400", "1600", "", "1"]
    assert table[4] == ["4", '/photos/a, "b"\nc.jpg', "", "", "4", "5", "2024-05-01", "3"]
    assert table[5][2:4] == ["-0.2500", "same-bytes"]
    assert not target.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_text_is_never_a_formula(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    names = ("=HYPERLINK(1)", "+1", "-1", "@x", "plain")
    write_csv((Tile(1, Path(name), 1, 1, 1, None) for name in names), target)
    assert [row[1] for row in rows(target)[1:]] == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@x",
        "plain",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only there names are bytes")
def test_names_that_are_not_text_keep_their_bytes(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    write_csv([Tile(1, Path(os.fsdecode(b"/caf\xe9.jpg")), 1, 1, 1, None)], target)
    assert b"1,/caf\xe9.jpg," in target.read_bytes()


def test_a_list_that_cannot_be_saved_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "gone" / "list.csv"
    with pytest.raises(AppError, match="could not be saved"):
        write_csv([], target)
    old = tmp_path / "list.csv"
    old.write_text("mine")

    def broken() -> Iterator[Tile]:
        yield Tile(1, Path("/a.jpg"), 1, 1, 1, None)
        raise OSError(28, "No space left on device")

    with pytest.raises(AppError, match="No space left"):
        write_csv(broken(), old)
    assert old.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [old]
