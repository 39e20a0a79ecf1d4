"""What is marked on a tile: icons of the match classes, and pills. Pure; runs on any thread."""

from twinlens.gui.wording import score_text
from twinlens.records import MatchClass, Tile

MATCH_ICONS = {
    MatchClass.SAME_BYTES: "equal",
    MatchClass.SAME_PIXELS: "equal-approximately",
    MatchClass.RE_ENCODED: "image-down",
    MatchClass.EDITED: "pencil",
    MatchClass.SAME_SCENE: "mountain",
    MatchClass.ALIKE: "blend",
}

#: Of a photo that was called right, or wrong.
VERDICT_ICONS = {True: "check", False: "x"}


def left_pills(tile: Tile) -> list[tuple[str, str]]:
    """Return (icon, text) of what is said at the lower left: the score, then being offline."""
    pills = [("", score_text(tile.score))] if tile.score is not None else []
    return [*pills, ("hard-drive", "")] if tile.offline else pills


def right_pills(tile: Tile) -> list[tuple[str, str]]:
    """Return (icon, text) of what is said at the lower right: how many copies there are."""
    return [("layers", str(tile.copies))] if tile.copies > 1 else []
