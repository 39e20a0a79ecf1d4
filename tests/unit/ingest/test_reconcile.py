"""Index against store: whatever is missing is put right without an inference."""

import numpy as np
import pytest

from tests.unit.ingest.shelf import Shelf
from twinlens.errors import IndexDamagedError
from twinlens.index.compact import CompactIndex
from twinlens.ingest.reconcile import reconcile_index, survey


def reconcile(shelf: Shelf) -> int:
    return reconcile_index(shelf.database, shelf.index, shelf.projection, shelf.model)


def test_index_in_step_is_left_alone(shelf: Shelf) -> None:
    shelf.fill(5)
    shelf.update()
    assert reconcile(shelf) == 0


def test_kill_between_commit_and_index_is_mended(shelf: Shelf) -> None:
    shelf.fill(5)
    shelf.update()
    runs = shelf.session.runs
    shelf.index.remove(np.array([2, 4]))
    assert reconcile(shelf) == 2
    assert shelf.agrees()
    assert shelf.session.runs == runs


def test_kill_between_removal_and_index_is_mended(shelf: Shelf) -> None:
    shelf.fill(3)
    shelf.update()
    shelf.index.add(np.array([77]), np.ones((1, shelf.index.dim), np.float32))
    assert reconcile(shelf) == 1
    assert shelf.agrees()


def test_empty_index_is_filled_from_the_store(shelf: Shelf) -> None:
    shelf.fill(5)
    shelf.update()
    fresh = CompactIndex(shelf.projection.dim_out)
    reconcile_index(shelf.database, fresh, shelf.projection, shelf.model)
    labels = shelf.index.labels()
    assert np.array_equal(fresh.labels(), labels)
    assert np.allclose(fresh.vectors(labels), shelf.index.vectors(labels), atol=2e-3)


def test_index_with_other_vectors_is_damaged(shelf: Shelf) -> None:
    shelf.fill(3)
    shelf.update()
    shelf.index.remove(np.array([2]))
    shelf.index.add(np.array([2]), -shelf.index.vectors(np.array([1])))
    with pytest.raises(IndexDamagedError):
        reconcile(shelf)


def test_survey_names_each_disagreement_and_changes_nothing(shelf: Shelf) -> None:
    paths = shelf.fill(3)
    shelf.update()
    assert survey(shelf.database, shelf.roots(), shelf.library) == []
    seq = shelf.database.seq
    paths[0].unlink()
    shelf.put("001.png", 50)
    shelf.put("new.png", 51)
    problems = survey(shelf.database, shelf.roots(), shelf.library)
    assert len(problems) == 3
    assert all(any(name in text for text in problems) for name in ("000.", "001.", "new."))
    assert shelf.database.seq == seq


def test_survey_passes_over_what_is_offline(shelf: Shelf) -> None:
    shelf.fill(2)
    shelf.update()
    shelf.folder.rename(shelf.tmp_path / "away")
    assert survey(shelf.database, shelf.roots(), shelf.library) == []
