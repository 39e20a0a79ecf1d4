"""Which part of the map is in view, and how large. Pure; lengths in logical pixels of the view."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]

STEP = 1.25
"""The factor of one press or one notch of the wheel."""

MOST = 400.0
"""How much larger than fitted it can be."""

#: Room around what is fitted: a thumbnail at the edge shows whole.
MARGIN = 48.0


@dataclass(frozen=True, slots=True)
class Camera:
    """The map in a view.

    Attributes:
        low, high: corners of what there is, in units of the map.
        view: width and height of the view.
        middle: what is in the middle of the view, in units of the map.
        zoom: how much larger than fitted.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    view: tuple[float, float]
    middle: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0

    @property
    def scale(self) -> float:
        """Pixels for a unit of the map."""
        return self.zoom * self._fit_scale

    @property
    def _fit_scale(self) -> float:
        room = [max(1.0, side - 2 * MARGIN) for side in self.view]
        spans = [max(b - a, 1e-6) for a, b in zip(self.low, self.high, strict=True)]
        return min(side / span for side, span in zip(room, spans, strict=True))

    def fitted(self) -> "Camera":
        """Return all of the map in the middle of the view."""
        middle = ((self.low[0] + self.high[0]) / 2, (self.low[1] + self.high[1]) / 2)
        return replace(self, middle=middle, zoom=1.0)

    def resized(self, view: tuple[float, float]) -> "Camera":
        """Return it in a view of another size, with the same in the middle."""
        return replace(self, view=view)

    def zoomed(self, factor: float, at: tuple[float, float]) -> "Camera":
        """Return it larger or smaller, with what is at a point of the view staying there."""
        grown = replace(self, zoom=min(max(self.zoom * factor, 1.0), MOST))
        before, after = self.on_map(at), grown.on_map(at)
        moved = (grown.middle[0] + before[0] - after[0], grown.middle[1] + before[1] - after[1])
        return replace(grown, middle=moved)._settled()

    def panned(self, dx: float, dy: float) -> "Camera":
        """Return it moved by pixels."""
        x, y = self.middle
        return replace(self, middle=(x - dx / self.scale, y - dy / self.scale))._settled()

    def centred(self, place: tuple[float, float]) -> "Camera":
        """Return it moved, so that a place is in the middle."""
        return replace(self, middle=place)._settled()

    def showing(self, place: tuple[float, float]) -> "Camera":
        """Return it as it is where a place is well in view, else with the place in the middle."""
        point = self.on_view(np.array([place], dtype=np.float32))[0].tolist()
        inside = (MARGIN <= at <= side - MARGIN for at, side in zip(point, self.view, strict=True))
        return self if all(inside) else self.centred(place)

    def on_map(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return what is at a point of the view, in units of the map."""
        x, y = (
            middle + (at - side / 2) / self.scale
            for at, side, middle in zip(point, self.view, self.middle, strict=True)
        )
        return x, y

    def on_view(self, places: Points) -> Points:
        """Return (n, 2) points of the view from (n, 2) places of the map."""
        scale = np.float32(self.scale)
        shift = [
            side / 2 - at * self.scale for side, at in zip(self.view, self.middle, strict=True)
        ]
        points = places * scale
        points += np.array(shift, dtype=np.float32)
        return points

    def _settled(self) -> "Camera":
        """Keep the middle of the view within what there is."""
        x, y = (
            min(max(at, low), high)
            for at, low, high in zip(self.middle, self.low, self.high, strict=True)
        )
        fitted = self.fitted()
        return fitted if self.zoom <= 1.0 else replace(self, middle=(x, y))


def camera_of(places: Points, view: tuple[float, float]) -> Camera:
    """Return what shows all of (n, 2) places."""
    if not len(places):
        return Camera((0.0, 0.0), (1.0, 1.0), view).fitted()
    low, high = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return Camera((low[0], low[1]), (high[0], high[1]), view).fitted()
