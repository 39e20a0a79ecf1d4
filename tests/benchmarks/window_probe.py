"""Runs the program's window and measures it from inside; `window` starts this as a process.

Usage: python -m tests.benchmarks.window_probe PLAN, a JSON object as a text. Everything is timed
on the GUI thread; the result is one JSON object on stdout.
"""

import faulthandler
import json
import os
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent, QPaintEvent

from twinlens.gui.application import Running, run_window
from twinlens.gui.results_view import ResultsView

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

Steps = Generator[Callable[[], bool], None, None]

PATIENCE = 120.0
SCROLL_MS, ASK_MS = 40, 2500
#: Saving belongs to the measurement; in earnest it waits for more changes.
SAVE_AFTER = 100


class Probe(QObject):
    """Watches one window and drives it through a scenario, step by step."""

    def __init__(self, running: Running, plan: dict[str, Any]) -> None:
        super().__init__(running)
        self.running = running
        self.window = running.window
        self.grid = running.window.browser.grid
        self.loader = running.window.browser.loader
        self.plan = plan
        self.result: dict[str, Any] = {}
        self.gaps: list[tuple[float, float]] = []
        self.saves: list[tuple[float, float]] = []
        self._last = time.perf_counter()
        self._condition: Callable[[], bool] = lambda: True
        self._waits_since = self._last
        self.window.installEventFilter(self)
        self.running.session.ready.connect(lambda: self.mark("ready"))
        self.running.session.opened.connect(lambda: self.mark("opened"))
        self.window.conductor.searching.answered.connect(lambda *_: self._on_answer())
        self.answered = 0.0
        self.first = self.full = 0.0
        self.steps: Steps = getattr(self, f"scenario_{plan['scenario']}")()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        # Gaps are looked for while indexing; elsewhere the timer only drives the scenario.
        self._timer.start(1 if plan["scenario"] == "index" else 10)

    def mark(self, name: str) -> None:
        """Note once how long after the start of the process something happened."""
        if name not in self.result:
            self.result[name] = time.time() - self.plan["started"]
            self.result[f"{name}_work"] = time.process_time()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Note the first paint of the window."""
        if event.type() == QEvent.Type.Paint:
            self.mark("shown")
        return False

    def painted(self) -> None:
        """Take note of what the grid has just painted."""
        rows = self.grid.visible_rows()
        if not len(rows) or not self.grid.row_count():
            return
        self.mark("grid")
        tiles = [self.window.browser.model.tile(row).photo_id for row in rows]
        there = [
            photo_id
            for photo_id in tiles
            if self.loader.pixmap(photo_id) is not None
            and self.grid._pictures.opacity(photo_id) > 0
        ]
        now = time.perf_counter()
        if there and not self.first:
            self.first = now
        if len(there) == len(tiles) and not self.full:
            self.full = now
            self.mark("thumbnails")

    def _on_answer(self) -> None:
        # What comes after the first answer only proves some of it, and need not paint anything.
        if self.answered:
            return
        self.answered = time.perf_counter()
        self.first = self.full = 0.0
        # What has been painted already is painted once more, to be seen here.
        self.grid.viewport().update()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((self._last, now - self._last))
        self._last = now
        if now - self._waits_since > PATIENCE:
            sys.stderr.write(f"waited in vain with {self.grid.row_count()} tiles: {self.result}\n")
            faulthandler.dump_traceback()
            os._exit(1)
        if self._condition():
            try:
                self._condition = next(self.steps)
                self._waits_since = now
            except StopIteration:
                self._timer.stop()
                self.result["peak"] = most_held()
                QTimer.singleShot(0, self.window.close_requested.emit)

    # What is waited for

    def ready(self) -> bool:
        return "ready" in self.result and self.listed() and self.full > 0

    def listed(self) -> bool:
        answer = self.window.conductor.answer
        return answer is not None and answer.complete

    def settled(self) -> bool:
        library = self.running.session.door.library
        return library.is_settled() and library.status().activity in ("idle", "closer")

    def soon(self, seconds: float) -> Callable[[], bool]:
        end = time.perf_counter() + seconds
        return lambda: time.perf_counter() >= end

    # Scenarios

    def scenario_start(self) -> Steps:
        """Nothing but starting; the index is not saved, since nothing changes."""
        yield self.ready

    def scenario_drop(self) -> Steps:
        """Drop one file after the other, each into an empty query."""
        yield self.ready
        yield self.settled
        # The closer look at 100,000 photos would take hours, and pauses at the next one only.
        self.running.session.door.library.pause()
        drops: dict[str, list[dict[str, float]]] = {}
        for kind, paths in self.plan["drops"].items():
            for path in paths:
                yield self.soon(0.3)
                self.loader._pixmaps.clear()
                self.loader._bytes = 0
                self.answered = 0.0
                work, began = time.process_time(), time.perf_counter()
                self._drop(path)
                yield lambda: bool(self.answered and self.full)
                drops.setdefault(kind, []).append(
                    {
                        "answered": self.answered - began,
                        "first": self.first - began,
                        "full": self.full - began,
                        "work": time.process_time() - work,
                    }
                )
                self.answered = 0.0
                self.window.conductor.show_all()
                yield lambda: bool(self.answered and self.full and self.listed())
        self.result["drops"] = drops

    def _drop(self, path: str) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path)])
        event = QDropEvent(
            QPointF(640, 400),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        self.window.dropEvent(event)

    def scenario_index(self) -> Steps:
        """Index photos while somebody scrolls and searches."""
        yield self.ready
        yield self.settled
        before = self.running.session.status().photos
        scroll, ask = QTimer(self), QTimer(self)
        scroll.timeout.connect(self._scroll)
        ask.timeout.connect(self._ask_something)
        self.gaps.clear()
        began, work = time.perf_counter(), time.process_time()
        if self.plan["busy"]:
            scroll.start(SCROLL_MS)
            ask.start(ASK_MS)
        self.window.conductor.keeping.add_folders([Path(self.plan["folder"])])
        wanted = before + self.plan["photos"]
        yield lambda: self.running.session.status().photos >= wanted
        yield self.settled
        yield self.soon(1.0)
        yield self.settled
        self.result["indexing"] = {
            "seconds": time.perf_counter() - began,
            "work": time.process_time() - work,
            "gaps": [(at - began, gap) for at, gap in self.gaps],
            "saves": [(at - began, took) for at, took in self.saves],
        }

    def _scroll(self) -> None:
        bar = self.grid.verticalScrollBar()
        bar.setValue(bar.value() + 60 if bar.value() + 60 < bar.maximum() else 0)

    def _ask_something(self) -> None:
        tray, model = self.window.browser.tray, self.window.browser.model
        if tray.state():
            self.window.conductor.show_all()
        elif model.rowCount():
            tray.find_similar(model.tile(self.grid.visible_rows().start).photo_id)


def most_held() -> int:
    """Return the most bytes of memory that this process has held; 0 where that is not told."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def install(plan: dict[str, Any]) -> list[Probe]:
    """Have the next window watched; return where its probe will be."""
    made: list[Probe] = []
    start, paint = Running.start, ResultsView.paintEvent

    def watched_start(self: Running, paths: list[Path], *, in_tray: bool) -> None:
        made.append(Probe(self, plan))
        start(self, paths, in_tray=in_tray)

    def watched_paint(self: ResultsView, event: QPaintEvent) -> None:
        paint(self, event)
        for probe in made:
            probe.painted()

    Running.start = watched_start  # type: ignore[method-assign]
    ResultsView.paintEvent = watched_paint  # type: ignore[method-assign]
    if plan["scenario"] == "index":
        _watch_saves(made)
    return made


def _watch_saves(made: list[Probe]) -> None:
    # Imported here: the window is shown before the engine is.
    from twinlens.ingest import snapshots
    from twinlens.library.engine import Engine

    save = Engine.save_index

    def watched(self: Engine) -> None:
        began = time.perf_counter()
        save(self)
        for probe in made:
            probe.saves.append((began, time.perf_counter() - began))

    Engine.save_index = watched  # type: ignore[method-assign]
    snapshots.SNAPSHOT_CHANGES = SAVE_AFTER


def main() -> None:
    """Run the plan named on the command line."""
    plan = json.loads(sys.argv[1])
    made = install(plan)
    run_window(Path(plan["library"]))
    os.write(1, json.dumps(made[0].result).encode())


if __name__ == "__main__":
    main()
