"""A small library for tests of cleaning up: real files, a tiny network, a trash of its own."""

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tests.support import encoded, picture
from tests.unit.inference.tiny_model import write_model
from twinlens.inference import model_spec
from twinlens.library import Library
from twinlens.records import MatchClass
from twinlens.reports import Group, Member
from twinlens.store import photos


def prepare(place: Path, patch: pytest.MonkeyPatch) -> None:
    """Make a model, an empty folder of photos, a trash, and a library that uses them."""
    patch.setenv("TWINLENS_MODELS", str(place / "models"))
    patch.setattr(model_spec, "user_data_path", lambda *_, **__: place / "none")
    patch.setenv("XDG_DATA_HOME", str(place / "data"))
    # The library of the trash reads the variable once, at import.
    patch.setattr("send2trash.plat_other.HOMETRASH_B", os.fsencode(place / "data/Trash"))
    write_model(place / "models" / "one")
    (place / "photos").mkdir()
    with Library(place / "library", writer=True) as library:
        library.use_model("one")
        library.add_folder(place / "photos")


def photo(family: int, variant: int) -> bytes:
    """Return a picture file; those of one family hold the same picture in other bytes."""
    pixels = picture(family, 48, 32)
    pixels[-1, -1] = np.uint8(variant)
    return encoded(pixels)


def family_of(path: Path) -> str:
    """Return the family that a file named FAMILY-anything is of."""
    return path.name.partition("-")[0]


def groups(library: Library) -> list[Group]:
    """Return the files of each family as a group, by their names."""
    connection = library.database.connection()
    paths = photos.paths_of(connection, photos.ids(connection).tolist())
    families: dict[str, list[Member]] = defaultdict(list)
    for photo_id, places in paths.items():
        found = photos.photo(connection, photo_id)
        assert found is not None
        for path in places:
            families[family_of(path)].append(
                Member(path, photo_id, found.hash, found.size, MatchClass.SAME_PIXELS, 1.0)
            )
    made: list[Group] = []
    for name, members in sorted(families.items()):
        members.sort(key=lambda member: member.path)
        if len(members) > 1:
            first = members[0]
            match = MatchClass.SAME_PIXELS
            made.append(Group(name, match, first.photo_id, first.path, tuple(members)))
    return made
