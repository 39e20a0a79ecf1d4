"""Camera RAW: the embedded preview where it is large enough, else the sensor data."""

import contextlib
import io
import os
import sys

import numpy as np
import pytest
from PIL import Image

from tests.unit.imaging.samples import (
    STORED,
    difference,
    dng,
    encode,
    exif_with,
    read,
    scene,
    sensor,
)
from twinlens.errors import UnreadableImageError
from twinlens.records import FailureCode

UPRIGHT = scene(256, 192)


def _alike(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    shape = (pixels.shape[1], pixels.shape[0])
    wanted = np.asarray(Image.fromarray(UPRIGHT).resize(shape, Image.Resampling.BOX))
    return difference(pixels, wanted)


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(UnreadableImageError) as caught:
        read(dng(), "photo.dng")
    assert caught.value.code == FailureCode.MISSING_EXTRA
    assert caught.value.hint == "pip install twinlens[raw]"


class TestWithTheDecoder:
    @pytest.fixture(autouse=True)
    def _decoder(self) -> None:
        pytest.importorskip("rawpy")

    @pytest.mark.parametrize("orientation", [1, 3, 6, 8])
    @pytest.mark.parametrize("with_preview", [True, False])
    def test_it_comes_out_upright(self, orientation: int, with_preview: bool) -> None:
        stored = STORED[orientation](UPRIGHT)
        preview = encode(stored, "JPEG", quality=95) if with_preview else b""
        data = dng(sensor(stored), preview=preview, orientation=orientation)
        found = read(data, "photo.dng", min_side=90)
        assert found.format == "RAW"
        assert (found.width, found.height) == (256, 192)
        assert found.pixels.shape == (96, 128, 3)
        # Developing brightens and has its own colours: only the layout is compared there.
        assert _alike(found.pixels) < (4.0 if with_preview else 45.0)
        corner = found.pixels[:20, -20:].reshape(-1, 3).mean(axis=0)
        assert corner[0] > corner[1] + 60, "red at the top right"

    @pytest.mark.parametrize("orientation", [6, 8])
    def test_a_preview_stored_upright_is_not_turned(self, orientation: int) -> None:
        preview = encode(UPRIGHT, "JPEG", quality=95)
        levels = sensor(STORED[orientation](UPRIGHT))
        found = read(dng(levels, preview=preview, orientation=orientation), "p.dng", min_side=90)
        assert _alike(found.pixels) < 4.0

    @pytest.mark.parametrize("orientation", [6, 8])
    def test_a_preview_with_its_own_exif_is_turned_once(self, orientation: int) -> None:
        stored = STORED[orientation](UPRIGHT)
        for own in (1, orientation):
            exif = exif_with({0x0112: own})
            preview = encode(stored, "JPEG", quality=95, exif=exif)
            data = dng(sensor(stored), preview=preview, orientation=orientation)
            assert _alike(read(data, "p.dng", min_side=90).pixels) < 4.0

    def test_a_preview_too_small_is_passed_over(self) -> None:
        thumbnail = encode(np.zeros((48, 64, 3), dtype=np.uint8), "JPEG")
        found = read(dng(preview=thumbnail), "photo.dng", min_side=90)
        assert found.pixels.shape[:2] == (96, 128)
        assert found.pixels.mean() > 60

    def test_a_broken_preview_is_passed_over(self) -> None:
        preview = bytearray(encode(UPRIGHT, "JPEG"))
        preview[len(preview) // 3 :] = bytes(len(preview) - len(preview) // 3)
        found = read(dng(preview=bytes(preview[:-200])), "photo.dng", min_side=90)
        assert found.pixels.shape[:2] == (96, 128)

    def test_its_tags_are_read(self) -> None:
        found = read(dng(), "photo.dng", min_side=32)
        assert found.metadata.camera == "Handmade 1"
        assert found.metadata.taken == "2021-07-08T09:10:11"

    def test_it_is_recognised_without_a_name(self) -> None:
        assert read(dng(), "", min_side=32).format == "RAW"

    def test_the_cap_counts_the_sensor_not_the_preview(self) -> None:
        preview = encode(scene(64, 48), "JPEG")
        data = dng(np.zeros((2500, 4096), dtype=np.uint16), preview=preview)
        with pytest.raises(UnreadableImageError) as caught:
            read(data, "photo.dng")
        assert caught.value.code == FailureCode.TOO_LARGE

    @pytest.mark.parametrize("name", ["photo.nef", "photo.arw", "photo.cr3"])
    def test_what_the_decoder_does_not_know_is_said(self, name: str) -> None:
        target = io.BytesIO()
        Image.fromarray(UPRIGHT).save(target, "TIFF")
        data = target.getvalue() if name != "photo.cr3" else b"\0\0\0\x18ftypcrx " + bytes(600)
        with pytest.raises(UnreadableImageError) as caught:
            read(data, name)
        assert caught.value.code in {FailureCode.UNSUPPORTED, FailureCode.DAMAGED}
        assert caught.value.message.endswith(".")

    def test_libraw_reports_damage_only_to_us(self, capfd: pytest.CaptureFixture[str]) -> None:
        preview = encode(UPRIGHT, "JPEG")
        whole = dng(preview=preview)
        start = whole.index(preview)
        for step in range(3, 40):
            damaged = bytearray(whole)
            for place in range(start + 20, start + 700, step):
                damaged[place] ^= 0x3C
            with contextlib.suppress(UnreadableImageError):
                read(bytes(damaged), "photo.dng", min_side=90)
        plain = dng()
        for place in range(1, 400):
            damaged = bytearray(plain)
            damaged[-place] ^= 0x7F
            with contextlib.suppress(UnreadableImageError):
                read(bytes(damaged), "photo.dng", min_side=90)
        assert capfd.readouterr().err == ""
        os.write(2, b"still heard")
        assert capfd.readouterr().err == "still heard"

    def test_cut_short(self, capfd: pytest.CaptureFixture[str]) -> None:
        whole = dng(preview=encode(UPRIGHT, "JPEG"))
        for part in (0.1, 0.5, 0.9, 0.99):
            with pytest.raises(UnreadableImageError):
                read(whole[: int(len(whole) * part)], "photo.dng", min_side=90)
        assert capfd.readouterr().err == ""
