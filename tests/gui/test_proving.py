"""Proof in the window: copies rise by themselves only where nobody's hand is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.edits import EDITS
from tests.gui.conftest import Expected
from tests.gui.windows import names, opened, shown, wait_for_tiles
from tests.unit.matching.pictures import busy
from twinlens.errors import AppError
from twinlens.gui.arrangement import arrange
from twinlens.gui.main_window import MainWindow
from twinlens.gui.proofs import Proofs
from twinlens.gui.proving import further_down
from twinlens.gui.searching import Answer
from twinlens.library import Library
from twinlens.records import Comparison, Example, Filters, MatchClass, Query, Tile

COUNT = 16


def tile(photo_id: int, match: MatchClass | None = None, score: float = 0.5) -> Tile:
    return Tile(photo_id, f"/photos/{photo_id}.jpg", 1, 40, 30, None, score, match)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a closed library, of which every photo was looked at closely."""
    folder = tmp_path_factory.mktemp("proved")
    (folder / "photos").mkdir()
    for seed in range(COUNT):
        busy(seed).save(folder / "photos" / f"busy-{seed:02d}.png")
    edited = EDITS["crop 30 %"][0](EDITS["turn 90"][0](busy(5)))
    edited.save(folder / "edited.jpg", quality=80)
    with Library(folder / "library", writer=True) as library:
        library.add_folder(folder / "photos")
        library.index_folders(closer=True)
    return folder


@pytest.fixture
def window(proved: Path, qtbot: QtBot) -> Iterator[MainWindow]:
    with opened(qtbot, proved / "library") as made:
        wait_for_tiles(qtbot, made, COUNT)
        yield made


def ask(window: MainWindow, proved: Path) -> list[list[str]]:
    """Ask for the edited picture; return the lists of names that come into the grid."""
    lists: list[list[str]] = []
    window.browser.model.modelReset.connect(lambda: lists.append(names(window)))
    window.browser.tray.add_paths([proved / "edited.jpg"])
    return lists


def wait_for_proof(qtbot: QtBot, window: MainWindow) -> None:
    def proved() -> bool:
        searching = window.conductor.searching
        return not searching.busy and not searching.verifying and bool(window.browser.tray.state())

    qtbot.waitUntil(lambda: proved() and shown(window)[0].score is not None)


def test_an_edited_copy_rises_by_itself(window: MainWindow, proved: Path, qtbot: QtBot) -> None:
    lists = ask(window, proved)
    wait_for_proof(qtbot, window)
    first = shown(window)[0]
    assert first.path.name == "busy-05.png"
    assert first.match is MatchClass.EDITED
    assert first.comparison is not None
    assert first.comparison.outline is not None
    assert first.comparison.first_outline is not None
    assert "An edited version" in str(window.browser.model.index(0).data(3))
    assert lists[0][0] != "busy-05.png", "the first answer must not have waited for the proof"
    assert window.browser.copies_offer == ""


def test_what_is_touched_stays_and_the_copy_is_offered(
    window: MainWindow, proved: Path, qtbot: QtBot
) -> None:
    searching, grid = window.conductor.searching, window.browser.grid
    searching.answered.connect(lambda *_: grid.selectAll())
    ask(window, proved)
    wait_for_proof(qtbot, window)
    before = names(window)
    assert before[0] != "busy-05.png"
    assert shown(window)[before.index("busy-05.png")].match is MatchClass.EDITED
    assert window.browser.copies_offer == "1 copy found · Show first"
    window.browser.copies_requested.emit()
    assert names(window)[0] == "busy-05.png"
    assert window.browser.copies_offer == ""
    assert grid.selected_count() == COUNT
    assert window.conductor.answer is not None
    assert window.conductor.answer.arrangement.tiles == shown(window)


