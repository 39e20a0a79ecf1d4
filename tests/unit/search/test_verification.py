"""Verification: what is proven is said, whatever state files and kept features are in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.edits import EDITS
from tests.support import encoded
from tests.unit.matching.pictures import busy, lying
from tests.unit.search.gallery import Gallery
from twinlens.matching.kept import KEYPOINTS, SHORTLIST, find_keypoints, look_closer
from twinlens.matching.shortlist import encode
from twinlens.records import Example, Filters, MatchClass, Query
from twinlens.search.pictures import pixel_digest
from twinlens.search.verification import FIRST, Asked, Verifier
from twinlens.search.verified import Verified, candidates, promote
from twinlens.store.features import FeatureStore


class Bench(Gallery):
    """A library whose photos can be verified."""

    def __init__(self, tmp_path: Path) -> None:
        super().__init__(tmp_path)
        self.features = FeatureStore(tmp_path / "features.sqlite3", "library")
        self.verifier = Verifier(self.database, self.features, 10_000_000)
        self.searcher = self.searcher_with(verifier=self.verifier)

    def asked(self, seed: int, edit: str | None = None) -> Asked:
        image = busy(seed)
        pixels = np.asarray(EDITS[edit][0](image) if edit else image, np.uint8)
        return Asked(find_keypoints(pixels), lambda: pixel_digest(lambda: pixels))

    def verdicts(self, asked: Asked, ids: list[int]) -> Verified:
        *_, last = self.verifier.verify([asked], ids)
        return last


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.features.close()
    bench.database.close()


@pytest.fixture
def photos(bench: Bench) -> list[int]:
    return [bench.add(f"{n}.png", encoded(np.asarray(busy(n)))) for n in range(70, 75)]


def test_an_edit_is_proven_and_comes_first(bench: Bench, photos: list[int]) -> None:
    found = bench.verdicts(bench.asked(72, "crop 50 %"), photos)
    assert found.proven == [photos[2]]
    assert found.verdicts[photos[2]].match is MatchClass.EDITED
    scores = np.array([0.9, 0.2], np.float32)
    ranked = promote(found.proven, np.array(photos[:2]), scores, scores > 0.5)
    assert ranked[0].tolist() == [photos[2], photos[0], photos[1]]
    assert np.isnan(ranked[1]).tolist() == [True, False, False]
    assert ranked[2].tolist() == [True, True, False]


def test_other_bytes_of_the_same_pixels_are_told_from_other_pixels(bench: Bench) -> None:
    pixels = np.asarray(busy(81))
    again = bench.add("again.tiff", encoded(pixels, "TIFF"))
    jpeg = bench.add("photo.jpg", encoded(pixels, "JPEG", quality=80))
    asked = Asked(find_keypoints(pixels), lambda: pixel_digest(lambda: pixels))
    found = bench.verdicts(asked, [jpeg, again])
    assert found.verdicts[again].match is MatchClass.SAME_PIXELS
    assert found.verdicts[jpeg].match is MatchClass.RE_ENCODED
    assert found.proven == [again, jpeg]


def test_keypoints_are_kept_and_files_not_read_again(bench: Bench, photos: list[int]) -> None:
    bench.verdicts(bench.asked(70), photos)
    assert set(bench.features.ids(KEYPOINTS)) == set(photos)
    for path in bench.folder.iterdir():
        path.unlink()
    assert bench.verdicts(bench.asked(71, "turn 90"), photos).proven == [photos[1]]


def test_a_file_that_changed_or_went_is_passed_over(bench: Bench, photos: list[int]) -> None:
    (bench.folder / "70.png").write_bytes(encoded(np.asarray(busy(71))))
    (bench.folder / "72.png").unlink()
    found = bench.verdicts(bench.asked(71), photos)
    assert found.proven == [photos[1]]
    assert photos[0] not in found.verdicts
    assert photos[2] not in found.verdicts
    assert set(bench.features.ids(KEYPOINTS)) == {photos[1], photos[3], photos[4]}


def test_a_damaged_body_is_passed_over(bench: Bench, photos: list[int]) -> None:
    bench.features.put(KEYPOINTS, {photos[0]: b"\1broken"})
    assert bench.verdicts(bench.asked(71), photos).proven == [photos[1]]


def test_the_shortlist_follows_what_is_looked_at(bench: Bench, photos: list[int]) -> None:
    asked = bench.asked(73, "mirror")
    assert bench.verifier.shortlist(asked, 3) == []
    for number, seed in zip(photos, range(70, 75), strict=True):
        kept = look_closer(np.asarray(busy(seed)))
        bench.features.put(SHORTLIST, {number: kept[SHORTLIST]})
    assert bench.verifier.shortlist(asked, 3)[0] == photos[3]
    others = np.array(photos)[[0, 1, 2]]
    assert photos[3] not in bench.verifier.shortlist(asked, 3, others)
    bench.features.keep_only(others)
    assert set(bench.verifier.shortlist(asked, 9)) == set(others.tolist())


def test_the_first_few_are_known_first(bench: Bench) -> None:
    ids = [bench.add(f"{n}.png", encoded(np.asarray(busy(n, 120, 90)))) for n in range(14)]
    stages = [len(found.verdicts) for found in bench.verifier.verify([bench.asked(3)], ids)]
    assert stages == [FIRST, 14]


def test_what_is_unlike_by_its_code_is_not_read_again(bench: Bench) -> None:
    ids = [bench.add(f"{n}.png", encoded(np.asarray(busy(n)))) for n in range(FIRST + 3)]
    asked = bench.asked(FIRST + 2, "crop 30 %")
    code = encode(asked.keypoints)
    opposite = bytes(255 - byte for byte in code)
    bench.features.put(SHORTLIST, dict.fromkeys(ids, opposite) | {ids[-1]: code})
    found = bench.verdicts(asked, ids)
    assert found.proven == [ids[-1]]
    assert set(found.verdicts) == set(ids)
    # The first are read whatever their codes say.
    assert set(bench.features.ids(KEYPOINTS)) == {*ids[:FIRST], ids[-1]}


def test_the_answer_says_what_is_proven_and_puts_it_first(bench: Bench, photos: list[int]) -> None:
    edited = encoded(np.asarray(EDITS["crop 30 % corner"][0](busy(74))))
    query = Query((Example(data=edited),), verify=True)
    plain, *_, last = bench.searcher.answers(query, 5)
    assert all(hit.match is None for hit in plain)
    assert last[0].photo_id == photos[4]
    assert last[0].match is MatchClass.EDITED
    assert last[0].region is not None
    assert last[0].region.width == pytest.approx(0.55, abs=0.03)
    assert [hit.rank for hit in last] == [1, 2, 3, 4, 5]
    assert {hit.photo_id: hit.score for hit in last} == {hit.photo_id: hit.score for hit in plain}
    assert bench.searcher.search(replace(query, verify=False), 5) == plain


@pytest.fixture
def on_a_sheet(bench: Bench, photos: list[int]) -> tuple[Query, int, int]:
    """A query for a thing on a sheet, the thing elsewhere, and another thing on that sheet."""
    thing = bench.add("thing.png", encoded(np.asarray(lying(51, 40, 30).rotate(2))))
    sheet = bench.add("sheet.png", encoded(np.asarray(lying(52, 33, 30))))
    query = Query((Example(data=encoded(np.asarray(lying(51, 33)))),), verify=True)
    return query, thing, sheet


def test_the_thing_comes_first_and_what_lies_on_the_same_sheet_stays_where_it_was(
    bench: Bench, on_a_sheet: tuple[Query, int, int]
) -> None:
    query, thing, sheet = on_a_sheet
    # Of the same colours in the same places, so its descriptor is nearest.
    colours = lying(51, 33).resize((8, 6)).resize((480, 360), Image.Resampling.NEAREST)
    bench.add("colours.png", encoded(np.asarray(Image.blend(colours, busy(75), 0.1))))
    plain, *_, last = bench.searcher.answers(query, 10)
    before = [hit.photo_id for hit in plain]
    assert before[0] not in (thing, sheet)
    assert [hit.photo_id for hit in last] == [thing, *(n for n in before if n != thing)]
    said = {hit.photo_id: hit.match for hit in last}
    assert said[thing] is said[sheet] is MatchClass.SAME_SCENE
    assert [hit.photo_id for hit in last if hit.surroundings] == [sheet]
    assert {hit.photo_id: hit.score for hit in last} == {hit.photo_id: hit.score for hit in plain}


def test_who_asks_for_what_is_proven_alone_gets_all_of_it(
    bench: Bench, on_a_sheet: tuple[Query, int, int]
) -> None:
    query, thing, sheet = on_a_sheet
    proven = replace(query, filters=Filters(match=MatchClass.SAME_SCENE))
    assert [hit.photo_id for hit in bench.searcher.search(proven, 2)] == [thing, sheet]
    strict = replace(proven, filters=Filters(match=MatchClass.SAME_SCENE, min_score=0.9999))
    assert [hit.photo_id for hit in bench.searcher.search(strict, 2)] == [thing, sheet]


def test_photos_are_held_against_each_positive_example(bench: Bench, photos: list[int]) -> None:
    cropped, turned, mirrored = (
        Example(data=encoded(np.asarray(EDITS[edit][0](busy(seed)))))
        for edit, seed in (("crop 30 % corner", 74), ("turn 90", 71), ("mirror", 72))
    )
    query = Query((replace(mirrored, negative=True), cropped, turned), verify=True)
    found = {hit.photo_id: hit for hit in bench.searcher.search(query, 5)}
    said = {number: (hit.match, hit.example) for number, hit in found.items() if hit.match}
    assert said == {photos[4]: (MatchClass.EDITED, 0), photos[1]: (MatchClass.EDITED, 1)}
    assert set(list(found)[:2]) == {photos[4], photos[1]}
    assert found[photos[1]].query_outline is not None


def test_what_is_proven_passes_the_least_score_but_not_the_filters(
    bench: Bench, photos: list[int]
) -> None:
    turned = Example(data=encoded(np.asarray(EDITS["turn 90"][0](busy(74)))))
    strict = Query((turned,), Filters(min_score=0.9999), verify=True)
    assert [hit.photo_id for hit in bench.searcher.search(strict, 5)] == [photos[4]]
    elsewhere = Query((turned,), Filters(name="70"), verify=True)
    assert [hit.photo_id for hit in bench.searcher.search(elsewhere, 5)] == [photos[0]]


def test_two_pictures_are_compared_point_by_point(bench: Bench) -> None:
    one, two = encoded(np.asarray(busy(77))), encoded(np.asarray(EDITS["mirror"][0](busy(77))))
    found = bench.searcher.compare(Example(data=one), Example(data=two))
    assert found.match is MatchClass.EDITED
    assert found.inliers is not None
    assert found.inliers > 50
    assert found.region is not None
    assert found.region.width == pytest.approx(1, abs=0.02)
    again = bench.searcher.compare(
        Example(data=one), Example(data=encoded(np.asarray(busy(77)), "TIFF"))
    )
    assert again.match is MatchClass.SAME_PIXELS


def test_candidates_are_those_of_both_lists_in_turns() -> None:
    assert candidates([1, 2, 3], [9, 2]) == [1, 9, 2, 3]
    assert candidates([], [4]) == [4]
    assert candidates([], []) == []
