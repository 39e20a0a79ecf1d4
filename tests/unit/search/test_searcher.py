"""The right files, in the right order, with scores that mean the same everywhere."""

import io
import math
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.support import DIM, encoded, picture
from tests.unit.index.vectors import clustered
from tests.unit.search.gallery import Gallery, fill
from twinlens.records import Example, Filters, MatchClass, Query, Region
from twinlens.reports import Raster
from twinlens.search.heatmap import GAP, HEIGHT, LEGEND, colours, draw_pair
from twinlens.store import embeddings


def names(gallery: Gallery, *examples: Example, k: int = 10) -> list[str]:
    return [hit.path.name for hit in gallery.search(*examples, k=k)]


def test_the_picture_itself_is_first_and_known_by_its_bytes(gallery: Gallery) -> None:
    fill(gallery, 12)
    for seat in (0, 7):
        path = gallery.folder / f"{seat:03d}.png"
        for example in (Example(path=path), Example(data=path.read_bytes())):
            hits = gallery.search(example, k=5)
            assert hits[0].path == path
            assert hits[0].score >= 0.999
            assert [hit.match for hit in hits] == [MatchClass.SAME_BYTES, None, None, None, None]
            assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]


def test_a_photo_asked_for_by_id_is_known_too(gallery: Gallery) -> None:
    ids = fill(gallery, 3)
    hits = gallery.search(Example(photo_id=ids[1]))
    assert [hit.match for hit in hits] == [MatchClass.SAME_BYTES, None, None]


def turned(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Return the picture stored on its side, with the EXIF tag that sets it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(np.rot90(pixels), "JPEG", exif=exif.tobytes(), quality=90)


@pytest.mark.parametrize(
    "data",
    [
        encoded(picture(4), "JPEG", quality=60),
        encoded(picture(4)[::2, ::2]),
        encoded(picture(4), "WEBP"),
        turned(picture(4)),
    ],
)
def test_another_version_of_the_picture_finds_it_first(gallery: Gallery, data: bytes) -> None:
    fill(gallery, 12)
    hits = gallery.search(Example(data=data))
    assert hits[0].path.name == "004.png"
    assert hits[0].score > 0.98
    assert hits[0].match is None


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_picture_on_its_side_finds_the_original(gallery: Gallery, turn: int) -> None:
    fill(gallery, 60)
    data = encoded(np.rot90(picture(4), turn))
    hits = gallery.search(Example(data=data), k=60)
    assert hits[0].path.name == "004.png"
    by_plain = gallery.search(Example(data=data), k=60, rerank=False)
    assert by_plain[0].path.name != "004.png"
    assert {h.photo_id: h.score for h in hits} == {h.photo_id: h.score for h in by_plain}
    least = sorted(hit.score for hit in hits)[40]
    found = gallery.search(Example(data=data), k=60, filters=Filters(min_score=least))
    assert sorted(hit.score for hit in found) == sorted(hit.score for hit in hits)[40:]


def test_a_first_answer_does_not_wait_for_other_ways_up(gallery: Gallery) -> None:
    fill(gallery, 60)
    query = Query((Example(data=encoded(np.rot90(picture(4)))),), verify=True)
    runs = gallery.session.runs
    answers = gallery.searcher.answers(query, 60)
    first = next(answers)
    assert gallery.session.runs == runs + 1
    assert first[0].path.name != "004.png"
    *_, last = answers
    assert last[0].path.name == "004.png"
    assert {h.photo_id: h.score for h in last} == {h.photo_id: h.score for h in first}


def test_a_picture_that_is_like_others_as_it_stands_is_not_turned(gallery: Gallery) -> None:
    ids = fill(gallery, 60)
    gallery.add("turned.png", encoded(np.rot90(picture(4))))
    by_file = gallery.search(Example(path=gallery.folder / "004.png"), k=61)
    by_photo = gallery.search(Example(photo_id=ids[4]), k=61)
    # Stored descriptors are rounded, which may exchange photos far down that are equally unlike.
    assert [hit.photo_id for hit in by_file[:15]] == [hit.photo_id for hit in by_photo[:15]]


def test_copies_of_the_same_bytes_stand_together_and_count(gallery: Gallery) -> None:
    fill(gallery, 5)
    data = (gallery.folder / "003.png").read_bytes()
    for name in ("b/copy.png", "a/copy.png", "zz.png"):
        gallery.add(name, data)
    hits = gallery.search(Example(data=data), k=6)
    first = hits[:4]
    assert [hit.path for hit in first] == sorted(
        [gallery.folder / n for n in ("003.png", "b/copy.png", "a/copy.png", "zz.png")],
        key=os.fsencode,
    )
    assert len({hit.score for hit in first}) == len({hit.photo_id for hit in first}) == 1
    assert {hit.match for hit in first} == {MatchClass.SAME_BYTES}
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5, 6]
    assert len(gallery.search(Example(data=data), k=2)) == 2


