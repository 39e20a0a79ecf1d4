"""What tests of several layers share: a small network whose nearness has meaning, and pictures."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from twinlens.inference.extractor import Extractor
from twinlens.inference.model_spec import ModelSpec
from twinlens.records import Preprocessing

#: The folder of labelled photos, for tests that `needs_photos` lets run.
PHOTOS = Path(os.environ.get("TWINLENS_PHOTOS") or "no-photos").resolve()
needs_photos = pytest.mark.skipif(
    not os.environ.get("TWINLENS_PHOTOS"),
    reason="set TWINLENS_PHOTOS to a folder of labelled photos",
)

SIDE = 32
GRID = 4
DIM = GRID * GRID * 3


class GridSession:
    """Stands for a network: the mean colours of a 4 x 4 grid, around middle grey.

    `runs` counts the batches, to show what needed no inference.
    """

    device = "CPU"
    notice = ""
    batch: int | None = None
    flexible = False

    def __init__(self) -> None:
        self.runs = 0

    def run(self, output: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
        self.runs += 1
        count, cell = len(pixels), SIDE // GRID
        cells = pixels.reshape(count, GRID, cell, GRID, cell, 3).mean(axis=(2, 4))
        grid: NDArray[np.float32] = ((cells - 127) / 128).astype(np.float32)
        return grid.reshape(count, DIM) if output == "descriptor" else grid.transpose(0, 3, 1, 2)


def grid_extractor(session: GridSession | None = None) -> Extractor:
    """Return an extractor around a `GridSession`; its descriptors have 48 dimensions."""
    spec = ModelSpec(
        name="grid",
        title="Colour grid",
        folder=Path("grid"),
        onnx=Path("grid/model.onnx"),
        onnx_sha256="",
        model_id="grid-0",
        dim=DIM,
        preprocessing=Preprocessing(width=SIDE, height=SIDE),
        input="image",
        layout="nhwc",
        descriptor="descriptor",
        feature_map="feature_map",
        logits=None,
        precision="float32",
        licence="",
        source="",
        projection=None,
        classes=None,
    )
    return Extractor(spec, session or GridSession())


def picture(seed: int, width: int = 128, height: int = 96) -> NDArray[np.uint8]:
    """Return (height, width, 3) levels: a soft pattern of colours, another one for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, size=(GRID, GRID, 3), dtype=np.uint8)
    soft = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.array(soft, dtype=np.uint8)


def encoded(pixels: NDArray[np.uint8], image_format: str = "PNG", **options: Any) -> bytes:
    """Return a picture file holding (h, w, 3) levels."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format=image_format, **options)
    return buffer.getvalue()


def scene(seed: int, width: int = 320, height: int = 240) -> NDArray[np.uint8]:
    """Return (height, width, 3) levels with edges and texture, as a real network expects them."""
    chance = np.random.default_rng(seed)
    image = Image.fromarray(picture(seed, width, height))
    draw = ImageDraw.Draw(image)
    for _ in range(int(chance.integers(3, 9))):
        colour = tuple(int(level) for level in chance.integers(0, 256, 3))
        x, y = int(chance.integers(0, width)), int(chance.integers(0, height))
        across, down = (int(n) for n in chance.integers(20, width // 2, 2))
        box = (x - across // 2, y - down // 2, x + across // 2, y + down // 2)
        shape = chance.integers(0, 4)
        if shape == 0:
            draw.ellipse(box, fill=colour)
        elif shape == 1:
            draw.rectangle(box, fill=colour)
        elif shape == 2:
            draw.polygon((box[:2], box[2:], (box[0], box[3])), fill=colour)
        else:
            for line in range(box[1], box[3], 6):
                draw.line((box[0], line, box[2], line), fill=colour, width=2)
    grain = chance.normal(0, 6, size=(height, width, 1))
    return np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
