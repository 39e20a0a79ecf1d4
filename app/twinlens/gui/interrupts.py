"""Ctrl+C and SIGTERM as a signal of Qt. Runs on the main thread."""

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Listens until closed.

    Qt's loop runs no Python while it waits, so a handler alone would be late: the byte that
    Python writes at the moment of the signal wakes the loop.

    Signals:
        interrupted(): the process was asked to end.
    """

    interrupted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heard, self._told = socket.socketpair()
        for end in (self._heard, self._told):
            end.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        self._old = {number: signal.signal(number, _nothing) for number in SIGNALS}
        self._notifier = QSocketNotifier(self._heard.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_byte)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._heard.close()
        self._told.close()

    def _on_byte(self) -> None:
        numbers = self._heard.recv(64)
        if any(number in SIGNALS for number in numbers):
            self.interrupted.emit()


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Keep the default action away; `Interrupts` hears of it otherwise."""