@pytest.mark.parametrize("k", [11, 12, 5000])
def test_more_than_there_are_returns_every_file_ranked(gallery: Gallery, k: int) -> None:
    fill(gallery, 10)
    gallery.add("copy.png", (gallery.folder / "000.png").read_bytes())
    query = Example(data=encoded(picture(99)))
    for rerank in (False, True):
        hits = gallery.search(query, k=k, rerank=rerank)
        assert sorted(hit.path for hit in hits) == sorted(gallery.folder.iterdir())
        assert [hit.rank for hit in hits] == list(range(1, 12))
    scores = [hit.score for hit in gallery.search(query, k=k, rerank=False)]
    assert scores == sorted(scores, reverse=True)


def test_reranking_changes_the_order_and_no_score(graph_gallery: Gallery) -> None:
    ids = graph_gallery.add_vectors(clustered(3000, DIM, clusters=100))
    changed = 0
    for seat in range(0, 3000, 500):
        query = Example(photo_id=ids[seat])
        plain = graph_gallery.search(query, k=5000, rerank=False)
        refined = graph_gallery.search(query, k=5000)
        assert refined[0].photo_id == plain[0].photo_id == ids[seat]
        by_photo = {hit.photo_id: hit.score for hit in plain}
        assert {hit.photo_id: hit.score for hit in refined} == pytest.approx(by_photo, abs=1e-6)
        changed += refined != plain
    assert changed


def test_equal_scores_are_ordered_by_photo(gallery: Gallery) -> None:
    ids = gallery.add_vectors(np.repeat(np.eye(DIM, dtype=np.float32)[:1], 4, axis=0)[:1])
    # The same pixels in other bytes: other photos, the same descriptor.
    twins = [gallery.add(f"t{n}.png", encoded(picture(1), compress_level=n)) for n in (9, 1, 5)]
    hits = gallery.search(Example(data=encoded(picture(1))), k=3)
    assert [hit.photo_id for hit in hits] == sorted(twins)
    assert ids[0] not in twins


def test_an_empty_library_answers_nothing(gallery: Gallery) -> None:
    assert gallery.search(Example(data=encoded(picture(0)))) == []


def test_negative_examples_push_away(gallery: Gallery) -> None:
    fill(gallery, 12)
    wanted, unwanted = Example(data=encoded(picture(2))), encoded(picture(5))
    before = names(gallery, wanted, k=12)
    after = names(gallery, wanted, Example(data=unwanted, negative=True), k=12)
    assert after[0] == "002.png"
    assert after[-1] == "005.png" != before[-1] or before[-1] == "005.png"


def test_weights_decide_between_two_pictures(gallery: Gallery) -> None:
    fill(gallery, 12)
    two, five = encoded(picture(2)), encoded(picture(5))
    for heavy, light, first, second in ((two, five, "002", "005"), (five, two, "005", "002")):
        examples = (Example(data=heavy, weight=2), Example(data=light))
        found = [hit.path.name for hit in gallery.search(*examples, k=2, rerank=False)]
        assert found == [f"{first}.png", f"{second}.png"]


def test_several_examples_score_by_their_combined_descriptor(gallery: Gallery) -> None:
    ids = fill(gallery, 6)
    connection = gallery.database.connection()
    _, rows = embeddings.fetch(connection, gallery.model, ids)
    combined = 2 * rows[1] - 0.5 * rows[4]
    combined /= np.linalg.norm(combined)
    hits = gallery.search(
        Example(photo_id=ids[1], weight=2), Example(photo_id=ids[4], weight=0.5, negative=True)
    )
    for hit in hits:
        assert hit.score == pytest.approx(float(rows[ids.index(hit.photo_id)] @ combined), abs=1e-5)
        assert hit.match is None


def test_a_region_is_looked_for_as_a_picture_of_its_own(gallery: Gallery) -> None:
    fill(gallery, 8)
    canvas = np.full((400, 600, 3), 127, dtype=np.uint8)
    canvas[100:196, 300:428] = picture(6)
    region = Region(300 / 600, 100 / 400, 128 / 600, 96 / 400)
    hits = gallery.search(Example(data=encoded(canvas), region=region))
    assert hits[0].path.name == "006.png"
    assert hits[0].score > 0.999
    own = gallery.search(Example(path=gallery.folder / "006.png", region=Region(0, 0, 1, 1)))
    assert own[0].match is None


