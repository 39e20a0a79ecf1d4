"""Watching folders through the operating system."""

import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from twinlens.ingest.exclusions import Rules
from twinlens.ingest.watcher import Watcher


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_closing_while_a_file_changes_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = Watcher()
    assert watcher.watch(os.fsencode(tmp_path), Rules()) == ""
    observer = watcher._observer
    assert observer is not None
    (emitter,) = observer.emitters
    group: Any = getattr(emitter, "_inotify")  # noqa: B009
    read, in_hand = group.read_event, threading.Event()

    def read_until_stopped() -> object:
        event = read()
        if event is not None:
            in_hand.set()
            emitter.stopped_event.wait()
        return event

    group.read_event = read_until_stopped
    # The first event may already be read for by the method of before.
    while not in_hand.wait(0.05):
        (tmp_path / "photo.jpg").write_bytes(b"changed")
    with caplog.at_level(logging.WARNING):
        watcher.close()
    assert caplog.messages == []
    assert not emitter.is_alive()
