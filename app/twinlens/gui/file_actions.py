"""What can be done with the files of photos, other than moving them away. GUI thread."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from twinlens.errors import AppError
from twinlens.gui.csv_list import write_csv
from twinlens.gui.file_manager import FileManager
from twinlens.gui.pictures import Pictures, load_image
from twinlens.gui.tasks import Tasks
from twinlens.gui.wording import name_text, path_text, photo_count
from twinlens.records import Example, Tile

MOST_REVEALED = 20
"""More selected files in a file manager help nobody, and may open as many windows."""

LARGEST_COPY = 8192
"""Long side of a copied picture; the clipboard keeps it uncompressed."""


class FileActions(QObject):
    """Carries acts out and says what came of them.

    Args:
        pictures: gives the pixels to copy.
        copy_to: copies files into a folder without overwriting any, and returns the copies.
        tasks: where slow work runs.
        window: what dialogs belong to.

    Signals:
        said(str, str): the kind of a message ("good", "attention", "failed") and its sentence.
    """

    said = Signal(str, str)

    def __init__(
        self,
        pictures: Pictures,
        copy_to: Callable[[list[Path], Path], list[Path]],
        tasks: Tasks,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._pictures = pictures
        self._copy_to = copy_to
        self._tasks = tasks
        self._window = window
        self._manager = FileManager(self)

    def show_in_folder(self, paths: Sequence[Path]) -> None:
        """Show files in the file manager."""
        wanted = list(paths)[:MOST_REVEALED]
        self._if_there(wanted, lambda: self._manager.reveal(wanted))

    def open_with(self, path: Path) -> None:
        """Open a file in another program."""

        def open_it() -> None:
            if not self._manager.open(path):
                self.said.emit(
                    "attention",
                    self.tr(
                        "No program is set up to open {name}. Show it in its folder and choose one."
                    ).format(name=name_text(path)),
                )

        self._if_there([path], open_it)

    def copy_image(self, tile: Tile) -> None:
        """Put the pixels of a photo into the clipboard."""

        def done(image: QImage) -> None:
            QGuiApplication.clipboard().setImage(image)
            text = self.tr("{name} is in the clipboard.").format(name=name_text(tile.path))
            self.said.emit("good", text)

        example = Example(photo_id=tile.photo_id)
        self._tasks.run(
            "look",
            lambda: load_image(self._pictures, example, LARGEST_COPY),
            done,
            self._failed,
            key="copy-image",
        )

    def copy_paths(self, paths: Sequence[Path]) -> None:
        """Put paths into the clipboard, one a line."""
        if not paths:
            return
        QGuiApplication.clipboard().setText("\n".join(path_text(path) for path in paths))
        if len(paths) == 1:
            text = self.tr("The path of {name} is in the clipboard.")
            self.said.emit("good", text.format(name=name_text(paths[0])))
        else:
            text = self.tr("The paths of {photos} are in the clipboard.")
            self.said.emit("good", text.format(photos=photo_count(len(paths))))

    def copy_to_folder(self, paths: Sequence[Path]) -> None:
        """Ask for a folder and copy files there."""
        wanted = list(paths)
        if not wanted:
            return
        title = self.tr("Copy {photos} to a folder").format(photos=photo_count(len(wanted)))
        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Copy here"))
        dialog.filesSelected.connect(lambda names: self.copy_into(wanted, Path(names[0])))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def copy_into(self, paths: list[Path], folder: Path) -> None:
        """Copy files into a folder; what is there already is never overwritten."""

        def done(copies: list[Path]) -> None:
            text = self.tr("{photos} copied to {folder}.")
            self.said.emit(
                "good",
                text.format(photos=photo_count(len(copies)), folder=path_text(folder)),
            )

        self._tasks.run("library", lambda: self._copy_to(paths, folder), done, self._failed)

    def save_list(self, tiles: Sequence[Tile]) -> None:
        """Ask for a file name and save the photos there as CSV."""
        dialog = QFileDialog(self._window, self.tr("Save the list of photos"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Table (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("photos.csv")
        dialog.fileSelected.connect(lambda name: self.save_list_as(tiles, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_list_as(self, tiles: Sequence[Tile], target: Path) -> None:
        """Save the photos as CSV in a file."""

        def done(count: int) -> None:
            text = self.tr("{photos} listed in {name}.")
            self.said.emit("good", text.format(photos=photo_count(count), name=name_text(target)))

        self._tasks.run("library", lambda: write_csv(tiles, target), done, self._failed)

    def _if_there(self, paths: list[Path], act: Callable[[], None]) -> None:
        """Act on files that exist; looking may take long where a network drive sleeps."""

        def missing() -> Path | None:
            return next((path for path in paths if not path.exists()), None)

        def done(gone: Path | None) -> None:
            if gone is None:
                act()
                return
            text = self.tr("{path} cannot be reached. Connect its drive, or rescan its folder.")
            self.said.emit("attention", text.format(path=path_text(gone)))

        self._tasks.run("look", missing, done, self._failed)

    def _failed(self, error: AppError) -> None:
        self.said.emit("failed", str(error))
