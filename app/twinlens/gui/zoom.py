"""Where a photo lies in a view and how large. Pure; lengths in logical pixels of the view."""

from dataclasses import dataclass, replace

STEP = 1.25
"""The factor of one press or one notch of the wheel."""

MOST = 8.0
"""The largest zoom: device pixels for one of the photo."""

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Zoom:
    """A photo in a view.

    Attributes:
        photo: width and height of the photo at full resolution.
        view: width and height of the view.
        ratio: device pixels for one logical pixel.
        scale: logical pixels for one pixel of the photo.
        left, top: where the photo's corner lies in the view.
        fits: follow the size of the view.
    """

    photo: Size
    view: Size
    ratio: float = 1.0
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    fits: bool = True

    @property
    def fit_scale(self) -> float:
        """The scale that shows all of the photo, never larger than it is."""
        whole = min(self.view[0] / self.photo[0], self.view[1] / self.photo[1])
        return min(whole, self.real_scale)

    @property
    def real_scale(self) -> float:
        """The scale of 100 %: one device pixel for each of the photo."""
        return 1.0 / self.ratio

    @property
    def percent(self) -> int:
        """The zoom as people read it."""
        return round(100 * self.scale * self.ratio)

    @property
    def shown(self) -> Size:
        """Width and height of the photo as shown."""
        return self.photo[0] * self.scale, self.photo[1] * self.scale

    @property
    def larger_than_view(self) -> bool:
        """Whether there is anything to pan to."""
        slack = 0.5
        width, height = self.shown
        return width > self.view[0] + slack or height > self.view[1] + slack

    @property
    def part(self) -> tuple[float, Point]:
        """How much larger than fitted it is, and what is in the middle, in fractions of it."""
        middle = (
            (self.view[0] / 2 - self.left) / self.shown[0],
            (self.view[1] / 2 - self.top) / self.shown[1],
        )
        return self.scale / self.fit_scale, middle

    def of_part(self, part: tuple[float, Point]) -> "Zoom":
        """Return it with the same part in view as another one has."""
        grown, middle = part
        scale = self.fit_scale * grown
        left = self.view[0] / 2 - middle[0] * self.photo[0] * scale
        top = self.view[1] / 2 - middle[1] * self.photo[1] * scale
        fits = abs(grown - 1) < 1e-9
        return replace(self, scale=scale, left=left, top=top, fits=fits)._settled()

    def fitted(self) -> "Zoom":
        """Return all of the photo in the middle of the view."""
        return replace(self, scale=self.fit_scale, fits=True)._settled()

    def resized(self, view: Size, ratio: float) -> "Zoom":
        """Return it in a view of another size, the same part of the photo in its middle."""
        moved = replace(self, view=view, ratio=ratio)
        if self.fits:
            return moved.fitted()
        dx, dy = (view[0] - self.view[0]) / 2, (view[1] - self.view[1]) / 2
        return replace(moved, left=self.left + dx, top=self.top + dy)._settled()

    def scaled_to(self, scale: float, at: Point) -> "Zoom":
        """Return it at another scale, with what is under a point of the view staying there."""
        least = min(self.fit_scale, self.real_scale)
        wanted = min(max(scale, least), max(MOST * self.real_scale, self.fit_scale))
        grown = wanted / self.scale
        left = at[0] - (at[0] - self.left) * grown
        top = at[1] - (at[1] - self.top) * grown
        fits = abs(wanted - self.fit_scale) < 1e-9
        return replace(self, scale=wanted, left=left, top=top, fits=fits)._settled()

    def zoomed(self, factor: float, at: Point) -> "Zoom":
        """Return it larger or smaller by a factor around a point of the view.

        Fitting and 100 % hold the zoom when it would step over them.
        """
        wanted = self.scale * factor
        for stop in (self.fit_scale, self.real_scale):
            if self.scale < stop * 0.999 < wanted or wanted < stop * 1.001 < self.scale:
                wanted = stop
                break
        return self.scaled_to(wanted, at)

    def panned(self, dx: float, dy: float) -> "Zoom":
        """Return it moved as far as the photo reaches."""
        return replace(self, left=self.left + dx, top=self.top + dy)._settled()

    def _settled(self) -> "Zoom":
        width, height = self.shown
        left = _place(self.left, width, self.view[0])
        top = _place(self.top, height, self.view[1])
        return replace(self, left=left, top=top)


def _place(start: float, length: float, room: float) -> float:
    """Centre what is smaller than its room; keep the edges of what is larger outside of it."""
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(start, room - length))
