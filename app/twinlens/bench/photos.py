"""Generated JPEGs that cost what a camera's cost. Runs on the caller's thread."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

#: (width, height) of the two sizes that are measured.
TWELVE_MEGAPIXELS = (4000, 3000)
ONE_MEGAPIXEL = (1160, 870)
#: With the grain below a 12-megapixel picture takes some 3.6 MB, as from a camera.
QUALITY = 90
GRAIN = 7.0
#: Cells across of each layer of the pattern that pictures are cut from, coarse to fine.
LAYERS = (3, 7, 17, 41, 97, 231, 550)
MARGIN = 1.25
_START, _COMMENT = b"\xff\xd8", b"\xff\xfe"


def write_photos(
    folder: Path, size: tuple[int, int], pictures: int, copies: int = 1, seed: int = 0
) -> list[Path]:
    """Write `pictures` x `copies` JPEGs of (width, height) into a folder; no two are the same.

    The copies of one picture differ in a comment only, which makes them other photos for
    Twinlens at the price of writing a file instead of encoding one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    pattern = _pattern((int(size[0] * MARGIN), int(size[1] * MARGIN)), generator)
    paths = []
    for number in range(pictures):
        data = _encoded(_picture(pattern, size, generator))
        for copy in range(copies):
            path = folder / f"{number:05}-{copy:03}.jpg"
            path.write_bytes(_with_comment(data, f"{seed} {number} {copy}"))
            paths.append(path)
    return paths


def _pattern(size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.uint8]:
    """Return (height, width, 3) levels: soft colours with ever finer detail, and grain."""
    width, height = size
    total = np.zeros((height, width, 3), dtype=np.float32)
    for layer, across in enumerate(LAYERS):
        coarse = generator.integers(0, 256, (across, across, 3), dtype=np.uint8)
        # Fine detail of photos is mostly grey, and weaker the finer it is.
        if layer > 2:
            coarse[..., 1:] = coarse[..., :1]
        soft = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
        total += (np.asarray(soft, dtype=np.float32) - 128) / (1 + 0.8 * layer)
    grain = generator.standard_normal((height, width, 1), dtype=np.float32)
    return np.clip(128 + total + GRAIN * grain, 0, 255).astype(np.uint8)


def _picture(
    pattern: NDArray[np.uint8], size: tuple[int, int], generator: np.random.Generator
) -> Image.Image:
    """Cut a piece out of the pattern, colour it and put some things into it."""
    width, height = size
    top = int(generator.integers(pattern.shape[0] - height + 1))
    left = int(generator.integers(pattern.shape[1] - width + 1))
    piece = pattern[top : top + height, left : left + width]
    mirrored = piece[:, ::-1] if generator.random() < 0.5 else piece
    picture = Image.fromarray(np.ascontiguousarray(mirrored))
    levels = np.arange(256) / 255
    tones = [255 * levels ** generator.uniform(0.6, 1.6) for _ in range(3)]
    picture = picture.point([round(level) for tone in tones for level in tone.tolist()])
    pen = ImageDraw.Draw(picture)
    for _ in range(int(generator.integers(2, 6))):
        x, y = int(generator.integers(width)), int(generator.integers(height))
        across, down = (int(generator.integers(side // 10, side // 3)) for side in size)
        colour = tuple(generator.integers(0, 256, 3).tolist())
        pen.ellipse((x, y, x + across, y + down), fill=colour)
    return picture


def _encoded(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=QUALITY)
    return buffer.getvalue()


def _with_comment(data: bytes, text: str) -> bytes:
    """Insert a comment behind the JPEG's first marker."""
    body = text.encode("ascii")
    return _START + _COMMENT + (len(body) + 2).to_bytes(2, "big") + body + data[len(_START) :]