def test_compare_gives_the_score_of_search(gallery: Gallery) -> None:
    ids = fill(gallery, 8)
    for a, b in ((0, 5), (3, 3)):
        path = gallery.folder / f"{b:03d}.png"
        query = Example(path=gallery.folder / f"{a:03d}.png")
        hit = next(h for h in gallery.search(query) if h.photo_id == ids[b])
        for other in (
            Example(path=path),
            Example(photo_id=ids[b]),
            Example(data=path.read_bytes()),
        ):
            found = gallery.searcher.compare(query, other)
            assert found.score == pytest.approx(hit.score, abs=1e-3)
            assert found.match == hit.match


def test_compare_ignores_sign_and_weight(gallery: Gallery) -> None:
    data = encoded(picture(1))
    found = gallery.searcher.compare(
        Example(data=data), Example(data=data, negative=True, weight=0)
    )
    assert found.score == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(name="HOLIDAY"), {"holiday-1.png", "holiday-2.png"}),
        (Filters(taken_from="2020", taken_to="2021-06"), {"holiday-1.png", "other.png"}),
        (Filters(orientation="portrait"), {"other.png"}),
        (Filters(name="absent"), set()),
    ],
)
def test_filters_leave_only_what_they_say(
    gallery: Gallery, filters: Filters, expected: set[str]
) -> None:
    gallery.add("holiday-1.png", encoded(picture(1)), taken="2021-06-30T10:00:00")
    gallery.add("x/holiday-2.png", encoded(picture(2)), taken="2021-07-01T10:00:00")
    gallery.add("x/other.png", encoded(picture(3, 60, 90)), taken="2020-01-01T10:00:00")
    hits = gallery.search(Example(data=encoded(picture(1))), filters=filters)
    assert {hit.path.name for hit in hits} == expected
    assert [hit.rank for hit in hits] == list(range(1, len(expected) + 1))


def test_a_folder_filter_leaves_out_copies_elsewhere(gallery: Gallery) -> None:
    data = encoded(picture(1))
    gallery.add("in/a.png", data)
    gallery.add("out/b.png", data)
    hits = gallery.search(Example(data=data), filters=Filters(folder=gallery.folder / "in"))
    assert [hit.path.name for hit in hits] == ["a.png"]


def test_a_least_score_cuts_the_tail_off(gallery: Gallery) -> None:
    fill(gallery, 10)
    query = Example(data=encoded(picture(3)))
    everything = gallery.search(query)
    least = sorted(hit.score for hit in everything)[5]
    cut = gallery.search(query, filters=Filters(min_score=least))
    enough = [hit for hit in everything if hit.score >= least]
    assert [(hit.path, hit.score) for hit in cut] == [(hit.path, hit.score) for hit in enough]
    assert [hit.rank for hit in cut] == [1, 2, 3, 4, 5]


def test_a_least_score_is_asked_of_more_than_the_best_ranks(gallery: Gallery) -> None:
    """Re-ranking may put photos of too low a score first; those below still count."""
    ids = gallery.add_vectors(clustered(600, DIM, clusters=12))
    query = Example(photo_id=ids[0])
    scores = sorted((hit.score for hit in gallery.search(query, k=600)), reverse=True)
    found = gallery.search(query, k=30, filters=Filters(min_score=scores[29]))
    assert sorted((hit.score for hit in found), reverse=True) == scores[:30]


def test_what_the_store_forgot_is_dropped_and_replaced(graph_gallery: Gallery) -> None:
    """The index may be ahead of the store, or behind it, while another thread works."""
    vectors = clustered(1300, DIM)
    ids = graph_gallery.add_vectors(vectors)
    query = Example(photo_id=ids[0])
    before = [hit.photo_id for hit in graph_gallery.search(query, k=20, rerank=False)]
    for photo_id in before[1:6]:
        graph_gallery.forget(photo_id)
    graph_gallery.index.add(np.array([99_999]), vectors[:1])
    after = [hit.photo_id for hit in graph_gallery.search(query, k=15, rerank=False)]
    assert after == [before[0], *before[6:]]
    every = graph_gallery.search(query, k=5000)
    assert len(every) == 1295


def test_what_the_index_lacks_is_still_in_the_full_ranking(gallery: Gallery) -> None:
    ids = fill(gallery, 6)
    gallery.index.remove(np.array(ids[:2]))
    hits = gallery.search(Example(photo_id=ids[0]), k=100)
    assert {hit.photo_id for hit in hits} == set(ids)


