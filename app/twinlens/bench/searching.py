"""How fast a library answers, warm and after its start. Runs on the caller's thread."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from twinlens.bench.children import command_seconds
from twinlens.bench.figures import Figure, median, percentile, seconds_of
from twinlens.bench.libraries import shared_photos, synthetic_library
from twinlens.bench.photos import TWELVE_MEGAPIXELS
from twinlens.library import Library
from twinlens.records import Example, Query

QUERIES = 200
WARM_UP = 20
STARTS = 3
#: Seconds.
MOST_PLAIN = 0.015
MOST_RERANKED = 0.1
MOST_START = 3.0


def measure_searching(size: int) -> Iterator[Figure]:
    """Search with photos of the library, and with files, which have to be embedded first."""
    files = shared_photos(TWELVE_MEGAPIXELS, 24, 4)[:24]
    with Library(synthetic_library(size)) as library:
        examples = _photos_of(library)
        plain = answer_seconds(library, examples, rerank=False)
        refined = answer_seconds(library, examples)
        files_too = answer_seconds(library, [Example(path=path) for path in files])
    limit = 1000 * MOST_PLAIN
    yield Figure("searching.by_photo_ms", 1000 * median(plain), "ms", limit)
    yield Figure("searching.by_photo_p95_ms", 1000 * percentile(plain, 95), "ms", limit)
    limit = 1000 * MOST_RERANKED
    yield Figure("searching.reranked_ms", 1000 * median(refined), "ms", limit)
    yield Figure("searching.reranked_p95_ms", 1000 * percentile(refined, 95), "ms", limit)
    yield Figure("searching.by_file_ms", 1000 * median(files_too), "ms")


def measure_start(size: int) -> Iterator[Figure]:
    """Open a library and ask it at once; then the same with a process that starts first."""
    folder = synthetic_library(size)
    ready = [seconds_of(lambda: _open_and_ask(folder)) for _ in range(STARTS)]
    yield Figure("start.search_ready_seconds", median(ready), "s", MOST_START)
    photo = str(shared_photos(TWELVE_MEGAPIXELS, 24, 4)[0])
    whole = [command_seconds("search", photo, "--library", str(folder)) for _ in range(STARTS)]
    yield Figure("start.command_seconds", median(whole), "s")


def answer_seconds(
    library: Library, examples: Sequence[Example], *, rerank: bool = True
) -> list[float]:
    """Return how long each answer takes once the library is warm."""

    def ask(example: Example) -> Callable[[], object]:
        return lambda: library.search(Query((example,), rerank=rerank))

    for example in examples[:WARM_UP]:
        ask(example)()
    return [seconds_of(ask(example)) for example in examples]


def _photos_of(library: Library) -> list[Example]:
    chosen = np.random.default_rng(0).permutation(library.photo_ids())[:QUERIES]
    return [Example(photo_id=photo_id) for photo_id in chosen.tolist()]


def _open_and_ask(folder: Path) -> None:
    with Library(folder) as library:
        library.search(Query((Example(photo_id=library.photo_ids()[0]),)))
