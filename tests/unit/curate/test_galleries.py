"""Galleries in step with photos that come and go, and what people keep of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3
from numpy.typing import NDArray

from tests.unit.curate.test_clusters import Ids, Vectors, blobs
from twinlens.curate.clusters import NEIGHBOURS
from twinlens.curate.galleries import Assignment, assign, read
from twinlens.curate.kept_galleries import Kept, keep, kept_galleries, name_of, release, text_of
from twinlens.records import Metadata
from twinlens.store import decisions, photos
from twinlens.store.database import FILE_NAME, Database
from twinlens.store.features import FeatureStore

KIND = "galleries/1/test"
LEVEL = 2


class Place:
    """A library of photos that are nothing but descriptors."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / decisions.FILE_NAME
        self.database = Database(folder / FILE_NAME)
        self.features = FeatureStore(folder / "features.sqlite3", self.database.library_id)
        self.rows: dict[int, NDArray[np.float32]] = {}

    def add(self, rows: Vectors) -> list[int]:
        ids = []
        with self.database.transaction() as connection:
            for row in rows:
                digest = blake3(row.tobytes()).digest()
                ids.append(photos.put_photo(connection, digest, 4, 3, "JPEG", 1, Metadata()))
                self.rows[ids[-1]] = row
        return ids

    def nearest(self, ids: Ids, k: int) -> Iterator[tuple[Ids, Ids, Vectors]]:
        known = np.array(sorted(self.rows), dtype=np.int64)
        matrix = np.array([self.rows[number] for number in known.tolist()])
        for start in range(0, len(ids), 50):
            part = ids[start : start + 50]
            similar = matrix[np.searchsorted(known, part)] @ matrix.T
            best = np.argsort(-similar, axis=1, kind="stable")[:, :k]
            yield part, known[best], np.take_along_axis(similar, best, axis=1)

    def arrange(self, *, anew: bool = False) -> Assignment:
        live = np.array(sorted(self.rows), dtype=np.int64)
        return assign(self.database, self.features, KIND, live, self.nearest, anew=anew)

    def keep(self, name: int, ids: list[int], *, title: str | None = None) -> None:
        hashes = photos.hashes(self.database.connection(), ids)
        keep(self.database, self.journal, Kept(name, title, True, tuple(hashes.values())))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.features.close()
    made.database.close()


def names(found: Assignment, ids: list[int], level: int = LEVEL) -> list[int]:
    """Return the name of each photo's gallery."""
    result: list[int] = found.names[np.searchsorted(found.ids, ids), level].tolist()
    return result


def test_photos_of_a_kind_make_a_gallery_with_a_cover_of_its_own(place: Place) -> None:
    rows, of = blobs(30, 25, 40)
    ids = np.array(place.add(rows))
    found = list(place.arrange().members(LEVEL))
    assert sorted(sorted(photos) for _, photos, _ in found) == [
        ids[of == blob].tolist() for blob in range(3)
    ]
    assert all(cover in photos for _, photos, cover in found)
    assert len({name for name, _, _ in found}) == 3


def test_asking_again_finds_the_same(place: Place) -> None:
    place.add(blobs(20, 20, spread=0.6)[0])
    first, second = place.arrange(), place.arrange()
    for field in ("ids", "names", "covers", "newcomers"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))


def test_a_new_photo_joins_its_kind_and_moves_nobody(place: Place) -> None:
    rows, of = blobs(30, 30, 30)
    ids = place.add(rows[:-1])
    before = place.arrange()
    (new,) = place.add(rows[-1:])
    after = place.arrange()
    assert names(after, ids) == names(before, ids)
    assert names(after, [new]) == names(before, ids[-1:])
    assert after.newcomers.sum() == 1
    assert of[-1] == 2


def test_a_photo_that_is_like_none_stays_alone(place: Place) -> None:
    place.add(blobs(30, 30, spread=0.05)[0])
    before = place.arrange()
    apart = np.zeros((1, 24), dtype=np.float32)
    apart[0, 0] = 1.0
    for row in place.rows.values():
        row[0] = 0.0
    (new,) = place.add(apart)
    assert names(place.arrange(), [new])[0] not in before.names[:, LEVEL]


