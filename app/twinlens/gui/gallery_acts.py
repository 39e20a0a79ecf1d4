"""What can be done with a gallery: more like it, name it, pin it. Runs on the GUI thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from twinlens.errors import AppError
from twinlens.gui import theme
from twinlens.gui.gallery_cards import is_rest
from twinlens.records import Example, Gallery

if TYPE_CHECKING:
    from twinlens.gui.main_window import MainWindow


class GalleryActs(QObject):
    """Carries acts out for one window.

    Signals:
        changed(str, object): a gallery by name, and what of it is another, a dict of fields.
        unnamed(object): a Gallery has the title again that the engine gives it.
        opened(object): a Gallery is to be opened.
    """

    changed = Signal(str, object)
    unnamed = Signal(object)
    opened = Signal(object)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        view = self._view = window.browser.galleries.view
        view.more_requested.connect(self.more)
        view.pin_requested.connect(self.pin)
        view.renamed.connect(self.rename)
        view.context_menu.connect(self._show_menu)

    def may_decide(self, gallery: Gallery) -> bool:
        """Tell whether a gallery can be named and pinned."""
        return not is_rest(gallery) and not self._session.read_only

    def more(self, gallery: Gallery) -> None:
        """Search the whole library with photos that stand for a gallery."""
        library = self._session.door.library

        def done(chosen: list[int]) -> None:
            self._window.show_browser()
            self._window.browser.tray.replace([Example(photo_id=number) for number in chosen])

        self._session.tasks.run(
            "look",
            lambda: library.typical_photos(gallery.photos),
            done,
            self._refuse,
            key="typical",
        )

    def pin(self, gallery: Gallery) -> None:
        """Have a gallery come first, or no longer."""
        if not self.may_decide(gallery):
            return
        pinned = not gallery.pinned
        self._decide(
            lambda library: library.pin_gallery(gallery.gallery, pinned),
            lambda: self.changed.emit(gallery.gallery, {"pinned": pinned}),
        )

    def rename(self, gallery: Gallery, title: str) -> None:
        """Give a gallery another title; without one it has the one it would get."""

        def done() -> None:
            if title:
                self.changed.emit(gallery.gallery, {"title": title, "named": True})
            else:
                self.unnamed.emit(gallery)

        self._decide(lambda library: library.name_gallery(gallery.gallery, title), done)

    def _decide(self, act: Callable[..., None], done: Callable[[], None]) -> None:
        library = self._session.door.library
        self._session.tasks.run("library", lambda: act(library), lambda _: done(), self._refuse)

    def _refuse(self, error: AppError) -> None:
        self._window.browser.messages.say("failed", str(error))

    def _show_menu(self, where: QPoint) -> None:
        gallery = self._view.current()
        if gallery is None:
            return
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries: list[tuple[str, str, str, Callable[[], None]]] = [
            ("galleries", self.tr("Open"), "Return", lambda: self.opened.emit(gallery)),
            ("scan-search", self.tr("More like this"), "Ctrl+Return", lambda: self.more(gallery)),
        ]
        if self.may_decide(gallery):
            pin = self.tr("Unpin") if gallery.pinned else self.tr("Pin")
            entries += [
                ("pencil", self.tr("Rename"), "F2", self._view.edit_title),
                ("pin", pin, "P", lambda: self.pin(gallery)),
            ]
        for icon, text, keys, act in entries:
            action = menu.addAction(theme.icon(icon), text)
            action.setShortcut(keys)
            action.triggered.connect(lambda _=False, act=act: act())
        menu.popup(where)
