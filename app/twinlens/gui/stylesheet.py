"""The one style sheet, built from tokens for every standard widget. Runs on the GUI thread."""

from string import Template

from PySide6.QtGui import QColor

from twinlens.gui.icons import TintedFiles
from twinlens.gui.tokens import Tokens

_BASICS = """
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog, QStackedWidget { background: $window; }
QFrame[kind="panel"] { background: $panel; border: none; border-radius: ${panel_radius}px; }
QFrame[kind="raised"] { background: $raised; border: 1px solid $line;
    border-radius: ${panel_radius}px; }
QFrame[kind="side"] { background: $panel; border: none; }
QFrame[kind="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QLabel { background: transparent; }
QLabel:disabled { color: $disabled; }
QLabel[kind="secondary"] { color: $secondary; font-size: ${secondary_px}px; }
QLabel[kind="heading"] { font-size: ${heading_px}px; }
QLabel[kind="title"] { font-size: ${title_px}px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px;
    font-size: ${secondary_px}px; }
QAbstractScrollArea { background: $window; border: none; }
QAbstractItemView { background: $panel; border: none; selection-background-color: $selection;
    selection-color: $text; alternate-background-color: $window; }
QAbstractItemView[kind="grid"] { background: $window; }
QAbstractItemView[kind="menu"] { background: transparent; }
QAbstractItemView::item { border-radius: ${tile_radius}px; padding: 6px 8px; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView[kind="menu"]::item:hover { background: transparent; }
QAbstractItemView::item:selected, QAbstractItemView[kind="menu"]::item:selected {
    background: $selection; color: $text; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $secondary; border: none;
    border-bottom: 1px solid $line; padding: 4px 8px; font-size: ${secondary_px}px; }
QStatusBar { background: $panel; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QSizeGrip { image: none; }
QToolBar { background: $panel; border: none; spacing: 4px; padding: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 4px 8px; }
"""

_BUTTONS = """
QPushButton { background: $raised; color: $text; border: 1px solid $line; padding: 5px 13px;
    border-radius: ${panel_radius}px; min-height: ${inner}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 12px; }
QPushButton:disabled { color: $disabled; background: $window; }
QPushButton[kind="primary"], QPushButton:default { background: $accent; color: $on_accent;
    border: 1px solid $accent; }
QPushButton[kind="primary"]:hover, QPushButton:default:hover { background: $accent_hover;
    border-color: $accent_hover; }
QPushButton[kind="primary"]:focus, QPushButton:default:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled, QPushButton:default:disabled { background: $groove;
    border-color: $groove; color: $disabled; }
QPushButton[kind="danger"] { color: $failed; }
QPushButton[kind="quiet"], QPushButton[kind="link"] { background: transparent;
    border-color: transparent; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:pressed, QPushButton[kind="quiet"]:checked { background: $pressed; }
QPushButton[kind="quiet"]:focus, QPushButton[kind="link"]:focus { border: 2px solid $accent; }
QPushButton[kind="link"] { color: $link; }
QPushButton[kind="link"]:hover { background: $hover; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton::menu-indicator { image: url("$chevron_down"); width: 16px; height: 16px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 4px; }
QToolButton { background: transparent; color: $text; border: 1px solid transparent;
    border-radius: ${panel_radius}px; padding: 5px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border: 2px solid $accent; padding: 4px; }
QToolButton:disabled { color: $disabled; }
QToolButton[popupMode="1"] { padding-right: 20px; }
QToolButton[popupMode="1"]:focus { padding-right: 19px; }
QToolButton::menu-indicator { image: none; }
QToolButton::menu-button { border: none; width: 16px; }
QToolButton::menu-arrow { image: url("$chevron_down"); width: 12px; height: 12px; }
"""