@pytest.mark.parametrize("k", [10, 60, 300])
def test_two_stages_find_what_comparing_everything_finds(graph_gallery: Gallery, k: int) -> None:
    vectors = clustered(3000, DIM, clusters=300)
    ids = np.array(graph_gallery.add_vectors(vectors))
    assert graph_gallery.index.graph_count == 3000
    found = []
    for seat in range(0, 3000, 300):
        hits = graph_gallery.search(Example(photo_id=int(ids[seat])), k=k, rerank=False)
        assert len(hits) == k
        true = ids[np.argsort(-(vectors @ vectors[seat]), kind="stable")[:k]]
        found.append(len(set(true.tolist()) & {hit.photo_id for hit in hits}) / k)
    assert np.mean(found) >= 0.98


@pytest.mark.parametrize("folder", ["half", "few"])
def test_filters_over_a_graph_lose_nothing(graph_gallery: Gallery, folder: str) -> None:
    """Half of the photos: over-fetched from the graph. A few: compared one by one."""
    vectors = clustered(2400, DIM, clusters=200)
    half = graph_gallery.add_vectors(vectors[:2200], every_other=b"half")[1::2]
    few = graph_gallery.add_vectors(vectors[2200:], every_other=b"few")[1::2]
    inside = {"half": half, "few": few}[folder]
    filters = Filters(folder=graph_gallery.folder / folder)
    connection = graph_gallery.database.connection()
    ids, rows = embeddings.fetch(connection, graph_gallery.model, inside)
    for seat in (0, 17, 55):
        query = Example(photo_id=inside[seat])
        hits = graph_gallery.search(query, k=30, filters=filters, rerank=False)
        true = ids[np.argsort(-(rows @ rows[list(ids).index(inside[seat])]), kind="stable")[:30]]
        assert len({hit.photo_id for hit in hits} & set(true.tolist())) >= 29
        assert len(graph_gallery.search(query, k=9999, filters=filters)) == len(inside)


def test_pools_grow_until_a_cluttered_filter_is_satisfied(graph_gallery: Gallery) -> None:
    """Everything near the query is filtered away, so the first pool has nothing to give."""
    near = clustered(1800, DIM, clusters=1)
    near_ids = graph_gallery.add_vectors(near)
    graph_gallery.add_vectors(-clustered(3000, DIM, clusters=1), every_other=b"far")
    filters = Filters(folder=graph_gallery.folder / "far")
    # 1500 of 4800 lie there: enough for the graph, whose first 1600 are all near.
    hits = graph_gallery.search(Example(photo_id=near_ids[1000]), k=40, filters=filters)
    assert len(hits) == 40
    assert all(hit.path.parent.name == "far" for hit in hits)


def test_searching_beside_indexing_always_answers(graph_gallery: Gallery) -> None:
    vectors = clustered(1500, DIM)
    first = graph_gallery.add_vectors(vectors[:600])
    stop = threading.Event()
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                hits = graph_gallery.search(Example(photo_id=first[3]), k=5)
                assert hits[0].photo_id == first[3]
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(600, 1500, 100):
        ids = graph_gallery.add_vectors(vectors[start : start + 100])
        graph_gallery.forget(ids[0])
        graph_gallery.index.remove(np.array(ids[:1]))
    stop.set()
    for thread in threads:
        thread.join()
    assert not faults


