"""What grouping asks about photos and their files, read many at a time. On any one thread."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from twinlens.curate import sets
from twinlens.curate.best import Copy
from twinlens.curate.sets import Shot
from twinlens.imaging.keypoints import HEAD_BYTES, sharpness
from twinlens.matching.kept import KEYPOINTS
from twinlens.records import MatchClass, Metadata, Photo
from twinlens.reports import Member
from twinlens.store import files, folders, photos
from twinlens.store.database import Database


@dataclass(slots=True)
class Facts:
    """What grouping asks about photos, read many at a time."""

    database: Database
    known: dict[int, Photo] = field(default_factory=dict)
    _copies: dict[int, list[Copy]] = field(default_factory=dict)
    _at: dict[Path, int] = field(default_factory=dict)

    def learn(self, photo_ids: Iterable[int]) -> None:
        """Read what is not known yet."""
        connection = self.database.connection()
        new = [photo_id for photo_id in photo_ids if photo_id not in self.known]
        self.known.update(photos.several(connection, new))
        roots = folders.roots_by_id(connection)
        for root_id, row in files.places_of(connection, new):
            photo = self.known.get(row.photo_id or 0)
            if photo is not None:
                path = files.path_of(roots[root_id], row.folder, row.name)
                copy = _copy(photo, path, row.mtime_ns)
                self._copies.setdefault(photo.photo_id, []).append(copy)
                self._at[path] = photo.photo_id

    def copies(self, photo_id: int) -> list[Copy]:
        """Return the files of a photo."""
        return self._copies.get(photo_id, [])

    def look(
        self, photo_ids: Iterable[int], heads: Callable[[str, Iterable[int], int], dict[int, bytes]]
    ) -> None:
        """Let the files of photos say how sharp they are; `heads` reads what was kept of them."""
        for photo_id, head in heads(KEYPOINTS, photo_ids, HEAD_BYTES).items():
            sharp = sharpness(head)
            copies = self._copies.get(photo_id, [])
            self._copies[photo_id] = [replace(copy, sharpness=sharp) for copy in copies]

    def lies_in(self, photo_id: int, folder: Path) -> bool:
        """Return whether a file of a photo lies in a folder."""
        return any(copy.path.is_relative_to(folder) for copy in self.copies(photo_id))

    def is_sharpness_known(self, photo_id: int) -> bool:
        """Return whether `look` found how sharp a photo is."""
        return all(copy.sharpness is not None for copy in self.copies(photo_id))

    def shots(self, photo_id: int) -> list[Shot]:
        """Return the files of a photo as they were taken."""
        photo = self.known[photo_id]
        return [
            Shot(
                copy.path,
                photo.format,
                photo.width,
                photo.height,
                photo.metadata.taken,
                photo.metadata.camera,
            )
            for copy in self.copies(photo_id)
        ]

    def photo_of(self, shot: Shot) -> int:
        """Return the photo that lies at a file."""
        return self._at[shot.path]

    def apart(self, one: int, other: int) -> bool:
        """Return whether two photos are kept although they may look the same."""
        return any(
            sets.kept_together(ours, theirs) is not None
            for ours in self.shots(one)
            for theirs in self.shots(other)
        )

    def no_burst(self, one: int, other: int) -> bool:
        """Return whether two photos are no shots of one burst."""
        return not any(
            sets.in_a_burst(ours, theirs)
            for ours in self.shots(one)
            for theirs in self.shots(other)
        )

    def member(
        self, copy: Copy, match: MatchClass, score: float, reasons: tuple[str, ...]
    ) -> Member:
        """Return a file as a group shows it."""
        photo = self.known[copy.photo_id]
        return Member(
            copy.path, copy.photo_id, photo.hash, photo.size, match, round(score, 4), reasons
        )


def _copy(photo: Photo, path: Path, changed: int) -> Copy:
    return Copy(
        path,
        photo.photo_id,
        photo.width,
        photo.height,
        photo.format,
        photo.size,
        _noted(photo.metadata),
        photo.metadata.taken or "",
        changed,
    )


def _noted(metadata: Metadata) -> int:
    """Return how many facts the camera left."""
    place = metadata.latitude is not None
    return sum(map(bool, (metadata.taken, metadata.camera, metadata.lens, place)))