_FIELDS = """
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox { background: $field;
    color: $text; border: 1px solid $line; border-radius: ${panel_radius}px; padding: 5px 9px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: ${inner}px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: $groove; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border: 2px solid $accent; padding: 4px 8px; }
QAbstractSpinBox { padding: 5px 25px 5px 9px; }
QAbstractSpinBox:focus { padding: 4px 24px 4px 8px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $disabled;
    background: $window; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none;
    padding: 0; min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border;
    border: none; background: transparent; width: 20px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; }
QAbstractSpinBox::up-arrow { image: url("$chevron_up"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$chevron_down"); width: 12px; height: 12px; }
QComboBox { padding-right: 28px; }
QComboBox:focus { padding-right: 27px; }
QComboBox::drop-down { border: none; width: 28px; subcontrol-origin: border;
    subcontrol-position: center right; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 16px; height: 16px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; padding: 4px; }
QCheckBox, QRadioButton, QGroupBox { spacing: 8px; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator { width: 16px; height: 16px;
    border: 1px solid $handle; background: $field; }
QCheckBox::indicator, QGroupBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QGroupBox::indicator:checked { background: $accent;
    border-color: $accent; image: url("$check"); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent;
    image: url("$minus"); }
QRadioButton::indicator:checked { border-color: $accent; background: qradialgradient(
    cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0.44 $field, stop: 0.52 $accent, stop: 1 $accent); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $groove; }
QCheckBox:focus, QRadioButton:focus { color: $link; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QGroupBox { border: none; margin-top: 28px; padding: 0; }
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left;
    color: $secondary; }
"""

_RANGES = """
QSlider { min-height: 20px; background: transparent; }
QSlider:vertical { min-width: 20px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $groove; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
    background: $knob; border: 1px solid $knob_line; }
QSlider::groove:vertical { width: 4px; border-radius: 2px; background: $groove; }
QSlider::add-page:vertical { width: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:vertical { height: 14px; width: 14px; margin: 0 -5px; border-radius: 7px;
    background: $knob; border: 1px solid $knob_line; }
QSlider::handle:hover { border-color: $accent; }
QSlider::handle:focus { border: 2px solid $accent; margin: -6px 0; border-radius: 8px; }
QSlider::sub-page:disabled, QSlider::add-page:disabled { background: $groove; }
QProgressBar { background: $groove; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $groove; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $handle; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""

_CONTAINERS = """
QMenuBar { background: $panel; border: none; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: ${tile_radius}px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $pressed; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: ${tile_radius}px; }
QMenu::item:selected { background: $menu_hover; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 16px; height: 16px; left: 6px; }
QMenu::indicator:checked { image: url("$check_text"); }
QMenu::right-arrow { image: url("$chevron_right"); width: 16px; height: 16px; right: 6px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; background: $panel; }
QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: $secondary; padding: 8px 12px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $link; }
QTreeView { show-decoration-selected: 1; selection-background-color: transparent; }
QTreeView::item { border-radius: 0; }
QTreeView::branch { background: transparent; }
QTreeView::branch:hover { background: $hover; }
QTreeView::branch:selected { background: transparent; }
QTreeView::branch:has-children:closed { image: url("$chevron_right"); }
QTreeView::branch:has-children:open { image: url("$chevron_down"); }
"""


def stylesheet(now: Tokens, files: TintedFiles) -> str:
    """Return the style sheet of a scheme.

    Args:
        now: the tokens to build from.
        files: gives the arrows and ticks in the colours of the scheme.
    """
    knob = now.text if now.dark else now.raised
    values = {
        name: _css(getattr(now, name))
        for name in (
            *("window", "panel", "raised", "line", "text", "secondary", "disabled", "hover"),
            *("pressed", "groove", "handle", "accent", "accent_hover", "on_accent", "selection"),
            *("link", "failed"),
        )
    }
    values |= {
        "field": _css(now.window if now.dark else now.panel),
        "menu_hover": _css(now.pressed if now.dark else now.hover),
        "knob": _css(knob),
        "knob_line": _css(knob if now.dark else now.handle),
        "panel_radius": str(now.radius_panel),
        "tile_radius": str(now.radius_tile),
        "inner": str(now.pixels(now.control - 12)),
        "secondary_px": str(now.pixels(now.secondary_px)),
        "heading_px": str(now.pixels(now.heading_px)),
        "title_px": str(now.pixels(now.title_px)),
        "chevron_down": files.path("chevron-down", now.secondary),
        "chevron_up": files.path("chevron-up", now.secondary),
        "chevron_right": files.path("chevron-right", now.secondary),
        "check": files.path("check", now.on_accent),
        "check_text": files.path("check", now.text),
        "minus": files.path("minus", now.on_accent),
    }
    return Template(_BASICS + _BUTTONS + _FIELDS + _RANGES + _CONTAINERS).substitute(values)


def _css(colour: QColor) -> str:
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alphaF():.3f})"
