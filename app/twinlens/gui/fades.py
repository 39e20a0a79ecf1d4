"""Lets pictures that arrive late fade in. Runs on the GUI thread."""

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from twinlens.gui import theme

FRAME_MS = 16


class Fades(QObject):
    """Opacities of photos that have just been loaded; nothing runs when nothing fades.

    Signals:
        moved(photo_ids): a list of the photos whose opacity has changed.
    """

    moved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._started: dict[int, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    def start(self, photo_id: int) -> None:
        """Fade a photo in from now on; it is there at once where less motion is wanted."""
        if theme.reduced_motion():
            return
        self._started[photo_id] = self._clock.elapsed()
        if not self._timer.isActive():
            self._timer.start()

    def opacity(self, photo_id: int) -> float:
        """Return 0..1, eased out; 1 for a photo that does not fade."""
        started = self._started.get(photo_id)
        if started is None:
            return 1.0
        part = min(1.0, (self._clock.elapsed() - started) / theme.tokens().fade_ms)
        return 1.0 - (1.0 - part) ** 2

    def stop(self) -> None:
        """End all fades at once."""
        self._started.clear()
        self._timer.stop()

    def _tick(self) -> None:
        fading = list(self._started)
        now = self._clock.elapsed()
        duration = theme.tokens().fade_ms
        self._started = {key: at for key, at in self._started.items() if now - at < duration}
        if not self._started:
            self._timer.stop()
        self.moved.emit(fading)
