"""The values of the visual language: colours of both schemes, sizes, durations. Any thread."""

from dataclasses import dataclass, replace

from PySide6.QtGui import QColor


def _rgb(text: str, alpha: float = 1.0) -> QColor:
    colour = QColor(text)
    colour.setAlphaF(alpha)
    return colour


@dataclass(frozen=True, slots=True)
class Tokens:
    """One scheme. Colours are never changed in place; sizes are logical pixels, times in ms.

    `text_scale` follows the text size of the system and multiplies the type sizes only.
    """

    dark: bool
    window: QColor
    panel: QColor
    raised: QColor
    line: QColor
    text: QColor
    secondary: QColor
    disabled: QColor
    hover: QColor
    pressed: QColor
    groove: QColor
    handle: QColor
    accent: QColor
    accent_hover: QColor
    on_accent: QColor
    link: QColor
    selection: QColor
    placeholder: QColor
    photo_background: QColor
    good: QColor
    attention: QColor
    failed: QColor
    veil: QColor
    on_veil: QColor
    text_scale: float = 1.0
    radius_tile: int = 4
    radius_panel: int = 8
    gap: int = 8
    ring: int = 2
    grid_margin: int = 12
    section_header: int = 44
    tile_smallest: int = 96
    tile_side: int = 128
    tile_largest: int = 400
    tile_step: int = 16
    pill: int = 20
    pill_icon: int = 12
    tile_button: int = 24
    tile_inset: int = 4
    icon_small: int = 16
    icon: int = 20
    control: int = 32
    body_px: int = 13
    secondary_px: int = 12
    heading_px: int = 15
    title_px: int = 20
    fade_ms: int = 120
    panel_ms: int = 160
    offline_opacity: float = 0.6

    def pixels(self, size: int) -> int:
        """Return a type size multiplied by the text size of the system."""
        return round(size * self.text_scale)


#: What lies on a photo looks the same in both schemes, as the photo does.
VEIL = _rgb("#000000", 0.68)
ON_VEIL = _rgb("#ffffff")

DARK = Tokens(
    dark=True,
    window=_rgb("#1c1c1e"),
    panel=_rgb("#242426"),
    raised=_rgb("#2e2e31"),
    line=_rgb("#3a3a3d"),
    text=_rgb("#f2f2f2"),
    secondary=_rgb("#a6a6ab"),
    disabled=_rgb("#6b6b70"),
    hover=_rgb("#38383b"),
    pressed=_rgb("#434347"),
    groove=_rgb("#46464a"),
    handle=_rgb("#7a7a80"),
    accent=_rgb("#4c8dff"),
    accent_hover=_rgb("#6ba1ff"),
    on_accent=_rgb("#0d0d0f"),
    link=_rgb("#6ba1ff"),
    selection=_rgb("#4c8dff", 0.24),
    placeholder=_rgb("#2a2a2c"),
    photo_background=_rgb("#121212"),
    good=_rgb("#4cc38a"),
    attention=_rgb("#e5a940"),
    failed=_rgb("#ff6b62"),
    veil=VEIL,
    on_veil=ON_VEIL,
)

LIGHT = Tokens(
    dark=False,
    window=_rgb("#f4f4f5"),
    panel=_rgb("#ffffff"),
    raised=_rgb("#ffffff"),
    line=_rgb("#dcdce0"),
    text=_rgb("#1c1c1e"),
    secondary=_rgb("#66666b"),
    disabled=_rgb("#a3a3a8"),
    hover=_rgb("#ececee"),
    pressed=_rgb("#e0e0e3"),
    groove=_rgb("#d0d0d4"),
    handle=_rgb("#8b8b90"),
    accent=_rgb("#1f6feb"),
    accent_hover=_rgb("#175fd0"),
    on_accent=_rgb("#ffffff"),
    link=_rgb("#175fd0"),
    selection=_rgb("#1f6feb", 0.14),
    placeholder=_rgb("#e6e6e8"),
    photo_background=_rgb("#e6e6e6"),
    good=_rgb("#1a7f4b"),
    attention=_rgb("#8f5f00"),
    failed=_rgb("#c62f28"),
    veil=VEIL,
    on_veil=ON_VEIL,
)


def with_high_contrast(tokens: Tokens) -> Tokens:
    """Return the scheme with stronger lines and no grey text, for who asks the system for it."""
    return replace(
        tokens,
        line=tokens.secondary,
        secondary=tokens.text,
        groove=tokens.secondary,
        handle=tokens.text,
        disabled=tokens.secondary,
    )