def test_the_heat_map_is_warm_where_the_pictures_agree(gallery: Gallery) -> None:
    a = np.full((128, 128, 3), 127, dtype=np.uint8)
    a[:64, :64] = (250, 10, 10)
    b = np.full((128, 256, 3), 127, dtype=np.uint8)
    b[64:, 128:] = (250, 10, 10)
    maps = gallery.searcher.heat_maps(Example(data=encoded(a)), Example(data=encoded(b)))
    left, right = levels_of(maps.first), levels_of(maps.second)
    assert (left.shape, right.shape) == ((128, 128, 3), (128, 256, 3))
    # Warm is yellow, cold is violet: green over blue tells them apart on grey.
    assert warmth(left[:50, :50]) > warmth(left[-50:, -50:])
    assert warmth(right[-50:, -50:]) > warmth(right[:50, :50])
    scale = np.frombuffer(maps.scale, np.uint8).reshape(-1, 3).astype(int)
    assert warmth(scale[:1]) < warmth(scale[-1:])
    with Image.open(io.BytesIO(draw_pair(maps))) as image:
        assert image.format == "PNG"
        drawn = np.asarray(image.convert("RGB"), dtype=int)
    # Square and double width side by side, and what the colours mean below.
    assert drawn.shape[1] == 3 * HEIGHT + GAP
    assert warmth(drawn[:200, :200]) > warmth(drawn[HEIGHT - 200 : HEIGHT, HEIGHT - 200 : HEIGHT])
    legend = drawn[HEIGHT + LEGEND // 2]
    assert all((legend == colour).all(axis=1).any() for colour in (scale[0], scale[-1]))


def test_equal_steps_of_warmth_are_equal_steps_of_lightness() -> None:
    lab = np.asarray(
        ImageCms.profileToProfile(
            Image.fromarray(colours(11)[None]),
            ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        )
    )[0]
    steps = np.diff(lab[:, 0].astype(float))
    assert steps.min() > 0
    assert steps.max() < 1.5 * steps.min()


def levels_of(raster: Raster) -> np.ndarray[tuple[int, ...], np.dtype[np.int_]]:
    data, width, height = raster
    return np.frombuffer(data, np.uint8).reshape(height, width, 3).astype(int)


def warmth(levels: np.ndarray[tuple[int, ...], np.dtype[np.int_]]) -> float:
    return float((levels[..., 1] - levels[..., 2]).mean())


def test_scores_stay_between_minus_one_and_one(gallery: Gallery) -> None:
    ids = gallery.add_vectors(np.array([np.ones(DIM), -np.ones(DIM)], dtype=np.float32))
    hits = gallery.search(Example(photo_id=ids[0]))
    assert [math.isclose(abs(hit.score), 1, abs_tol=1e-3) for hit in hits] == [True, True]
    assert all(-1 <= hit.score <= 1 for hit in hits)


def test_paths_that_are_no_text_are_searched_and_found(gallery: Gallery) -> None:
    data = encoded(picture(3))
    path = Path(os.fsdecode(os.fsencode(gallery.folder) + b"/\xff.png"))
    try:
        path.write_bytes(data)
    except OSError:
        pytest.skip("this file system wants names in UTF-8")
    fill(gallery, 5)
    assert gallery.search(Example(path=path))[0].path.name == "003.png"


def test_a_network_that_takes_the_centre_warms_the_centre(gallery: Gallery) -> None:
    facts = replace(gallery.extractor.preprocessing, resize="crop")
    gallery.extractor.preprocessing = facts
    wide = np.full((64, 320, 3), 127, dtype=np.uint8)
    wide[:, 128:192] = (250, 10, 10)
    maps = gallery.searcher.heat_maps(Example(data=encoded(wide)), Example(data=encoded(wide)))
    levels = levels_of(maps.first)
    coloured = (levels.max(axis=2) != levels.min(axis=2)).any(axis=0)
    assert np.flatnonzero(coloured)[[0, -1]].tolist() == [128, 191]


@pytest.mark.parametrize("fixture", ["gallery", "graph_gallery"])
def test_marks_bring_forward_what_was_meant_and_change_no_score(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    shown: Gallery = request.getfixturevalue(fixture)
    chance = np.random.default_rng(5)
    rows = chance.normal(size=(3000 if fixture == "graph_gallery" else 300, DIM)).astype(np.float32)
    rows[:, 0] += 3.0
    meant = np.arange(len(rows)) % 10 == 0
    rows[meant, 7] += 3.0
    ids = np.array(shown.add_vectors(rows))
    query = Query((Example(photo_id=int(ids[1])),))
    plain = shown.searcher.search(query, 60)
    before = np.isin([hit.photo_id for hit in plain], ids[meant]).mean()
    marks = tuple(
        Example(photo_id=int(photo_id), negative=not right)
        for right, some in ((True, ids[meant][:4]), (False, ids[~meant][2:6]))
        for photo_id in some
    )
    taught = shown.searcher.search(Query(query.examples, marks=marks), 60)
    after = np.isin([hit.photo_id for hit in taught], ids[meant]).mean()
    assert before < 0.15
    assert after > 0.25
    scores = {hit.photo_id: hit.score for hit in plain}
    common = [hit for hit in taught if hit.photo_id in scores]
    assert common
    assert all(hit.score == pytest.approx(scores[hit.photo_id], abs=1e-6) for hit in common)


def test_two_marks_say_too_little(gallery: Gallery) -> None:
    ids = [gallery.add(f"{n}.png", encoded(picture(n))) for n in range(8)]
    query = Query((Example(photo_id=ids[0]),))
    marks = (Example(photo_id=ids[3]), Example(photo_id=ids[1], negative=True))
    plain = [hit.photo_id for hit in gallery.searcher.search(query, 8)]
    marked = [
        hit.photo_id for hit in gallery.searcher.search(Query(query.examples, marks=marks), 8)
    ]
    assert marked == plain
