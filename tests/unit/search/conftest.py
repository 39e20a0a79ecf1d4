"""Fixtures of the search tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.search.gallery import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    """An empty library."""
    made = Gallery(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def graph_gallery(tmp_path: Path) -> Iterator[Gallery]:
    """An empty library that gets a graph at 100 photos."""
    made = Gallery(tmp_path, graph_from=100)
    yield made
    made.database.close()
