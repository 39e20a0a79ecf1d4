"""The folder of odd and copied photos: each is read rightly or refused with a sentence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support import PHOTOS, needs_photos
from tests.unit.imaging.samples import difference
from twinlens.errors import UnreadableImageError
from twinlens.imaging.decode import Decoded, decode
from twinlens.records import FailureCode

pytestmark = [pytest.mark.photos, needs_photos]

REFUSED = {
    "pillow/decompression_bomb.gif": FailureCode.TOO_LARGE,
    "pillow/decompression_bomb.ico": FailureCode.TOO_LARGE,
    "pillow/truncated_image.png": FailureCode.DAMAGED,
    "pillow/truncated_jpeg.jpg": FailureCode.DAMAGED,
    "pillow/broken_data_stream.png": FailureCode.DAMAGED,
    "pillow/hdf5.h5": FailureCode.NOT_AN_IMAGE,
    "pillow/bad_palette_entry.gpl": FailureCode.NOT_AN_IMAGE,
    "pillow/cmx3g8_wv_1998.260_0745_mcidas.ara": FailureCode.NOT_AN_IMAGE,
    "pillow/no_palette.gif": FailureCode.TOO_SMALL,
    "pillow/hopper.ico": FailureCode.TOO_SMALL,
    "pillow/empty_gps_ifd.jpg": FailureCode.TOO_SMALL,
    "pillow/lab.tif": FailureCode.TOO_SMALL,
    "pngsuite/PngSuite.LICENSE": FailureCode.NOT_AN_IMAGE,
}


def _read(path: Path, *, smallest: int = 32) -> Decoded:
    data = path.read_bytes()
    return decode(data, min_side=224, max_pixels=300_000_000, smallest=smallest, name=path.name)


def _expected(place: str) -> FailureCode | None:
    name = Path(place).name
    if place.startswith("pngsuite/x") and name != "xcsn0g01.png":
        return FailureCode.DAMAGED
    if place.startswith(("pngsuite/s0", "pngsuite/cdf", "pngsuite/cdh", "pngsuite/cds")):
        return FailureCode.TOO_SMALL
    if name == "ukbench09268_corrupt.jpg":
        return FailureCode.DAMAGED
    return REFUSED.get(place)


def test_every_file_is_read_or_refused_with_a_sentence(
    capfd: pytest.CaptureFixture[str],
) -> None:
    seen = 0
    for root in (PHOTOS / "odd", PHOTOS / "copies"):
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            place = path.relative_to(root).as_posix()
            seen += 1
            if (code := _expected(place)) is not None:
                with pytest.raises(UnreadableImageError) as caught:
                    _read(path)
                assert caught.value.code == code, place
                assert len(caught.value.message) > 20, place
                continue
            found = _read(path)
            assert min(found.pixels.shape[:2]) >= min(224, found.width, found.height), place
    assert seen > 250
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("shape", ["Landscape", "Portrait"])
def test_all_orientations_show_the_same(shape: str) -> None:
    first = _read(PHOTOS / f"odd/exif-orientation/{shape}_0.jpg")
    for orientation in range(1, 9):
        found = _read(PHOTOS / f"odd/exif-orientation/{shape}_{orientation}.jpg")
        assert (found.width, found.height) == (first.width, first.height)
        # The number of the orientation is written into each.
        assert difference(found.pixels, first.pixels) < 4.0


def test_all_modes_show_the_same() -> None:
    def small(name: str, *, grey: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        image = Image.fromarray(_read(PHOTOS / "odd/modes" / name).pixels).resize((100, 64))
        return np.asarray(image.convert("L") if grey else image)

    for path in sorted((PHOTOS / "odd/modes").iterdir()):
        grey = path.stem in {"1", "L", "LA", "I", "F"}
        gap = difference(small(path.name, grey=grey), small("RGB.jpg", grey=grey))
        assert gap < 12.0, path.name


def test_one_picture_in_many_formats_looks_the_same() -> None:
    portraits = ["bmp", "gif", "jpg", "tif", "webp"]
    wanted = _read(PHOTOS / "odd/pillow/hopper.bmp").pixels
    for extension in portraits:
        found = _read(PHOTOS / f"odd/pillow/hopper.{extension}").pixels
        assert difference(found, wanted) < 12.0, extension


def test_cmyk_is_red_on_black() -> None:
    pixels = _read(PHOTOS / "odd/pillow/pil_sample_cmyk.jpg").pixels
    assert pixels.mean() < 80, "the ground is black, not white"
    red = pixels[pixels[..., 0] > 180]
    assert len(red) > 300
    assert red[..., 1:].mean() < 90


def test_lab_and_transparency_are_white() -> None:
    assert _read(PHOTOS / "odd/pillow/lab.tif", smallest=1).pixels.min() > 250
    assert _read(PHOTOS / "odd/pillow/transparent.png").pixels[0, 0].tolist() == [255] * 3
    assert _read(PHOTOS / "odd/pillow/p_trns_single.png").pixels[32, 32].tolist() == [255] * 3


def test_orientation_in_a_text_chunk_is_followed() -> None:
    path = PHOTOS / "odd/pillow/exif_imagemagick_orientation.png"
    stored = np.asarray(Image.open(path).convert("RGB"))
    found = decode(path.read_bytes(), min_side=512, max_pixels=10**9).pixels
    assert difference(found, stored[::-1, ::-1]) < 1.0


def test_names_that_lie_do_not_mislead() -> None:
    for extension in ("jpeg", "png", "svg"):
        path = PHOTOS / f"copies/imagededup/formats_images/ukbench09380.{extension}"
        assert _read(path).format == "JPEG"
    assert _read(PHOTOS / "odd/pillow/frozenpond.mpo").metadata.camera == "Nintendo 3DS"
