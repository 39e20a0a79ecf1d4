"""One window a library: a second start hands its paths to the first. Runs on the GUI thread."""

import hashlib
import json
import logging
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

WAIT_MS = 1500
MOST_BYTES = 1_000_000


def server_name(library: Path) -> str:
    """Return the name under which the window of a library listens."""
    digest = hashlib.blake2b(os.fsencode(os.path.realpath(library)), digest_size=10)
    return f"twinlens-{digest.hexdigest()}"


def hand_over(library: Path, paths: list[Path]) -> bool:
    """Give paths to the window that is open on a library; False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(server_name(library))
    if not socket.waitForConnected(WAIT_MS):
        return False
    texts = [os.fsdecode(path) for path in paths]
    socket.write(json.dumps(texts).encode("ascii") + b"\n")
    socket.waitForBytesWritten(WAIT_MS)
    answered = socket.waitForReadyRead(WAIT_MS)
    socket.disconnectFromServer()
    return answered


class SingleInstance(QObject):
    """Listens for later starts.

    Signals:
        called(list): a later start happened; its paths, maybe none.
    """

    called = Signal(list)

    def __init__(self, library: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: list[QLocalSocket] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        name = server_name(library)
        if not self._server.listen(name):
            # A socket left over from a crash: nobody answered on it, or we would not be here.
            QLocalServer.removeServer(name)
            if not self._server.listen(name):
                log.info("not listening for later starts: %s", self._server.errorString())

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
        self._calls.clear()

    def _greet(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            self._calls.append(socket)
            # No closure over the socket: what it holds is let go while the socket is being
            # deleted, and that crashes.
            socket.readyRead.connect(self._read_all)
            socket.disconnected.connect(self._let_go)
        self._read_all()

    def _read_all(self) -> None:
        for socket in list(self._calls):
            if socket.canReadLine():
                self._read(socket)
            elif socket.bytesAvailable() > MOST_BYTES:
                socket.abort()

    def _let_go(self) -> None:
        for socket in list(self._calls):
            if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
                self._calls.remove(socket)
                socket.deleteLater()

    def _read(self, socket: QLocalSocket) -> None:
        line = bytes(socket.readLine().data())
        socket.write(b"ok\n")
        socket.flush()
        try:
            texts = json.loads(line)
            paths = [Path(text) for text in texts]
        except (ValueError, TypeError) as error:
            log.info("a later start said something odd: %s", error)
            return
        self.called.emit(paths)
