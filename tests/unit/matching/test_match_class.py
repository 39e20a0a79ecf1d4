"""Verdicts: copies are found whatever was done to them, and nothing else is called a copy."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.edits import EDITS
from tests.unit.matching.pictures import busy, keypoints, lying
from twinlens.imaging.keypoints import Keypoints
from twinlens.matching.match_class import judge
from twinlens.matching.pixels import agreement
from twinlens.matching.verify import zoom_of
from twinlens.records import MatchClass, Outline

COPY = {MatchClass.RE_ENCODED, MatchClass.EDITED}


@pytest.fixture(scope="module")
def original() -> Image.Image:
    return busy(1)


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_is_recognised_with_its_class(original: Image.Image, name: str) -> None:
    edit, expected = EDITS[name]
    verdict = judge(keypoints(edit(original)), keypoints(original))
    # These pictures are grainy by themselves: more grain is hardly to be told from compression.
    assert verdict.match in COPY if name == "noise" else verdict.match == expected


@pytest.mark.parametrize("name", ["crop 30 %", "JPEG 10", "screenshot", "mirror, crop 50 %"])
def test_the_verdict_is_the_same_the_other_way_round(original: Image.Image, name: str) -> None:
    edit, expected = EDITS[name]
    assert judge(keypoints(original), keypoints(edit(original))).match == expected


def test_a_picture_is_the_same_as_itself_however_little_of_it_has_shapes() -> None:
    canvas = Image.new("RGB", (480, 360), "white")
    canvas.paste(busy(4, 110, 80), (20, 20))
    verdict = judge(keypoints(canvas), keypoints(canvas))
    assert verdict.match is MatchClass.RE_ENCODED
    assert verdict.exact
    assert verdict.ours == verdict.theirs == Outline(((0, 0), (1, 0), (1, 1), (0, 1)))


def test_different_pictures_prove_nothing() -> None:
    several = [keypoints(busy(seed)) for seed in range(10, 18)]
    verdicts = [judge(a, b) for n, a in enumerate(several) for b in several[:n]]
    assert {verdict.match for verdict in verdicts} == {None}


def test_the_outline_shows_where_a_crop_was_taken(original: Image.Image) -> None:
    box = (48, 90, 288, 306)
    verdict = judge(keypoints(original.crop(box)), keypoints(original))
    assert verdict.theirs is not None
    assert verdict.ours is not None
    region = verdict.theirs.region
    found = (region.x, region.y, region.x + region.width, region.y + region.height)
    assert np.allclose(found, np.array(box) / [480, 360, 480, 360], atol=0.01)
    whole = verdict.ours.region
    assert np.allclose((whole.x, whole.y, whole.width, whole.height), (0, 0, 1, 1), atol=0.01)


def test_the_outline_of_a_turned_picture_is_turned(original: Image.Image) -> None:
    verdict = judge(keypoints(original.rotate(20, expand=True)), keypoints(original))
    assert verdict.ours is not None
    turned = np.array(verdict.ours.corners)
    edges = np.abs(np.diff(turned, axis=0)) * [480, 360]
    assert np.all(edges.min(axis=1) > 20)  # no side is level or upright


def test_a_shared_logo_is_no_copy() -> None:
    logo = busy(99, 100, 60)
    one, two = busy(21), busy(22)
    one.paste(logo, (300, 40))
    two.paste(logo, (60, 260))
    assert judge(keypoints(one), keypoints(two)).match is None


def test_a_shared_frame_is_no_copy() -> None:
    edit = EDITS["screenshot"][0]
    assert judge(keypoints(edit(busy(23))), keypoints(edit(busy(24)))).match not in COPY


def test_the_same_thing_from_elsewhere_is_the_same_scene() -> None:
    near, far = busy(31, 260, 260), busy(32, 600, 360)

    def shot(shift: int) -> Image.Image:
        """What stands in front moves against what is behind."""
        canvas = far.crop((shift // 2, 0, shift // 2 + 480, 360))
        canvas.paste(near, (90 + shift, 50))
        return canvas

    assert judge(keypoints(shot(0)), keypoints(shot(40))).match is MatchClass.SAME_SCENE


def test_a_flat_thing_seen_from_the_side_is_the_same_scene() -> None:
    poster = np.asarray(busy(5))

    def shot(tilt: float) -> Image.Image:
        """What is flat is never quite so: it bulges by a pixel."""
        down, across = np.indices(poster.shape[:2], np.float32)
        nearer = 0.9 * (1 + tilt) / (1 + tilt * across / poster.shape[1])
        x, y = across * nearer + 20, down * nearer + 10
        y += np.sin(x / poster.shape[1] * 2 * np.pi)
        return Image.fromarray(cv2.remap(poster, x, y, cv2.INTER_CUBIC))

    assert judge(keypoints(shot(0.3)), keypoints(poster)).match is MatchClass.SAME_SCENE
    assert judge(keypoints(shot(0)), keypoints(poster)).match in COPY


def test_shapes_agree_around_the_same_thing_and_not_around_another_on_the_same_sheet() -> None:
    asked = keypoints(lying(51, 33))
    elsewhere = judge(asked, keypoints(lying(51, 40, 30).rotate(2)))
    beside = judge(asked, keypoints(lying(52, 33, 30)))
    assert elsewhere.match is beside.match is MatchClass.SAME_SCENE
    assert elsewhere.strength > 0.9
    assert beside.strength < 0.3
    backwards = judge(keypoints(lying(51, 40, 30).rotate(2)), asked)
    assert backwards.strength == pytest.approx(elsewhere.strength, abs=0.1)


def test_a_soft_picture_is_recognised_without_keypoints() -> None:
    soft = busy(41).resize((24, 18)).resize((480, 360), Image.Resampling.BICUBIC)
    turned = soft.transpose(Image.Transpose.ROTATE_90)
    assert judge(keypoints(soft.resize((240, 180))), keypoints(soft)).match in COPY
    assert judge(keypoints(turned), keypoints(soft)).match is MatchClass.EDITED


@pytest.mark.parametrize("direction", ["across", "down"])
def test_gradients_are_not_taken_for_each_other(direction: str) -> None:
    def sky(low: int, high: int) -> Keypoints:
        ramp = np.linspace(low, high, 400).astype(np.uint8)
        levels = np.tile(ramp[:, None, None], (1, 400, 3))
        levels[..., 2] = np.minimum(levels[..., 2].astype(int) + 40, 255)
        return keypoints(levels if direction == "down" else levels.transpose(1, 0, 2))

    assert judge(sky(60, 200), sky(20, 220)).match is None


def test_flat_pictures_prove_nothing() -> None:
    white, grey = (keypoints(np.full((300, 400, 3), level, np.uint8)) for level in (250, 128))
    assert judge(white, grey).match is None
    assert judge(white, white).match is None


def test_slides_with_one_layout_and_other_words_are_no_copies() -> None:
    def slide(words: list[str]) -> Image.Image:
        canvas = Image.new("RGB", (640, 480), "white")
        canvas.paste(busy(51, 100, 60), (520, 10))
        pen = ImageDraw.Draw(canvas)
        pen.rectangle((0, 440, 640, 480), fill="navy")
        for n, word in enumerate(words):
            pen.text((40, 90 + 60 * n), word, "black", font_size=36)
        return canvas

    one = slide(["Quarterly figures", "Sales went up", "Costs went down", "More to come"])
    two = slide(["Our new office", "Three floors", "A kitchen each", "Bring your dog"])
    assert judge(keypoints(one), keypoints(two)).match not in COPY


def test_outline_bounds() -> None:
    region = Outline(((0.1, 0.2), (0.5, 0.1), (0.6, 0.7), (0.2, 0.8))).region
    assert np.allclose((region.x, region.y, region.width, region.height), (0.1, 0.1, 0.5, 0.7))


def test_pictures_in_perspective_are_compared_though_each_way_seems_to_enlarge() -> None:
    picture = keypoints(np.asarray(busy(3)))
    matrix = np.array([[1.02, 0, -60], [0, 1.02, 0], [0.001, 0, 1]])
    back = np.linalg.inv(matrix)
    assert min(zoom_of(matrix), zoom_of(back / back[2, 2])) > 1
    one, other = agreement(picture, picture, matrix), agreement(picture, picture, back)
    assert one is not None
    assert other is not None
    assert max(one.share, other.share) < 0.5
