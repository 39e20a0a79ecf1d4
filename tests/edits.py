"""What people do to photos before they meet them again: some thirty edits, each with its class."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from twinlens.records import MatchClass

Picture = Image.Image
RE_ENCODED, EDITED = MatchClass.RE_ENCODED, MatchClass.EDITED


def encoded_as(image_format: str, **options: object) -> Callable[[Picture], Picture]:
    def edit(image: Picture) -> Picture:
        buffer = io.BytesIO()
        image.save(buffer, format=image_format, **options)
        return Image.open(buffer).convert("RGB")

    return edit


def crop(share: float, across: float, down: float) -> Callable[[Picture], Picture]:
    """Keep `share` of the area; what goes is taken `across` from the left, `down` from the top."""

    def edit(image: Picture) -> Picture:
        width, height = (round(side * share**0.5) for side in image.size)
        left = round((image.width - width) * across)
        top = round((image.height - height) * down)
        return image.crop((left, top, left + width, top + height))

    return edit


def turn(degrees: float) -> Callable[[Picture], Picture]:
    """Turn by a few degrees; the corners are filled with black."""
    return lambda image: image.rotate(degrees, Image.Resampling.BICUBIC, expand=True)


def transposed(how: Image.Transpose) -> Callable[[Picture], Picture]:
    return lambda image: image.transpose(how)


def scaled(across: float, down: float) -> Callable[[Picture], Picture]:
    def edit(image: Picture) -> Picture:
        size = (max(1, round(image.width * across)), max(1, round(image.height * down)))
        return image.resize(size, Image.Resampling.LANCZOS)

    return edit


def blurred(share: float) -> Callable[[Picture], Picture]:
    """Blur with a radius that is this share of the long side."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(max(image.size) * share))


def noisy(deviation: float) -> Callable[[Picture], Picture]:
    def edit(image: Picture) -> Picture:
        rng = np.random.default_rng(image.width * 7 + image.height)
        levels = np.asarray(image, np.float32) + rng.normal(0, deviation, (*image.size[::-1], 3))
        return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))

    return edit


def bordered(share: float, colour: str) -> Callable[[Picture], Picture]:
    return lambda image: ImageOps.expand(image, round(max(image.size) * share), colour)


def letterboxed(image: Picture) -> Picture:
    side = max(image.size)
    canvas = Image.new("RGB", (round(side * 1.2), side), "black")
    canvas.paste(image, ((canvas.width - image.width) // 2, (side - image.height) // 2))
    return canvas


def captioned(image: Picture) -> Picture:
    """Write large white letters with a dark edge across the lower third."""
    copy = image.copy()
    font = ImageFont.load_default(size=image.width / 8)
    ImageDraw.Draw(copy).text(
        (image.width / 2, image.height * 0.8), "HELLO WORLD", "white", font,
        anchor="mm", stroke_width=max(1, image.width // 150), stroke_fill="black",
    )  # fmt: skip
    return copy


def watermarked(image: Picture) -> Picture:
    veil = Image.new("RGBA", image.size)
    font = ImageFont.load_default(size=image.width / 10)
    pen = ImageDraw.Draw(veil)
    for row in range(4):
        for column in range(2):
            place = (image.width * column / 2, image.height * (row + 0.3) / 4)
            pen.text(place, "© sample", (255, 255, 255, 110), font)
    return Image.alpha_composite(image.convert("RGBA"), veil).convert("RGB")


def screenshot(image: Picture) -> Picture:
    """Show the photo in a phone's viewer: bars, letters and a margin around it."""
    width, height = 720, 1400
    canvas = Image.new("RGB", (width, height), (24, 24, 27))
    shown = ImageOps.contain(image, (width, 1100))
    canvas.paste(shown, ((width - shown.width) // 2, 130 + (1100 - shown.height) // 2))
    pen = ImageDraw.Draw(canvas)
    pen.text((24, 16), "12:45", "white", ImageFont.load_default(size=30))
    pen.text((24, 70), "Album · Yesterday", "white", ImageFont.load_default(size=40))
    for n in range(5):
        pen.ellipse((60 + n * 140, 1290, 110 + n * 140, 1340), outline="white", width=4)
    return canvas


def gamma(power: float) -> Callable[[Picture], Picture]:
    table = [round(255 * (level / 255) ** power) for level in range(256)]
    return lambda image: image.point(table * 3)


def enhanced(
    what: Callable[[Picture], ImageEnhance._Enhance], factor: float
) -> Callable[[Picture], Picture]:
    return lambda image: what(image).enhance(factor)


def after(*edits: Callable[[Picture], Picture]) -> Callable[[Picture], Picture]:
    def edit(image: Picture) -> Picture:
        for one in edits:
            image = one(image)
        return image

    return edit


_T = Image.Transpose

EDITS: dict[str, tuple[Callable[[Picture], Picture], MatchClass]] = {
    "JPEG 5": (encoded_as("JPEG", quality=5), RE_ENCODED),
    "JPEG 10": (encoded_as("JPEG", quality=10), RE_ENCODED),
    "JPEG 30": (encoded_as("JPEG", quality=30), RE_ENCODED),
    "WebP 60": (encoded_as("WEBP", quality=60), RE_ENCODED),
    "PNG": (encoded_as("PNG"), RE_ENCODED),
    "half size": (scaled(0.5, 0.5), RE_ENCODED),
    "quarter size": (scaled(0.25, 0.25), RE_ENCODED),
    "aspect 3:4": (scaled(0.75, 1.0), RE_ENCODED),
    "square": (lambda image: image.resize((256, 256)), RE_ENCODED),
    "crop 75 %": (crop(0.75, 0.5, 0.5), EDITED),
    "crop 50 %": (crop(0.5, 0.5, 0.5), EDITED),
    "crop 30 %": (crop(0.3, 0.5, 0.5), EDITED),
    "crop 75 % corner": (crop(0.75, 1.0, 1.0), EDITED),
    "crop 50 % corner": (crop(0.5, 0.0, 1.0), EDITED),
    "crop 30 % corner": (crop(0.3, 1.0, 0.0), EDITED),
    "turn 90": (transposed(_T.ROTATE_90), EDITED),
    "turn 180": (transposed(_T.ROTATE_180), EDITED),
    "turn 270": (transposed(_T.ROTATE_270), EDITED),
    "turn 3": (turn(3), EDITED),
    "turn 10": (turn(10), EDITED),
    "mirror": (transposed(_T.FLIP_LEFT_RIGHT), EDITED),
    "upside-down mirror": (transposed(_T.FLIP_TOP_BOTTOM), EDITED),
    "mirror, crop 50 %": (after(transposed(_T.FLIP_LEFT_RIGHT), crop(0.5, 0.2, 0.7)), EDITED),
    "blur": (blurred(0.005), EDITED),
    "strong blur": (blurred(0.012), EDITED),
    "noise": (noisy(20), EDITED),
    "white border": (bordered(0.06, "white"), EDITED),
    "black border": (bordered(0.15, "black"), EDITED),
    "letterbox": (letterboxed, EDITED),
    "caption": (captioned, EDITED),
    "watermark": (watermarked, EDITED),
    "screenshot": (screenshot, EDITED),
    "lighter": (gamma(0.6), EDITED),
    "darker": (gamma(1.7), EDITED),
    "contrast": (enhanced(ImageEnhance.Contrast, 1.5), EDITED),
    "saturation": (enhanced(ImageEnhance.Color, 1.8), EDITED),
    "grey": (lambda image: image.convert("L").convert("RGB"), EDITED),
}
