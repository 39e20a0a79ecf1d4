"""A real window in a large library against one in a small one; see benchmarks.md for the budgets.

Figures are ratios of one run, of processor time where a busy machine could move them.
"""

from pathlib import Path

import pytest

from tests.benchmarks.window import make_library, probe
from twinlens.bench.photos import TWELVE_MEGAPIXELS, write_photos

pytestmark = [pytest.mark.slow, pytest.mark.model]

FEW, MANY = 600, 6000


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    place = tmp_path_factory.mktemp("window")
    made = {}
    for size in (FEW, MANY):
        (place / str(size)).mkdir()
        made[size] = make_library(place / str(size), size)
    return made


def test_ten_times_the_photos_hardly_delay_the_first_screen(libraries: dict[int, Path]) -> None:
    work = {
        size: min(probe(library, "start")["grid_work"] for _ in range(2))
        for size, library in libraries.items()
    }
    assert work[MANY] <= 1.5 * work[FEW]


def test_ten_times_the_photos_hardly_delay_a_drop(
    libraries: dict[int, Path], tmp_path: Path
) -> None:
    dropped = [str(path) for path in write_photos(tmp_path, TWELVE_MEGAPIXELS, 2, 2, seed=2)]
    runs = {
        size: probe(library, "drop", drops={"new": dropped})["drops"]["new"]
        for size, library in libraries.items()
    }
    work = {size: min(run["work"] for run in taken) for size, taken in runs.items()}
    # The larger library has enough photos for all the candidates that are asked for.
    assert work[MANY] <= 2.5 * work[FEW]
