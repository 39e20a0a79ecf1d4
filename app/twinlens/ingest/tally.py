"""What one run found, counted and told as events. Runs on the ingest thread."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from twinlens.ingest.exclusions import LeftOut
from twinlens.ingest.reading import Job
from twinlens.ingest.writer import Written
from twinlens.records import SKIPPED_CODES
from twinlens.reports import ChangeEvent, ChangeKind, IndexCounts
from twinlens.store.files import FileRow, path_of
from twinlens.store.folders import Root

OnEvent = Callable[[ChangeEvent], None]


@dataclass(frozen=True, slots=True)
class Gone:
    """A known file that was not found. `at` is the monotonic time of the event, if one said so."""

    root_id: int
    row: FileRow
    at: float | None = None


class Tally:
    """Counts of one run, and the two halves of renames until they meet.

    Args:
        clock: monotonic seconds.
        on_event: receives one event for each file that changed; None where nobody listens.

    `unripe` takes the files that were looked at too early; it is None where each is settled now.
    """

    def __init__(self, clock: Callable[[], float], on_event: OnEvent | None = None) -> None:
        self.left_out: Counter[LeftOut] = Counter()
        self.gone: dict[int, Gone] = {}
        self.changing: list[Job] = []
        self.unripe: list[Job] | None = None
        self._kinds: Counter[ChangeKind | None] = Counter()
        self._unchanged = 0
        self._removed = 0
        self._arrivals: dict[int, list[Written]] = {}
        self._clock = clock
        self._started = clock()
        self._on_event = on_event

    def same(self, row: FileRow) -> None:
        """A known file did not change. Called for every file of the disk, so it is kept cheap."""
        if row.code is None:
            self._unchanged += 1
        else:
            self._kinds[_kind_of(row.code)] += 1

    def missing(self, root_id: int, row: FileRow, at: float | None = None) -> None:
        """A known file was not found where it was; it is forgotten at the end of the run."""
        self.gone[row.file_id] = Gone(root_id, row, at)

    def written(self, item: Written) -> None:
        """A file was settled. One whose content was known may turn out to be a rename."""
        self._kinds[item.kind] += 1
        if item.kind is None:
            return
        if item.arrived is not None:
            self._arrivals.setdefault(item.arrived, []).append(item)
        else:
            self._tell(item.kind, item.job.path, at=item.job.at)

    def moved(self, path: Path, source: Path, at: float | None) -> None:
        """The system reported that a photo was moved."""
        self._tell(ChangeKind.RENAMED, path, source, at)

    def removed(self, root: Root, row: FileRow, at: float | None = None) -> None:
        """A file was forgotten; with its content just seen elsewhere, it was renamed."""
        source = path_of(root, row.folder, row.name)
        candidates = self._arrivals.get(row.photo_id, []) if row.photo_id is not None else []
        if candidates:
            # Of several copies the one that kept the name is the likeliest.
            item = next((c for c in candidates if c.job.name == row.name), candidates[0])
            candidates.remove(item)
            self._kinds[item.kind] -= 1
            self._kinds[ChangeKind.RENAMED] += 1
            self._tell(ChangeKind.RENAMED, item.job.path, source, item.job.at)
        elif row.code is None or row.code not in SKIPPED_CODES:
            self._removed += 1
            self._tell(ChangeKind.REMOVED, source, at=at)

    def arrivals(self) -> dict[int, float | None]:
        """Return the known photos that came to new places, with the time of an event there."""
        return {photo_id: items[-1].job.at for photo_id, items in self._arrivals.items() if items}

    def finish(self) -> None:
        """Nothing more comes: what was not renamed was added or updated."""
        for items in self._arrivals.values():
            for item in items:
                assert item.kind is not None
                self._tell(item.kind, item.job.path, at=item.job.at)
        self._arrivals.clear()

    def counts(self) -> IndexCounts:
        """Return the counts so far."""
        kinds = self._kinds
        return IndexCounts(
            added=kinds[ChangeKind.ADDED],
            updated=kinds[ChangeKind.UPDATED],
            unchanged=self._unchanged + kinds[None],
            renamed=kinds[ChangeKind.RENAMED],
            removed=self._removed,
            failed=kinds[ChangeKind.FAILED],
            skipped=kinds[ChangeKind.SKIPPED] + sum(self.left_out.values()),
            seconds=self._clock() - self._started,
        )

    def _tell(
        self, kind: ChangeKind, path: Path, source: Path | None = None, at: float | None = None
    ) -> None:
        if self._on_event is not None:
            since = self._started if at is None else at
            self._on_event(ChangeEvent(kind, path, source, max(0.0, self._clock() - since)))


def _kind_of(code: str) -> ChangeKind:
    return ChangeKind.SKIPPED if code in SKIPPED_CODES else ChangeKind.FAILED
