"""Measures the map: whether neighbours stay near each other, and how long it takes to draw.

python -m tests.benchmarks.map FOLDER…
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.benchmarks.galleries import described
from twinlens.bench.synthetic import descriptors, make_scene
from twinlens.curate.clusters import NEIGHBOURS
from twinlens.curate.layout import first_places, lay_out, layout_graph
from twinlens.gui import theme
from twinlens.gui.map_camera import camera_of
from twinlens.gui.map_painter import MapPainter
from twinlens.gui.map_scene import scene_of
from twinlens.gui.thumbnail_loader import ThumbnailLoader
from twinlens.gui.tile_pictures import TilePictures
from twinlens.index.exact import Vectors

Ids = NDArray[np.int64]
Places = NDArray[np.complex128]

#: Neighbours by descriptor that are looked for on the map.
WANTED = 10
#: Photos of a large map, and frames that are drawn of it.
MANY, FRAMES = 100_000, 100
#: Galleries with a title on it.
TITLES = 4_000
WIDTH, HEIGHT = 1200, 700


def nearest_of(rows: Vectors, k: int) -> tuple[Ids, Vectors]:
    """Return the exact neighbours of all rows and their cosines."""
    near, similar = np.empty((len(rows), k), np.int64), np.empty((len(rows), k), np.float32)
    for start in range(0, len(rows), 500):
        part = slice(start, min(start + 500, len(rows)))
        scores = rows[part] @ rows.T
        scores[np.arange(len(scores)), np.arange(part.start, part.stop)] = -np.inf
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        found = np.take_along_axis(scores, best, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        near[part] = np.take_along_axis(best, order, axis=1)
        similar[part] = np.take_along_axis(found, order, axis=1)
    return near, similar


def near_on_map(places: Places, k: int) -> Ids:
    """Return the k nearest of each place."""
    apart = np.abs(places[:, np.newaxis] - places)
    np.fill_diagonal(apart, np.inf)
    found: Ids = np.argsort(apart, axis=1, kind="stable")[:, :k]
    return found


def shared(wanted: Ids, found: Ids) -> float:
    """Return the share of wanted neighbours that were found."""
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(wanted, found, strict=True)]))


def accuracy(near: Ids, classes: Ids) -> float:
    """Return how often most of the neighbours have the class of a photo."""
    said = [np.bincount(classes[row]).argmax() for row in near[:, :WANTED]]
    return float(np.mean(np.array(said) == classes))


def quality(folder: Path) -> None:
    """Print a line for the map of a folder, one for two main axes, one for the descriptors."""
    rows, classes = described(folder)
    near, similar = nearest_of(rows, NEIGHBOURS)
    start = first_places(rows)
    for name, places in (("axes", start), ("map", lay_out(layout_graph(near, similar), start))):
        found = near_on_map(places, 50)
        kept = [shared(near[:, :WANTED], found[:, :k]) for k in (WANTED, 50)]
        _say(folder.name, name, *kept, accuracy(found, classes))
    _say(folder.name, "descriptors", 1.0, 1.0, accuracy(near, classes))


def speed() -> None:
    """Print what laying out and drawing a large map costs, in seconds of the processor."""
    rows = descriptors(make_scene(MANY, 256), MANY, seed=1)
    near, similar = nearest_of(rows, NEIGHBOURS)
    graph = layout_graph(near, similar)
    places: list[Places] = []
    start = first_places(rows)
    _say(f"{MANY}", "lay out", _spent(lambda: places.append(lay_out(graph, start))))
    found = places[0]
    pick = np.random.default_rng(0).choice(MANY, 500, replace=False)
    kept = []
    for row in pick.tolist():
        order = np.argsort(np.abs(found - found[row]), kind="stable")[1:51]
        kept.append([np.isin(near[row, :WANTED], order[:k]).mean() for k in (WANTED, 50)])
    _say(f"{MANY}", "kept", *np.mean(kept, axis=0).tolist())
    frames(found)


def frames(places: Places) -> None:
    """Print the median, the 99th percentile and the longest time of a frame of a moved map.

    With titles of galleries, then with photos chosen as well; in milliseconds of the processor.
    """
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply_theme(app, "dark")
    loader = ThumbnailLoader(lambda _: None)
    painter = MapPainter(TilePictures(loader))
    two = np.stack([places.real, places.imag], axis=1).astype(np.float32)
    scene = scene_of(np.arange(len(two)), two)
    chosen = np.random.default_rng(1)
    sizes = chosen.integers(3, 1000, TITLES).tolist()
    covers = chosen.choice(len(two), TITLES, replace=False).tolist()
    scene.set_landmarks([(at, f"Shoes ({at})", n, 1) for at, n in zip(covers, sizes, strict=True)])
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    for edition, name in enumerate(("titles", "chosen")):
        if name == "chosen":
            scene.select(chosen.choice(len(two), len(two) // 8, replace=False).tolist())
        for zoom in (1.0, 4.0, 16.0, 64.0):
            camera = camera_of(scene.places, (WIDTH, HEIGHT)).zoomed(zoom, (WIDTH / 2, HEIGHT / 2))
            took = []
            for _ in range(FRAMES):
                camera = camera.panned(3, 2) if zoom > 1 else camera.zoomed(1.001, (0, 0))
                began = time.thread_time()
                canvas = QPainter(image)
                painter.paint(canvas, scene, camera, 1.0, edition=edition)
                canvas.end()
                took.append(1000 * (time.thread_time() - began))
            many = np.percentile(took, (50, 99, 100)).tolist()
            _say("frame", f"{name} x{zoom:g}", *many)
    loader.close()


def _spent(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _say(what: str, how: str, *figures: float) -> None:
    print(f"{what:12} {how:12}", *(f"{figure:8.3f}" for figure in figures))  # noqa: T201


if __name__ == "__main__":
    for name in sys.argv[1:]:
        quality(Path(name))
    if len(sys.argv) == 1:
        speed()
