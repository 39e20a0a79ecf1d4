"""Photos by content: ids that are never reused, orphans that come back, filters."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.store.conftest import DIM, Shelf
from twinlens.records import Filters, Metadata
from twinlens.store import embeddings, files, folders, photos


def remove(shelf: Shelf, name: str, now: float = 10.0) -> tuple[set[int], set[int]]:
    with shelf.database.transaction() as connection:
        row = files.file_at(connection, shelf.root_id, b"", name.encode())
        assert row is not None
        lost = files.remove_files(connection, [row.file_id])
        return photos.settle_orphans(connection, lost, now)


def test_copies_of_the_same_bytes_share_one_photo(shelf: Shelf) -> None:
    a = shelf.put("a.jpg", "same")
    b = shelf.put("b.jpg", "same", folder="sub")
    assert a == b
    connection = shelf.database.connection()
    root = folders.roots(connection)[0].path
    assert photos.paths_of(connection, [a]) == {a: [root / "a.jpg", root / "sub" / "b.jpg"]}


def test_a_photo_is_live_until_its_last_file_goes(shelf: Shelf) -> None:
    photo_id = shelf.put("a.jpg", "same")
    shelf.put("b.jpg", "same")
    connection = shelf.database.connection()
    assert remove(shelf, "a.jpg") == (set(), set())
    assert embeddings.live_ids(connection, shelf.model).tolist() == [photo_id]
    assert remove(shelf, "b.jpg") == ({photo_id}, set())
    assert embeddings.live_ids(connection, shelf.model).size == 0
    assert photos.live_count(connection) == 0


def test_a_photo_that_comes_back_keeps_its_id_and_embedding(shelf: Shelf) -> None:
    photo_id = shelf.put("a.jpg", "same")
    remove(shelf, "a.jpg")
    connection = shelf.database.connection()
    assert photos.photo_by_hash(connection, b"same".ljust(32)) == photo_id
    with shelf.database.transaction() as writing:
        files.put_file(writing, shelf.root_id, b"", b"c.jpg", 100, 1, photo_id)
        assert photos.settle_orphans(writing, [photo_id], now=11.0) == (set(), {photo_id})
    assert embeddings.live_ids(connection, shelf.model).tolist() == [photo_id]


def test_an_id_is_never_used_twice(shelf: Shelf) -> None:
    first = shelf.put("a.jpg", "one")
    remove(shelf, "a.jpg", now=10.0)
    with shelf.database.transaction() as connection:
        assert photos.drop_orphans(connection, before=5.0) == []
        assert photos.drop_orphans(connection, before=20.0) == [b"one".ljust(32)]
    assert shelf.put("b.jpg", "two") > first


def test_a_file_with_new_content_reports_the_photo_it_was(shelf: Shelf) -> None:
    old = shelf.put("a.jpg", "one")
    new = shelf.put("b.jpg", "two")
    with shelf.database.transaction() as connection:
        put = files.put_file(connection, shelf.root_id, b"", b"a.jpg", 1, 2, new)
        assert put == old
        again = files.put_file(connection, shelf.root_id, b"", b"a.jpg", 1, 3, new)
        assert again is None


def test_failures_name_the_file_and_come_before_what_was_left_out(shelf: Shelf) -> None:
    shelf.put("good.jpg", "good")
    with shelf.database.transaction() as connection:
        for name, code in ((b"a.mp4", "video"), (b"z.jpg", "damaged")):
            files.put_failure(
                connection, shelf.root_id, b"", name, 1, 1, code, f"It is {code}.", "Hint."
            )
    found = list(files.failures(shelf.database.connection()))
    assert [(item.path.name, item.code) for item in found] == [
        ("z.jpg", "damaged"),
        ("a.mp4", "video"),
    ]
    assert found[0].reason == "It is damaged."


@pytest.mark.parametrize("name", [b"\xff\xfe.jpg", b"line\nbreak.jpg", b"n" * 255])
def test_names_are_bytes(shelf: Shelf, name: bytes) -> None:
    photo_id = shelf.put("a.jpg", "one")
    with shelf.database.transaction() as connection:
        files.put_file(connection, shelf.root_id, b"\xe9t\xe9", name, 1, 1, photo_id)
    connection = shelf.database.connection()
    assert list(files.files_in_folder(connection, shelf.root_id, b"\xe9t\xe9")) == [name]
    paths = photos.paths_of(connection, [photo_id])[photo_id]
    assert any(bytes(path).endswith(b"/\xe9t\xe9/" + name) for path in paths)


def test_files_below_a_folder_do_not_include_its_namesakes(shelf: Shelf) -> None:
    for folder in ("2024", "2024/may", "2024b", "20240", "2023"):
        shelf.put("a.jpg", folder, folder=folder)
    below = files.files_below(shelf.database.connection(), shelf.root_id, b"2024")
    assert sorted(row.folder for row in below) == [b"2024", b"2024/may"]


def test_moving_files_to_a_nested_root_and_back(shelf: Shelf) -> None:
    shelf.put("a.jpg", "a", folder="trips/rome")
    shelf.put("b.jpg", "b", folder="trips")
    before = {
        row.file_id for row in files.files_below(shelf.database.connection(), shelf.root_id, b"")
    }
    with shelf.database.transaction() as connection:
        volume = folders.put_volume(connection, "disk-1", "Disk", shelf.database.path.parent)
        nested = folders.put_root(connection, volume, b"photos/trips")
        files.move_files(connection, shelf.root_id, b"trips", nested, b"")
    connection = shelf.database.connection()
    assert {row.folder for row in files.files_below(connection, nested, b"")} == {b"", b"rome"}
    with shelf.database.transaction() as connection:
        files.move_files(connection, nested, b"", shelf.root_id, b"trips")
    after = files.files_below(shelf.database.connection(), shelf.root_id, b"")
    assert {row.file_id for row in after} == before
    assert {row.folder for row in after} == {b"trips", b"trips/rome"}


def test_a_volume_on_another_mount_point_takes_its_folders_along(
    shelf: Shelf, tmp_path: Path
) -> None:
    photo_id = shelf.put("a.jpg", "a")
    with shelf.database.transaction() as connection:
        folders.put_volume(connection, "disk-1", "Disk", tmp_path / "elsewhere")
    paths = photos.paths_of(shelf.database.connection(), [photo_id])[photo_id]
    assert paths == [tmp_path / "elsewhere" / "photos" / "a.jpg"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), {"a", "b", "c"}),
        (Filters(name="B.j"), {"b"}),
        (Filters(taken_from="2024-01-01"), {"b", "c"}),
        (Filters(taken_to="2023"), {"a"}),
        (Filters(taken_from="2023-06", taken_to="2024-05-31"), {"a", "b"}),
        (Filters(orientation="portrait"), set()),
        (Filters(orientation="landscape"), {"a", "b", "c"}),
    ],
)
def test_filters(shelf: Shelf, filters: Filters, names: set[str]) -> None:
    taken = {"a": "2023-06-30T10:00:00", "b": "2024-05-31T23:59:59", "c": "2025-01-01T00:00:00"}
    ids = {name: shelf.put(f"{name}.jpg", name, taken=when) for name, when in taken.items()}
    found = photos.matching_ids(shelf.database.connection(), filters)
    assert set(found.tolist()) == {ids[name] for name in names}


def test_the_newest_photos_are_the_first_of_all_in_their_order(shelf: Shelf) -> None:
    for number in range(12):
        # Two a day, and every third without a time of its own: the file's, in 1970, holds.
        taken = f"20{number // 2:02}-01-01T00:00:00" if number % 3 else None
        shelf.put(f"{number}.jpg", f"{number}", taken=taken)
    shelf.put("again.jpg", "11")
    remove(shelf, "10.jpg")
    connection = shelf.database.connection()
    every = list(photos.overview(connection, Filters()))
    every.sort(key=lambda row: (row[6], row[0]), reverse=True)
    for most in (1, 5, 9, 20):
        newest = photos.newest_ids(connection, most)
        assert newest == [row[0] for row in every[:most]]
        assert set(photos.overview(connection, Filters(), newest)) == set(every[:most])


def test_the_folder_filter_sees_through_roots(shelf: Shelf, tmp_path: Path) -> None:
    top = shelf.put("a.jpg", "a")
    inner = shelf.put("b.jpg", "b", folder="trips/rome")
    connection = shelf.database.connection()
    root = tmp_path / "photos"

    def found(folder: Path) -> set[int]:
        return set(photos.matching_ids(connection, Filters(folder=folder)).tolist())

    assert found(tmp_path) == {top, inner}
    assert found(root) == {top, inner}
    assert found(root / "trips") == {inner}
    assert found(root / "trip") == set()


def test_what_a_photo_says_about_itself_is_kept(shelf: Shelf) -> None:
    with shelf.database.transaction() as connection:
        photo_id = photos.put_photo(
            connection,
            b"h" * 32,
            6000,
            4000,
            "JPEG",
            123,
            Metadata("2024-05-31T12:00:00", "Maker X", "50mm", 41.9, 12.5),
        )
    found = photos.photo(shelf.database.connection(), photo_id)
    assert found is not None
    assert (found.width, found.height, found.metadata.lens) == (6000, 4000, "50mm")
    assert photos.photo(shelf.database.connection(), photo_id + 1) is None


def test_embeddings_come_back_in_order_of_ids_within_half_precision(shelf: Shelf) -> None:
    ids = [shelf.put(f"{n}.jpg", f"content {n}") for n in range(5)]
    connection = shelf.database.connection()
    found, vectors = embeddings.fetch(connection, shelf.model, [ids[3], 999, ids[1]])
    assert found.tolist() == [ids[1], ids[3]]
    assert vectors.shape == (2, DIM)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=2e-3)
    chunks = list(embeddings.stream(connection, shelf.model, np.array(ids), chunk=2))
    assert [chunk[0].tolist() for chunk in chunks] == [ids[:2], ids[2:4], ids[4:]]
    none, empty = embeddings.fetch(connection, shelf.model, [])
    assert (none.size, empty.size) == (0, 0)


def test_models_do_not_share_embeddings(shelf: Shelf) -> None:
    photo_id = shelf.put("a.jpg", "a")
    with shelf.database.transaction() as connection:
        other = embeddings.put_model(connection, "net-2", "net", DIM)
        assert other != shelf.model
        assert embeddings.put_model(connection, "net-2", "net", DIM) == other
    connection = shelf.database.connection()
    assert embeddings.missing_ids(connection, other) == [photo_id]
    assert embeddings.missing_ids(connection, shelf.model) == []
    with shelf.database.transaction() as connection:
        assert embeddings.drop_model(connection, shelf.model) == 1
    assert embeddings.model_key(shelf.database.connection(), "net-1") is None


def test_descriptors_come_back_at_unit_length(shelf: Shelf) -> None:
    chance = np.random.default_rng(5)
    vectors = chance.normal(size=(200, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [shelf.put(f"{number}.jpg", f"content {number}") for number in range(len(vectors))]
    with shelf.database.transaction() as connection:
        for photo_id, vector in zip(ids, vectors, strict=True):
            embeddings.put_embedding(connection, shelf.model, photo_id, vector)
    _, found = embeddings.fetch(shelf.database.connection(), shelf.model, ids)
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-6
    assert np.abs((found * vectors).sum(axis=1) - 1).max() < 1e-6