def test_only_copies_are_shown_where_they_are_asked_for(
    window: MainWindow, proved: Path, qtbot: QtBot
) -> None:
    ask(window, proved)
    wait_for_proof(qtbot, window)
    answers: list[Answer] = []
    window.conductor.searching.answered.connect(lambda answer, _: answers.append(answer))
    filters = window.browser.filters
    filters.set_filters(replace(filters.filters(), match=MatchClass.EDITED))
    filters.changed.emit()
    qtbot.waitUntil(lambda: names(window) == ["busy-05.png"])
    wait_for_proof(qtbot, window)
    assert [len(answer.arrangement.tiles) for answer in answers] == [1]


def test_an_answer_stays_when_it_cannot_be_verified(
    window: MainWindow,
    proved: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    expect_warning: Expected,
) -> None:
    expect_warning("could not be verified")
    library = window.session.door.library
    verified = library.verified_tiles

    def breaking(query: Query, k: int) -> Iterator[list[Tile]]:
        yield next(verified(query, k))
        raise AppError("The disk is gone.", "Plug it in.")

    monkeypatch.setattr(library, "verified_tiles", breaking)
    ask(window, proved)
    wait_for_proof(qtbot, window)
    assert len(shown(window)) == COUNT
    assert window.browser.page == "photos"


def test_what_is_known_is_kept_while_filters_change() -> None:
    copy = replace(tile(3, MatchClass.EDITED), comparison=Comparison(0.5, inliers=40))
    proofs = Proofs().about((Example(photo_id=9),))
    assert [item.photo_id for item in proofs.put_into([tile(1), copy])] == [3, 1]
    again = proofs.about((Example(photo_id=9),)).put_into([tile(1), tile(2), tile(3, score=0.4)])
    assert [item.photo_id for item in again] == [3, 1, 2]
    assert again[0] == replace(copy, score=0.4)
    other = proofs.about((Example(photo_id=8),)).put_into([tile(1), tile(3)])
    assert [item.photo_id for item in other] == [1, 3]
    assert other[1].match is None


def test_a_copy_that_was_called_wrong_does_not_come_first() -> None:
    copies = [tile(1), tile(2, MatchClass.SAME_SCENE), tile(3, MatchClass.EDITED)]
    assert [item.photo_id for item in Proofs().put_into(copies)] == [3, 2, 1]
    assert [item.photo_id for item in Proofs().put_into(copies, {3})] == [2, 1, 3]


def test_what_has_only_its_surroundings_in_common_stays_where_it_is_and_is_not_offered() -> None:
    sheet = replace(tile(2, MatchClass.SAME_SCENE), surroundings=True)
    thing = tile(3, MatchClass.SAME_SCENE)
    proofs = Proofs()
    assert [item.photo_id for item in proofs.put_into([tile(1), sheet, thing])] == [3, 1, 2]
    again = proofs.put_into([tile(1), tile(2), tile(3)])
    assert [item.photo_id for item in again] == [3, 1, 2]
    assert again[2].match is MatchClass.SAME_SCENE
    found = arrange([thing, tile(1), sheet])
    assert further_down(found, arrange([thing, tile(1), sheet])) == []
    assert further_down(found, arrange([sheet, tile(1), thing])) == [thing]


def test_copies_are_offered_only_where_others_stand_before_them() -> None:
    edited, same = tile(3, MatchClass.EDITED), tile(4, MatchClass.SAME_PIXELS)
    found = arrange([same, edited, tile(1), tile(2)])
    assert further_down(found, arrange([edited, same, tile(1), tile(2)])) == []
    assert further_down(found, arrange([same, tile(1), edited, tile(2)])) == [edited]
    assert further_down(found, arrange([same, tile(1), tile(2)])) == [edited]


def test_a_query_with_a_filter_by_match_is_verified(proved: Path) -> None:
    with Library(proved / "library", writer=True) as library:
        example = Example(path=proved / "edited.jpg")
        hits = library.search(Query((example,), Filters(match=MatchClass.SAME_SCENE)))
    assert [(hit.rank, hit.path.name) for hit in hits] == [(1, "busy-05.png")]
