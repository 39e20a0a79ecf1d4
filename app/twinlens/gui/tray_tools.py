"""The buttons and the hint of the query tray. Runs on the GUI thread."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from twinlens.gui.controls import text_button, tool_button
from twinlens.gui.icon_label import IconLabel
from twinlens.gui.screen_picker import can_pick_from_screen
from twinlens.gui.theme import set_kind, space, tokens

OPEN_KEYS, PASTE_KEYS, SCREEN_KEYS = "Ctrl+O", "Ctrl+V", "Ctrl+Shift+S"
SAVE_KEYS = "Ctrl+D"


class TrayTools(QWidget):
    """Open, paste, search the screen (where the platform lets us), save the search, and clear."""

    def __init__(self, parent: QWidget, *, below: int) -> None:
        super().__init__(parent)
        self.open = tool_button("image-plus", self.tr("Open photos"), OPEN_KEYS, self)
        self.paste = tool_button("clipboard-paste", self.tr("Paste a photo"), PASTE_KEYS, self)
        self.screen_area = tool_button(
            "square-dashed-mouse-pointer", self.tr("Search the screen"), SCREEN_KEYS, self
        )
        self.screen_area.setVisible(can_pick_from_screen())
        self.save = tool_button("save", self.tr("Save this search …"), SAVE_KEYS, self)
        tip = self.tr("Remove all examples")
        self.clear = text_button("x", self.tr("Clear"), tip, self, kind="quiet")
        self._filled = self._can_save = False
        self._show()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, below)
        row.setSpacing(space(1))
        for button in (self.open, self.paste, self.screen_area, self.save, self.clear):
            row.addWidget(button)

    def set_filled(self, filled: bool) -> None:
        """Offer what there must be an example for, or not."""
        self._filled = filled
        self._show()

    def set_can_save(self, can_save: bool) -> None:
        """Offer to save the search, or not."""
        self._can_save = can_save
        self._show()

    def _show(self) -> None:
        self.clear.setVisible(self._filled)
        self.save.setVisible(self._filled and self._can_save)


class TrayHint(QWidget):
    """Says, while there is no example, how to give one."""

    def __init__(self, parent: QWidget, *, below: int) -> None:
        super().__init__(parent)
        words = self.tr("Drop a photo, paste it (Ctrl+V), or open one (Ctrl+O)")
        text = QLabel(words, self)
        set_kind(text, "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(space(1), 0, 0, below)
        row.setSpacing(space(2))
        row.addWidget(IconLabel("scan-search", tokens().icon))
        row.addWidget(text, 1)
