"""Icons: every one renders, follows the palette, and fills exactly the device pixels asked for."""

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from twinlens.gui import theme
from twinlens.gui.controls import text_button
from twinlens.gui.icons import TintedFiles, draw_icon, icon, icon_pixmap
from twinlens.gui.resources import resource, resources_folder

NAMES = sorted(path.stem for path in (resources_folder() / "icons").glob("*.svg"))


def inked(image: QImage) -> set[str]:
    """Colours of the fully covered pixels."""
    pixels = (image.pixelColor(x, y) for y in range(image.height()) for x in range(image.width()))
    return {colour.name() for colour in pixels if colour.alpha() == 255}


def test_the_licence_ships_with_the_icons() -> None:
    assert "ISC License" in resource("licences", "lucide.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_renders_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    image = icon_pixmap(name, QSize(64, 64), QColor("#123456")).toImage()
    assert inked(image) == {"#123456"}


def test_an_icon_follows_the_theme_without_being_made_again(qapp: QApplication) -> None:
    shown = icon("check", 16)
    theme.apply_theme(qapp, "dark")
    dark = inked(shown.pixmap(QSize(64, 64)).toImage())
    theme.apply_theme(qapp, "light")
    light = inked(shown.pixmap(QSize(64, 64)).toImage())
    theme.apply_theme(qapp, "system")
    assert (dark, light) == ({"#f2f2f2"}, {"#1c1c1e"})


def test_a_disabled_icon_is_dimmed_and_a_role_colours_it(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    size = QSize(64, 64)
    disabled = icon("check").pixmap(size, QIcon.Mode.Disabled).toImage()
    assert inked(disabled) == {theme.tokens().disabled.name()}
    accent = icon("check", role=QPalette.ColorRole.Accent).pixmap(size).toImage()
    assert inked(accent) == {theme.tokens().accent.name()}
    theme.apply_theme(qapp, "system")


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_icon_of_a_primary_button_has_the_colour_of_its_text(
    qapp: QApplication, qtbot: QtBot, name: str
) -> None:
    theme.apply_theme(qapp, name)
    button = text_button("images", "Show them", "Show the chosen photos", kind="primary")
    qtbot.addWidget(button)
    inks = inked(button.icon().pixmap(QSize(64, 64)).toImage())
    assert inks == {theme.tokens().on_accent.name()}
    theme.apply_theme(qapp, "system")


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_a_pixmap_has_one_pixel_for_each_device_pixel(qapp: QApplication, ratio: float) -> None:
    pixmap = icon("search", 16).pixmap(QSize(16, 16), ratio)
    assert pixmap.width() == round(16 * ratio)
    assert pixmap.devicePixelRatio() == pytest.approx(ratio)


def test_drawing_between_pixels_does_not_blur(qapp: QApplication) -> None:
    def drawn(x: float) -> QImage:
        image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(1.25)
        image.fill(0)
        painter = QPainter(image)
        draw_icon(painter, "x", QRectF(x, 4, 16, 16), QColor("black"))
        painter.end()
        return image

    assert drawn(4.0) == drawn(4.1)


def test_an_unknown_icon_is_a_bug_that_shows_at_once(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_copies_of_an_icon_outlive_the_first(qapp: QApplication) -> None:
    copies = [QIcon(icon("plus")) for _ in range(50)]
    for copy in copies:
        copy.addPixmap(copy.pixmap(QSize(8, 8)))  # detaches: clones the engine
    gc.collect()
    assert all(not copy.pixmap(QSize(16, 16)).isNull() for copy in copies)


def test_tinted_files_go_with_their_owner(qapp: QApplication) -> None:
    files = TintedFiles()
    path = Path(files.path("check", QColor("#ff0000")))
    assert "#ff0000" in path.read_text(encoding="utf-8")
    files.close()
    assert not path.exists()
