"""Photos made from nothing: families of pictures that look alike among themselves."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

FAMILIES = ("sunset", "forest", "checker", "circles")
EACH = 6
SIZE = (360, 240)


def write_photos(folder: Path, each: int = EACH) -> Path:
    """Write `each` JPEGs a family, named FAMILY-N.jpg, dated one day apart; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    day = 0
    for family in FAMILIES:
        for number in range(each):
            day += 1
            exif = Image.Exif()
            exif[0x0132] = f"2024:{1 + day // 28:02d}:{1 + day % 28:02d} 10:00:00"
            exif[0x0110] = "Camera One"
            picture(family, number).save(folder / f"{family}-{number}.jpg", quality=90, exif=exif)
    return folder


def picture(family: str, number: int) -> Image.Image:
    """Return the n-th picture of a family."""
    return {
        "sunset": _sunset,
        "forest": _forest,
        "checker": _checker,
        "circles": _circles,
    }[family](number)


def _sunset(number: int) -> Image.Image:
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(SIZE[1]):
        part = y / SIZE[1]
        draw.line((0, y, SIZE[0], y), (250 - int(90 * part), 120 + int(60 * part), int(200 * part)))
    x = 60 + number * 45
    draw.ellipse((x - 30, 110, x + 30, 170), (255, 236, 170))
    draw.rectangle((0, 190, *SIZE), (38, 30, 66))
    return image.filter(ImageFilter.GaussianBlur(1))


def _forest(number: int) -> Image.Image:
    image = Image.new("RGB", SIZE, (196, 220, 232))
    draw = ImageDraw.Draw(image)
    for tree in range(9):
        x = (tree * 47 + number * 19) % SIZE[0]
        top = 40 + (tree * 23 + number * 11) % 70
        draw.polygon(((x, top), (x - 34, 220), (x + 34, 220)), (24, 70 + tree * 10, 44))
        draw.rectangle((x - 4, 215, x + 4, 240), (74, 52, 34))
    return image


def _checker(number: int) -> Image.Image:
    image = Image.new("RGB", SIZE, (236, 236, 230))
    draw = ImageDraw.Draw(image)
    step = 24 + number * 3
    for row in range(SIZE[1] // step + 1):
        for column in range(SIZE[0] // step + 1):
            if (row + column) % 2:
                x, y = column * step, row * step
                draw.rectangle((x, y, x + step, y + step), (28, 28, 34))
    return image


def _circles(number: int) -> Image.Image:
    image = Image.new("RGB", SIZE, (18, 60, 130))
    draw = ImageDraw.Draw(image)
    for ring in range(7):
        radius = 14 + ring * 15
        x, y = 120 + number * 22, 120
        colour = (250, 200 - ring * 20, 60 + ring * 14)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=6)
    return image
