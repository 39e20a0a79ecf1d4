"""Finds and installs translations of the window; the source language is English. GUI thread."""

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from twinlens.gui.resources import resource

log = logging.getLogger(__name__)

SOURCE = "en"
PREFIX = "twinlens_"


def languages() -> list[str]:
    """Return the codes of the languages the window can be shown in."""
    folder = resource("translations")
    found = {path.stem.removeprefix(PREFIX) for path in folder.glob(f"{PREFIX}*.qm")}
    return sorted(found | {SOURCE})


def install(app: QCoreApplication, language: str) -> list[QTranslator]:
    """Translate the application from now on.

    Args:
        app: the application; it owns the translators.
        language: a code such as "de", or "system".

    Returns: what was installed, for `remove`.
    """
    locale = QLocale.system() if language == "system" else QLocale(language)
    QLocale.setDefault(locale)
    installed = []
    qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", qt_folder), ("twinlens", str(resource("translations")))):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder) and app.installTranslator(translator):
            installed.append(translator)
        else:
            translator.deleteLater()
    return installed


def remove(app: QCoreApplication, installed: list[QTranslator]) -> None:
    """Go back to English."""
    for translator in installed:
        app.removeTranslator(translator)
        translator.deleteLater()
