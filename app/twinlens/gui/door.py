"""The library as the widgets reach it: maybe not open yet, maybe swapped. Runs on any thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from twinlens.errors import AppError, UnreadableImageError
from twinlens.gui.wording import name_text
from twinlens.records import Comparison, Example, Photo
from twinlens.reports import HeatMaps

if TYPE_CHECKING:
    from twinlens.library import Library


class Door:
    """Hands every question to the library that is open now."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._opened: list[Library] = []

    @property
    def is_open(self) -> bool:
        """Whether there is a library behind the door."""
        return self._library is not None

    @property
    def library(self) -> "Library":
        """The library.

        Raises:
            AppError: it is not open yet, or could not be opened.
        """
        if self._library is None:
            raise AppError("The library is not open yet.", "Try again in a moment.")
        return self._library

    def put(self, library: "Library") -> None:
        """Use a library from now on; the one before stays open for who still asks it."""
        self._opened.append(library)
        self._library = library

    def close(self) -> None:
        """Close every library that was behind the door."""
        self._library = None
        for library in reversed(self._opened):
            library.close()
        self._opened.clear()

    def preview(self, example: Example, long_side: int) -> tuple[bytes, int, int]:
        """Return (RGB bytes, width, height) of an example, at most `long_side` long.

        Raises:
            UnreadableImageError: it cannot be shown; the sentence names the file.
        """
        try:
            return self.library.preview(example, long_side)
        except UnreadableImageError as error:
            if example.path is None:
                raise
            sentence = f"{name_text(example.path)}: {error.message}"
            raise UnreadableImageError(error.code, sentence, error.hint) from error

    def photo(self, photo_id: int) -> Photo | None:
        """Return what is known of a photo."""
        return self.library.photo(photo_id)

    def paths(self, photo_id: int) -> list[Path]:
        """Return the files where a photo lies."""
        return self.library.paths(photo_id)

    def labels(self, photo_id: int) -> list[tuple[str, float]] | None:
        """Return what a photo shows and how sure each is; None while nobody has looked at it."""
        return self.library.labels(photo_id)

    def compare(self, a: Example, b: Example) -> Comparison:
        """Return what two pictures have in common."""
        return self.library.compare(a, b)

    def heat_maps(self, a: Example, b: Example) -> HeatMaps:
        """Return two pictures under colours that show what makes them alike."""
        return self.library.heat_maps(a, b)

    def copy_to(self, paths: list[Path], folder: Path) -> list[Path]:
        """Copy files into a folder without overwriting any; return the copies."""
        return self.library.copy_to(paths, folder)

    def thumbnail(self, photo_id: int) -> bytes | None:
        """Return the encoded thumbnail of a photo, None when there is none."""
        return self.library.thumbnail(photo_id)
