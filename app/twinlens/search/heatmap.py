"""Draws which parts of two pictures make them alike. Pure but for the network it is given."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from twinlens.imaging.preprocess import preprocess
from twinlens.index.exact import normalise
from twinlens.inference.extractor import Extractor
from twinlens.reports import HeatMaps, Raster

Pixels = NDArray[np.uint8]
Map = NDArray[np.float32]

LONGEST = 960
#: Of the picture with both maps side by side.
HEIGHT, GAP, LEGEND, MARGIN = 480, 8, 28, 6
#: Knots of viridis (van der Walt and Smith 2015, CC0), from nothing to most: equal steps look
#: equally far apart, also to most who are colour-blind.
VIRIDIS = np.array(
    [
        *([68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142]),
        *([33, 145, 140], [34, 168, 132], [68, 191, 112], [122, 209, 81], [189, 223, 38]),
        [253, 231, 37],
    ],
    dtype=np.float32,
)
#: How much of the colour covers the grey photo.
OPACITY = 0.5


def heat_maps(extractor: Extractor, a: Pixels, b: Pixels) -> HeatMaps:
    """Return both (h, w, 3) pictures grey under colours, warm where they are alike.

    Warmth is the share of a place in the cosine, the largest of a picture being 1: the last feature
    map averages to the descriptor, so the cosine is a sum over places (as in class activation maps,
    Zhou et al. 2016). What a network leaves out at the edges of a picture has no colour.

    Raises:
        ModelError: the model gives no feature map.
    """
    batch = np.stack([preprocess(pixels, extractor.preprocessing) for pixels in (a, b)])
    maps = extractor.feature_map(batch)
    descriptors = normalise(maps.mean(axis=(2, 3), dtype=np.float32))
    crops = extractor.preprocessing.resize != "squash"
    first, second = (
        _painted(pixels, np.tensordot(descriptors[1 - number], maps[number], axes=1), crops=crops)
        for number, pixels in enumerate((a, b))
    )
    return HeatMaps(first, second, colours(256).tobytes())


def colours(count: int) -> Pixels:
    """Return (count, 3) uint8 colours from nothing to most."""
    return _coloured(np.linspace(0, 1, count, dtype=np.float32)).astype(np.uint8)


def draw_pair(maps: HeatMaps) -> bytes:
    """Return a PNG of both maps side by side, a legend below."""
    drawn = []
    for data, width, height in (maps.first, maps.second):
        image = Image.frombytes("RGB", (width, height), data)
        across = min(LONGEST, max(1, round(HEIGHT * width / height)))
        drawn.append(image.resize((across, HEIGHT), Image.Resampling.BILINEAR))
    size = (drawn[0].width + GAP + drawn[1].width, HEIGHT + LEGEND)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(drawn[0], (0, 0))
    canvas.paste(drawn[1], (drawn[0].width + GAP, 0))
    _draw_legend(canvas, maps.scale)
    buffer = io.BytesIO()
    canvas.save(buffer, format="PNG")
    return buffer.getvalue()


def _painted(pixels: Pixels, share: Map, *, crops: bool) -> Raster:
    picture = Image.fromarray(pixels)
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BILINEAR, reducing_gap=2.0)
    mixed = np.asarray(picture.convert("L"), dtype=np.float32)[..., None].repeat(3, axis=-1)
    rows, columns = _seen(mixed, share) if crops else (slice(None), slice(None))
    seen = mixed[rows, columns]
    positive = np.maximum(share, 0)
    warmth = positive / max(float(positive.max()), np.finfo(np.float32).tiny)
    smooth = Image.fromarray(warmth.astype(np.float32)).resize(
        (seen.shape[1], seen.shape[0]), Image.Resampling.BICUBIC
    )
    levels = np.clip(np.asarray(smooth, dtype=np.float32), 0, 1)
    mixed[rows, columns] = seen * (1 - OPACITY) + _coloured(levels) * OPACITY
    result = np.clip(mixed, 0, 255).astype(np.uint8)
    return result.tobytes(), picture.width, picture.height


def _coloured(levels: Map) -> Map:
    knots = np.linspace(0, 1, len(VIRIDIS))
    mixed: Map = np.stack([np.interp(levels, knots, VIRIDIS[:, n]) for n in range(3)], axis=-1)
    return mixed


def _seen(picture: Map, share: Map) -> tuple[slice, slice]:
    """Return the rows and columns that a network sees which takes the centre of a picture."""
    (height, width), (down, across) = picture.shape[:2], share.shape
    scale = min(width / across, height / down)
    wide, high = max(1, int(across * scale)), max(1, int(down * scale))
    left, top = (width - wide) // 2, (height - high) // 2
    return slice(top, top + high), slice(left, left + wide)


def _draw_legend(canvas: Image.Image, scale: bytes) -> None:
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(LEGEND - 2 * MARGIN)
    words = ("adds nothing", "adds most to the similarity")
    before, after = (round(draw.textlength(word, font)) for word in words)
    middle = HEIGHT + LEGEND // 2
    strip = Image.frombytes("RGB", (len(scale) // 3, 1), scale)
    room = canvas.width - before - after - 4 * MARGIN
    if room < LEGEND:
        return
    draw.text((MARGIN, middle), words[0], "black", font, anchor="lm")
    bar = strip.resize((min(room, 2 * HEIGHT), LEGEND - 2 * MARGIN), Image.Resampling.BILINEAR)
    canvas.paste(bar, (before + 2 * MARGIN, HEIGHT + MARGIN))
    draw.text((before + 3 * MARGIN + bar.width, middle), words[1], "black", font, anchor="lm")
