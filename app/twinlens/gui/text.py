"""Words for rates, times and folders, in the locale of the user. Runs on any thread."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale

from twinlens.gui.wording import photo_count, whole

MINUTE = 60
HOUR = 60 * MINUTE


def tr(text: str) -> str:
    """Translate a text that no QObject says."""
    return QCoreApplication.translate("Text", text)


def files(count: int) -> str:
    """Return "1 file" or "12,480 files"."""
    return tr("1 file") if count == 1 else tr("{0} files").format(whole(count))


def photos_in(photos: int, in_files: int) -> str:
    """Return "12 photos", or where there are copies "12 photos in 15 files" and why."""
    if photos == in_files:
        return photo_count(photos)
    return tr("{0} in {1}: copies of the same bytes are one photo").format(
        photo_count(photos), files(in_files)
    )


def refresh_text(new: int) -> str:
    """Return the offer to show so many photos more, or fewer; empty where nothing is new."""
    if new <= 0:
        return tr("Some photos are gone · Refresh") if new else ""
    said = tr("1 new photo") if new == 1 else tr("{0} new photos")
    return tr("{0} · Refresh").format(said.format(whole(new)))


def rate(per_second: float) -> str:
    """Return photos a second: whole from ten up, one decimal below."""
    digits = 0 if per_second >= 10 else 1
    return tr("{0} photos/s").format(QLocale().toString(per_second, "f", digits))


def time_left(seconds: float) -> str:
    """Return "about 1 min 40 s left", rounded as coarsely as the guess is."""
    if seconds < MINUTE:
        step = 5 if seconds > 10 else 1
        return tr("about {0} s left").format(max(step, round(seconds / step) * step))
    if seconds < 10 * MINUTE:
        whole = round(seconds / 10) * 10
        if whole % MINUTE == 0:
            return tr("about {0} min left").format(whole // MINUTE)
        return tr("about {0} min {1} s left").format(whole // MINUTE, whole % MINUTE)
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return tr("about {0} min left").format(minutes)
    return tr("about {0} h {1} min left").format(minutes // 60, minutes % 60)


def milliseconds(seconds: float) -> str:
    """Return "18 ms" or "1.2 s"."""
    if seconds < 1:
        return tr("{0} ms").format(max(1, round(seconds * 1000)))
    return tr("{0} s").format(QLocale().toString(seconds, "f", 1))


def folder_name(path: Path) -> str:
    """Return the last part of a path, or all of it for the root of a drive."""
    return path.name or str(path)


def sentence(text: str) -> str:
    """Return what the engine says in the middle of a sentence as one of its own."""
    return text[:1].upper() + text[1:]
