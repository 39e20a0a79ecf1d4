"""A picture of ranked results: each row a query and its best hits. Runs on the caller's thread."""

import io
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from twinlens.errors import AppError
from twinlens.library import Library
from twinlens.records import Example, Hit, Query

SHEET_NAME = "contact-sheet.png"
ROWS = 8
COLUMNS = 7
CELL = 168
GAP = 8
CAPTION = 20
BACKGROUND = (28, 28, 30)
TEXT = (242, 242, 242)
QUIET = (166, 166, 171)


def write_contact_sheet(library: Library, target: Path, rows: int = ROWS) -> int:
    """Ask with photos spread over the library and write the ranked answers as a PNG.

    Returns: the number of photos asked with, 0 when the library has none.

    Raises:
        AppError: the picture cannot be written.
    """
    # Seeded: the same library gives the same sheet.
    ids = library.photo_ids()
    chosen = random.Random(0).sample(ids, min(rows, len(ids)))
    answers = [library.search(Query((Example(photo_id=photo_id),)), COLUMNS) for photo_id in chosen]
    if not answers:
        return 0
    width = GAP + COLUMNS * (CELL + GAP)
    height = GAP + len(answers) * (CELL + CAPTION + GAP)
    sheet = Image.new("RGB", (width, height), BACKGROUND)
    for row, hits in enumerate(answers):
        _draw_row(sheet, library, hits, GAP + row * (CELL + CAPTION + GAP))
    try:
        sheet.save(target, "PNG")
    except OSError as error:
        raise AppError(
            f"The contact sheet could not be written to {target} ({error.strerror}).",
            "Run it from a folder you may write to.",
        ) from error
    return len(answers)


def _draw_row(sheet: Image.Image, library: Library, hits: Sequence[Hit], top: int) -> None:
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=12)
    for column, hit in enumerate(hits[:COLUMNS]):
        left = GAP + column * (CELL + GAP)
        data = library.thumbnail(hit.photo_id)
        if data is not None:
            with Image.open(io.BytesIO(data)) as picture:
                picture.thumbnail((CELL, CELL))
                offset = ((CELL - picture.width) // 2, (CELL - picture.height) // 2)
                sheet.paste(picture, (left + offset[0], top + offset[1]))
        caption = "asked with" if column == 0 else f"{hit.score:.2f}"
        draw.text((left, top + CELL + 2), caption, TEXT if column == 0 else QUIET, font)
