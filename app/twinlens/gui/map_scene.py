"""What the map shows: photos at places, those chosen, titles of galleries. Pure; GUI thread."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import numpy.typing as npt

from twinlens.gui.map_camera import Points

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Landmark:
    """The title of a gallery, at the photo in a row that stands for it; 0 is the finest level."""

    row: int
    title: str
    photos: int
    level: int


@dataclass(slots=True)
class Scene:
    """Photos by row: `ids` (n,) ascending, `places` (n, 2), `selected` (n,).

    `current` is the row of the photo in hand. `landmarks` are by row, those of most photos first.
    """

    ids: Ids
    places: Points
    selected: Mask
    current: int | None = None
    landmarks: dict[int, Landmark] = field(default_factory=dict)

    @property
    def landmark_rows(self) -> Ids:
        """Rows (m,) of photos that stand for a gallery, those of most photos first."""
        return np.fromiter(self.landmarks, dtype=np.int64, count=len(self.landmarks))

    def selected_ids(self) -> Ids:
        """Return the chosen photos."""
        found: Ids = self.ids[self.selected]
        return found

    def current_id(self) -> int | None:
        """Return the photo in hand."""
        return int(self.ids[self.current]) if self.current is not None else None

    def select(self, photo_ids: Sequence[int]) -> None:
        """Choose photos; the first one is in hand."""
        self.selected[:] = np.isin(self.ids, list(photo_ids))
        self.current = self.row_of(photo_ids[0]) if photo_ids else None

    def toggle(self, row: int) -> None:
        """Choose one photo more, or one less."""
        self.selected[row] ^= True
        self.current = row if self.selected[row] else None

    def row_of(self, photo_id: int | None) -> int | None:
        """Return the row of a photo, None when it is not on the map."""
        row = int(np.searchsorted(self.ids, photo_id)) if photo_id is not None else -1
        return row if 0 <= row < len(self.ids) and self.ids[row] == photo_id else None

    def nearest_ids(self, most: int) -> list[int]:
        """Return the photo in hand and those nearest to it."""
        if self.current is None:
            return []
        apart = ((self.places - self.places[self.current]) ** 2).sum(axis=1)
        nearest: list[int] = self.ids[np.argsort(apart, kind="stable")[:most]].tolist()
        return nearest

    def towards(self, dx: int, dy: int, start: tuple[float, float]) -> int | None:
        """Return the next photo in a direction from the one in hand, or from a place without one.

        It lies within an eighth of a turn on either side; what is aside counts as far again.
        """
        here = self.places[self.current] if self.current is not None else np.array(start)
        apart = self.places - here.astype(np.float32)
        along = apart @ np.array([dx, dy], np.float32)
        aside = np.abs(apart @ np.array([dy, dx], np.float32))
        ahead = (along > 0) & (along >= aside)
        if not ahead.any():
            return None
        return int(self.ids[int(np.where(ahead, along + aside, np.inf).argmin())])

    def place_in_hand(self, otherwise: Place) -> Place:
        """Return where the photo in hand lies, or another place without one."""
        if self.current is None:
            return otherwise
        x, y = self.places[self.current].tolist()
        return x, y

    def ids_between(self, one: Place, other: Place) -> list[int]:
        """Return the photos in the rectangle between two corners, the one in hand first."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        # The corner is where a photo lies, as exactly as it is kept.
        slack = 1e-6 * (1 + np.abs(high))
        inside = ((self.places >= low - slack) & (self.places <= high + slack)).all(axis=1)
        found: list[int] = self.ids[inside].tolist()
        return sorted(found, key=lambda photo_id: photo_id != self.current_id())

    def set_landmarks(self, landmarks: Iterable[tuple[int, str, int, int]]) -> None:
        """Take titles: (photo id, title, number of photos, level) of galleries.

        A photo that stands for several stands for the largest of them, whatever its level: where
        the map is near, finer ones have room.
        """
        self.landmarks = {}
        ordered = sorted(landmarks, key=lambda one: -one[2])
        covers = np.array([one[0] for one in ordered], dtype=np.int64)
        known = np.isin(covers, self.ids)
        rows = np.searchsorted(self.ids, covers[known]).tolist()
        for row, (_, title, photos, level) in zip(rows, compress(ordered, known), strict=True):
            self.landmarks.setdefault(row, Landmark(row, title, photos, level))


def scene_of(ids: Ids, places: Points, chosen: Collection[int] = ()) -> Scene:
    """Return a map of photos at places of paper, on which y grows upwards."""
    down = np.array([1, -1], dtype=np.float32)
    # Each axis in one piece of memory: every frame goes through all of them, axis by axis.
    turned = np.asfortranarray(places * down)
    return Scene(ids, turned, np.isin(ids, list(chosen)))


def empty_scene() -> Scene:
    """Return a map without photos."""
    return scene_of(np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32))