def test_many_new_photos_have_all_clustered_anew_and_galleries_keep_their_names(
    place: Place,
) -> None:
    rows, of = blobs(30, 30, 30, 30, 30)
    order = np.argsort(of == 4, kind="stable")
    ids = place.add(rows[order][:110])
    before = place.arrange()
    place.add(rows[order][110:])
    after = place.arrange()
    assert not after.newcomers.any()
    assert names(after, ids) == names(before, ids)
    assert len(set(after.names[:, LEVEL].tolist())) == 5


def test_photos_that_went_are_in_no_gallery(place: Place) -> None:
    ids = place.add(blobs(30, 30)[0])
    before = place.arrange()
    for number in ids[:10]:
        del place.rows[number]
    after = place.arrange()
    assert after.ids.tolist() == ids[10:]
    assert names(after, ids[10:]) == names(before, ids[10:])


def test_a_cover_that_went_is_replaced(place: Place) -> None:
    place.add(blobs(30)[0])
    ((_, _, cover),) = place.arrange().members(LEVEL)
    del place.rows[cover]
    ((_, left, other),) = place.arrange().members(LEVEL)
    assert other != cover
    assert other in left


def test_galleries_outlive_their_cache(place: Place) -> None:
    ids = place.add(blobs(30, 30, spread=0.5)[0])
    before = place.arrange()
    place.features.drop("/test")
    assert len(read(place.features, KIND).ids) == 0
    after = place.arrange()
    for level in range(after.names.shape[1]):
        assert names(after, ids, level) == names(before, ids, level)


def test_a_kept_gallery_keeps_its_photos_whatever_comes(place: Place) -> None:
    ids = place.add(blobs(30, 30)[0])
    before = place.arrange()
    # Somebody wants photos of both kinds together, under the name of one gallery.
    name = names(before, ids)[0]
    mine = [*ids[:30], *ids[30:40]]
    place.keep(name, mine)
    place.add(blobs(40, 40, 40, seed=7)[0])
    after = place.arrange()
    assert not after.newcomers.any()
    assert set(names(after, mine)) == {name}
    assert name not in names(after, ids[40:])
    place.features.drop("/test")
    assert set(names(place.arrange(), mine)) == {name}
    release(place.database, place.journal, name)
    anew = place.arrange(anew=True)
    assert len(set(names(anew, mine))) == 2


def test_newcomers_join_a_kept_gallery(place: Place) -> None:
    rows, _ = blobs(60, 30)
    ids = place.add(rows[:30])
    place.add(rows[60:])
    name = names(place.arrange(), ids)[0]
    place.keep(name, ids, title="Mine")
    more = place.add(rows[30:60])
    assert set(names(place.arrange(anew=True), more)) == {name}


def test_what_was_kept_is_read_back(place: Place) -> None:
    ids = place.add(blobs(5)[0])
    name = names(place.arrange(), ids)[0]
    place.keep(name, ids, title="Ours — “all”")
    (one,) = kept_galleries(place.database.connection()).values()
    assert (one.title, one.pinned, one.level) == ("Ours — “all”", True, LEVEL)
    assert name_of(text_of(name)) == name
    with place.database.transaction() as connection:
        decisions.decide(connection, place.journal, "gallery", "no name", "{}")
        decisions.decide(connection, place.journal, "gallery", text_of(8), '{"photos": 3}')
    assert list(kept_galleries(place.database.connection())) == [name]


@pytest.mark.parametrize("count", [0, 1, 2, NEIGHBOURS - 1])
def test_small_libraries_are_no_trouble(place: Place, count: int) -> None:
    ids = place.add(blobs(count)[0]) if count else []
    found = place.arrange()
    assert found.ids.tolist() == ids
    assert sorted(n for _, photos, _ in found.members(LEVEL) for n in photos.tolist()) == ids
