"""The theme: readable in both schemes, follows the system, and says so."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from twinlens.gui import motion, theme
from twinlens.gui.tokens import DARK, LIGHT, Tokens, with_high_contrast

SCHEMES = pytest.mark.parametrize("scheme", [DARK, LIGHT], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def system_theme(qapp: QApplication) -> Iterator[None]:
    """Leave the application as other tests expect it."""
    yield
    theme.apply_theme(qapp, "system")


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(v) for v in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def over(front: QColor, back: QColor) -> QColor:
    part = front.alphaF()
    return QColor.fromRgbF(
        *(
            part * f + (1 - part) * b
            for f, b in zip(front.getRgbF()[:3], back.getRgbF()[:3], strict=True)  # type: ignore[index]
        )
    )


@SCHEMES
def test_text_can_be_read_on_every_surface(scheme: Tokens) -> None:
    for surface in (scheme.window, scheme.panel, scheme.raised):
        for text in (scheme.text, scheme.secondary, scheme.link):
            assert contrast(text, surface) >= 4.5
        for state in (scheme.good, scheme.attention, scheme.failed):
            assert contrast(state, surface) >= 4.5
        assert contrast(scheme.accent, surface) >= 3
        assert contrast(scheme.handle, surface) >= 3
    assert contrast(scheme.on_accent, scheme.accent) >= 4.5
    assert contrast(scheme.text, over(scheme.selection, scheme.panel)) >= 4.5


@SCHEMES
def test_text_on_a_photo_can_be_read_whatever_the_photo(scheme: Tokens) -> None:
    for photo in (QColor("white"), QColor("black"), QColor("yellow")):
        assert contrast(scheme.on_veil, over(scheme.veil, photo)) >= 4.5


@SCHEMES
def test_greys_do_not_tint_the_photos(scheme: Tokens) -> None:
    for grey in (scheme.window, scheme.panel, scheme.placeholder, scheme.photo_background):
        channels = grey.red(), grey.green(), grey.blue()
        assert max(channels) - min(channels) <= 2


@SCHEMES
def test_high_contrast_has_no_grey_text(scheme: Tokens) -> None:
    strong = with_high_contrast(scheme)
    assert strong.secondary == scheme.text
    assert contrast(strong.line, strong.window) >= 4.5


def test_a_chosen_theme_reaches_palette_tokens_and_widgets(
    qapp: QApplication, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(theme.signals.theme_changed):
        theme.apply_theme(qapp, "dark")
    assert theme.tokens().dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == DARK.window
    theme.apply_theme(qapp, "light")
    assert not theme.tokens().dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.window


def test_system_theme_follows_a_switch_of_the_system(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.apply_theme(qapp, "system")
    monkeypatch.setattr(theme, "_system_is_dark", lambda _hints: True)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.tokens().dark
    monkeypatch.setattr(theme, "_system_is_dark", lambda _hints: False)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert not theme.tokens().dark


def test_a_chosen_theme_ignores_a_switch_of_the_system(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.apply_theme(qapp, "light")
    monkeypatch.setattr(theme, "_system_is_dark", lambda _hints: True)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.tokens().dark


def test_kinds_change_the_look(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply_theme(qapp, "light")
    button = QPushButton("Add a folder")
    qtbot.addWidget(button)
    theme.set_kind(button, "primary")
    button.resize(120, 32)
    assert button.grab().toImage().pixelColor(60, 3) == LIGHT.accent
    title = QLabel("Welcome")
    qtbot.addWidget(title)
    theme.set_kind(title, "title")
    title.ensurePolished()
    assert title.font().pixelSize() == LIGHT.title_px


def test_large_system_text_enlarges_type(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = QFont(qapp.font())
    large.setPixelSize(26)
    monkeypatch.setattr(theme._state, "system_font", large)
    theme.apply_theme(qapp, "light")
    assert theme.font().pixelSize() == 26
    assert theme.font("title").pixelSize() == 40
    assert theme.tokens() == replace(LIGHT, text_scale=2.0)


def test_figures_that_change_in_place_are_tabular() -> None:
    assert theme.font(tabular=True).featureValue(QFont.Tag("tnum")) == 1


def test_distances_are_steps_of_four() -> None:
    assert [theme.space(n) for n in (1, 2, 3, 4, 6)] == [4, 8, 12, 16, 24]


@pytest.mark.parametrize(
    ("file", "text", "wanted"),
    [
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=1\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=soon\n", False),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations=false\n", True),
        ("gtk-3.0/settings.ini", "not an ini file", False),
    ],
)
def test_less_motion_is_read_from_the_desktop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, wanted: bool
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert motion.system_wants_less_motion() is wanted
