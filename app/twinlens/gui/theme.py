"""The theme in force: applies tokens to the application and follows the system. GUI thread.

Widgets choose their look by kind, never by colour: `set_kind(button, "primary")`. Kinds of
buttons: primary, quiet, danger, link. Of labels: secondary, heading, title. Of frames: panel,
raised, side (a panel at the edge of the window), line. Of item views: grid. Widgets that paint
themselves read `tokens()` while painting.
"""

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontInfo, QGuiApplication, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QWidget

from twinlens.gui.icons import TintedFiles, icon
from twinlens.gui.motion import system_wants_less_motion
from twinlens.gui.stylesheet import stylesheet
from twinlens.gui.tokens import DARK, LIGHT, Tokens, with_high_contrast

__all__ = [
    "Tokens",
    "apply_theme",
    "font",
    "icon",
    "reduced_motion",
    "set_kind",
    "signals",
    "space",
    "tokens",
]

STEP = 4
LARGE_SYSTEM_TEXT = 15
"""A system font above this many pixels was chosen to be large; below, the platform's habit."""


class ThemeSignals(QObject):
    """Tells that `tokens()` has changed, after palette and style sheet were set."""

    theme_changed = Signal()


class _State:
    """What is in force; one a process, as there is one QApplication."""

    def __init__(self) -> None:
        self.choice = "system"
        self.tokens = LIGHT
        self.system_font: QFont | None = None
        self.files: TintedFiles | None = None
        self.follows = False
        self.less_motion = False


signals = ThemeSignals()
_state = _State()


def apply_theme(app: QApplication, choice: str = "system") -> None:
    """Put a theme in force on the whole application; "system" follows it from then on.

    Args:
        app: the application.
        choice: "system", "light" or "dark".
    """
    _state.choice = choice
    hints = app.styleHints()
    if not _state.follows:
        _state.system_font = QFont(app.font())
        app.setStyle("Fusion")
        _state.less_motion = system_wants_less_motion()
        hints.colorSchemeChanged.connect(_follow_system)
        app.aboutToQuit.connect(_drop_files)
        _state.follows = True
    # Title bars and native dialogs follow this, where the platform can.
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    hints.setColorScheme(wanted.get(choice, Qt.ColorScheme.Unknown))
    _apply(app)


def tokens() -> Tokens:
    """Return the tokens now in force."""
    return _state.tokens


def space(steps: int) -> int:
    """Return a distance in logical pixels: steps of 4."""
    return STEP * steps


def font(role: str = "body", *, tabular: bool = False) -> QFont:
    """Return the system font at the size of a role: body, secondary, heading or title.

    Args:
        role: which size.
        tabular: figures of equal width, for numbers that change in place.
    """
    now = tokens()
    sizes = {
        "body": now.body_px,
        "secondary": now.secondary_px,
        "heading": now.heading_px,
        "title": now.title_px,
    }
    result = QFont(_state.system_font or QGuiApplication.font())
    result.setPixelSize(now.pixels(sizes[role]))
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def set_kind(widget: QWidget, kind: str) -> None:
    """Give a widget one of the looks listed at the top of this module."""
    widget.setProperty("kind", kind)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def reduced_motion() -> bool:
    """Tell whether the system asks for less motion: then nothing moves and nothing fades."""
    return _state.less_motion


def _follow_system() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication):
        _apply(app)


def _drop_files() -> None:
    if _state.files is not None:
        _state.files.close()
        _state.files = None


def _apply(app: QApplication) -> None:
    if _state.files is None:
        _state.files = TintedFiles()
    now = _current_tokens(app)
    _state.tokens = now
    app.setPalette(_palette(now))
    app.setFont(font("body"))
    app.setStyleSheet(stylesheet(now, _state.files))
    signals.theme_changed.emit()


def _current_tokens(app: QApplication) -> Tokens:
    hints = app.styleHints()
    dark = _state.choice == "dark" or (_state.choice == "system" and _system_is_dark(hints))
    chosen = DARK if dark else LIGHT
    if _high_contrast(hints):
        chosen = with_high_contrast(chosen)
    system = QFontInfo(_state.system_font or app.font()).pixelSize()
    scale = system / chosen.body_px if system > LARGE_SYSTEM_TEXT else 1.0
    return replace(chosen, text_scale=scale)


def _system_is_dark(hints: QStyleHints) -> bool:
    return hints.colorScheme() == Qt.ColorScheme.Dark


def _high_contrast(hints: QStyleHints) -> bool:
    # Qt learnt to tell in 6.10.
    if not hasattr(hints, "accessibility"):
        return False
    preference = hints.accessibility().contrastPreference()
    return preference == Qt.ContrastPreference.HighContrast


def _palette(now: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: now.window,
        role.WindowText: now.text,
        role.Base: now.panel,
        role.AlternateBase: now.window,
        role.Text: now.text,
        role.Button: now.raised,
        role.ButtonText: now.text,
        role.BrightText: now.failed,
        role.ToolTipBase: now.raised,
        role.ToolTipText: now.text,
        role.PlaceholderText: now.secondary,
        role.Highlight: now.accent,
        role.HighlightedText: now.on_accent,
        role.Accent: now.accent,
        role.Link: now.link,
        role.LinkVisited: now.link,
        role.Light: now.hover,
        role.Midlight: now.raised,
        role.Mid: now.line,
        role.Dark: now.groove,
        role.Shadow: now.photo_background,
    }
    for name, colour in colours.items():
        palette.setColor(name, colour)
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(disabled, name, now.disabled)
    palette.setColor(disabled, role.Highlight, now.groove)
    palette.setColor(disabled, role.Accent, now.groove)
    return palette
