"""Slows indexing down while the computer runs on its battery. Runs on the GUI thread."""

from PySide6.QtCore import QObject

from twinlens.gui import power
from twinlens.gui.messages import MessageBar
from twinlens.gui.session import Session
from twinlens.gui.status_bar import StatusBar

#: Ticks of the status line between two looks: half a minute.
LOOK_TICKS = 300


class PowerWatch(QObject):
    """Acts when the power changes; what the user chooses in between stays."""

    def __init__(
        self, session: Session, status: StatusBar, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._status = status
        self._messages = messages
        self._ticks = 0
        self._was_on_battery = False
        status.ticked.connect(self._on_tick)

    def look(self) -> None:
        """Look at the power now."""
        on_battery = power.on_battery()
        if on_battery == self._was_on_battery:
            return
        self._was_on_battery = on_battery
        self._session.set_slow(on_battery)
        self._status.set_slow(on_battery)
        if on_battery:
            self._messages.say_once(
                "info",
                self.tr("On battery, Twinlens reads photos with one core only."),
                self.tr("Full speed"),
                self._full_speed,
            )

    def _full_speed(self) -> None:
        self._session.set_slow(False)
        self._status.set_slow(False)

    def _on_tick(self) -> None:
        if self._ticks % LOOK_TICKS == 0:
            self.look()
        self._ticks += 1
