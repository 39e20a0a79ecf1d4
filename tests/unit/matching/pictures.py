"""Generated pictures with as much in them as photos have, and their keypoints."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.support import scene
from twinlens.imaging.keypoints import Keypoints, detect, unpack


def keypoints(pixels: NDArray[np.uint8] | Image.Image) -> Keypoints:
    found = unpack(detect(np.ascontiguousarray(np.asarray(pixels, np.uint8))))
    assert found is not None
    return found


def lying(thing: int, sheet: int, shift: int = 0) -> Image.Image:
    """Return a thing on a sheet, 480 x 360, which was moved by some pixels between two shots."""
    canvas = busy(sheet, 600, 440).crop((shift, shift // 2, shift + 480, shift // 2 + 360))
    canvas.paste(busy(thing, 330, 280), (90, 50))
    return canvas


def busy(seed: int, width: int = 480, height: int = 360) -> Image.Image:
    """Return a picture with as many things in it as a photo has."""
    chance = np.random.default_rng(seed)
    canvas = Image.fromarray(scene(seed, width, height))
    for n in range(30):
        across, down = (int(side) for side in chance.integers(44, 110, 2))
        thing = Image.fromarray(scene(seed * 100 + n, across, down))
        place = (int(chance.integers(0, width - 20)), int(chance.integers(0, height - 20)))
        canvas.paste(thing.rotate(float(chance.uniform(0, 360)), expand=True), place)
    return canvas
