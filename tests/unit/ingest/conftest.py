"""Fixtures of the tests of indexing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.ingest.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty library with one folder."""
    made = Shelf(tmp_path)
    yield made
    made.close()
