"""Says what a drop would do, and what of it could not be used. Pure; runs on the GUI thread."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from twinlens.gui.mime import Payload
from twinlens.gui.wording import name_text, whole

LONGEST_NAME = 48


def _tr(text: str) -> str:
    return QCoreApplication.translate("Drop", text)


def offer_text(payload: Payload, *, occupied: bool = False, empty: bool = False) -> str:
    """Return what a drop would do and what of it not, or why it would do nothing.

    Args:
        payload: what hovers over the window.
        occupied: whether the query has examples already.
        empty: whether there is nothing to search yet.
    """
    clauses = []
    if payload.examples and empty and not payload.folders:
        clauses.append(_tr("Keep as a query for photos that you add"))
    elif payload.examples:
        clauses.append(_examples_text(len(payload.examples), occupied=occupied))
    if payload.folders:
        clauses.append(_folders_text(payload))
    clauses += _unused(payload)
    return "; ".join(clauses) or payload.reason


def left_out_text(payload: Payload) -> str:
    """Return what of a drop was not used, in sentences; empty where all of it was."""
    sentences = []
    if len(payload.others) == 1:
        sentence = _tr("{name} is not a photo and was left out.")
        sentences.append(sentence.format(name=_short(payload.others[0])))
    elif payload.others:
        sentence = _tr("{count} of {total} files are not photos and were left out.")
        sentences.append(_counted(sentence, payload, payload.others))
    if len(payload.gone) == 1:
        sentence = _tr("{name} cannot be found. Check that its drive is connected.")
        sentences.append(sentence.format(name=_short(payload.gone[0])))
    elif payload.gone:
        sentence = _tr(
            "{count} of {total} files cannot be found. Check that their drive is connected."
        )
        sentences.append(_counted(sentence, payload, payload.gone))
    return " ".join(sentences) or payload.reason


def _examples_text(count: int, *, occupied: bool) -> str:
    if count == 1:
        return _tr("Add as another example") if occupied else _tr("Find photos like this")
    text = _tr("Add {count} examples") if occupied else _tr("Find photos like these {count}")
    return text.format(count=whole(count))


def _folders_text(payload: Payload) -> str:
    count = len(payload.folders)
    if payload.examples:
        text = _tr("add the folder {name}") if count == 1 else _tr("add {count} folders")
    else:
        text = _tr("Add the folder {name}") if count == 1 else _tr("Add {count} folders")
    return text.format(name=_short(payload.folders[0]), count=whole(count))


def _unused(payload: Payload) -> list[str]:
    clauses = []
    if len(payload.others) == 1:
        clauses.append(_tr("{name} is not a photo").format(name=_short(payload.others[0])))
    elif payload.others:
        text = _tr("{count} of {total} files are not photos")
        clauses.append(_counted(text, payload, payload.others))
    if len(payload.gone) == 1:
        clauses.append(_tr("{name} cannot be found").format(name=_short(payload.gone[0])))
    elif payload.gone:
        text = _tr("{count} of {total} files cannot be found")
        clauses.append(_counted(text, payload, payload.gone))
    return clauses


def _counted(text: str, payload: Payload, of_them: tuple[Path, ...]) -> str:
    total = len(payload.examples) + len(payload.others) + len(payload.gone)
    return text.format(count=whole(len(of_them)), total=whole(total))


def _short(path: Path) -> str:
    """Return a file name, its middle left out where it would fill the whole target."""
    name = " ".join(name_text(path).split())
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME * 2 // 3]}…{name[-LONGEST_NAME // 3 + 1 :]}"
