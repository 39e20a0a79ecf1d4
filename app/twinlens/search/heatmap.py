"""Draws which parts of two pictures make them alike. Pure but for the network it is given."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from twinlens.imaging.preprocess import preprocess
from twinlens.index.exact import normalise
from twinlens.inference.extractor import Extractor

Pixels = NDArray[np.uint8]
Map = NDArray[np.float32]

HEIGHT = 480
LONGEST = 960
GAP = 8
#: Warmth at nothing, half and all: as drawn over the picture, with its opacity.
COLOURS = np.array([[40, 20, 90, 110], [220, 60, 60, 120], [255, 220, 60, 140]], dtype=np.float32)


def draw_pair(extractor: Extractor, a: Pixels, b: Pixels) -> bytes:
    """Return a PNG of both (h, w, 3) pictures, side by side, warm where they are alike.

    Warmth is the share of a place in the cosine: the last feature map averages to the
    descriptor, so the cosine is a sum over places (as in class activation maps, Zhou et al. 2016).

    Raises:
        ModelError: the model gives no feature map.
    """
    batch = np.stack([preprocess(pixels, extractor.preprocessing) for pixels in (a, b)])
    maps = extractor.feature_map(batch)
    descriptors = normalise(maps.mean(axis=(2, 3), dtype=np.float32))
    shares = [np.tensordot(descriptors[1 - number], maps[number], axes=1) for number in range(2)]
    squash = extractor.preprocessing.resize == "squash"
    drawn = [
        _draw(pixels if squash else _centre(pixels, maps.shape[3], maps.shape[2]), share)
        for pixels, share in zip((a, b), shares, strict=True)
    ]
    canvas = Image.new("RGB", (drawn[0].width + GAP + drawn[1].width, HEIGHT), "white")
    canvas.paste(drawn[0], (0, 0))
    canvas.paste(drawn[1], (drawn[0].width + GAP, 0))
    buffer = io.BytesIO()
    canvas.save(buffer, format="PNG")
    return buffer.getvalue()


def _centre(pixels: Pixels, across: int, down: int) -> Pixels:
    """Cut out what a network saw that takes the centre of the picture."""
    height, width = pixels.shape[:2]
    scale = min(width / across, height / down)
    cut_width, cut_height = max(1, int(across * scale)), max(1, int(down * scale))
    left, top = (width - cut_width) // 2, (height - cut_height) // 2
    return np.ascontiguousarray(pixels[top : top + cut_height, left : left + cut_width])


def _draw(pixels: Pixels, share: Map) -> Image.Image:
    picture = Image.fromarray(pixels)
    width = min(LONGEST, max(1, round(HEIGHT * picture.width / picture.height)))
    picture = picture.resize((width, HEIGHT), Image.Resampling.BILINEAR, reducing_gap=2.0)
    positive = np.maximum(share, 0)
    warmth = positive / max(float(positive.max()), np.finfo(np.float32).tiny)
    smooth = Image.fromarray(warmth.astype(np.float32)).resize(
        (width, HEIGHT), Image.Resampling.BICUBIC
    )
    levels = np.clip(np.asarray(smooth, dtype=np.float32), 0, 1)
    knots = np.linspace(0, 1, len(COLOURS))
    overlay = np.stack([np.interp(levels, knots, COLOURS[:, n]) for n in range(4)], axis=-1)
    colour, opacity = overlay[..., :3], overlay[..., 3:] / 255
    mixed = np.asarray(picture, dtype=np.float32) * (1 - opacity) + colour * opacity
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))
