"""The part of OpenCV that Twinlens uses, with the types it uses it with."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_Level = TypeVar("_Level", np.uint8, np.float32)

class error(Exception): ...

class KeyPoint:
    pt: tuple[float, float]
    size: float
    angle: float
    response: float

class SIFT:
    def detect(self, image: NDArray[np.uint8], mask: None) -> Sequence[KeyPoint]: ...
    def compute(
        self, image: NDArray[np.uint8], keypoints: Sequence[KeyPoint]
    ) -> tuple[Sequence[KeyPoint], NDArray[np.float32] | None]: ...

def SIFT_create(*, contrastThreshold: float, enable_precise_upscale: bool) -> SIFT: ...
def setNumThreads(nthreads: int) -> None: ...
def getNumThreads() -> int: ...
def cvtColor(src: NDArray[np.uint8], code: int) -> NDArray[np.uint8]: ...
def resize(
    src: NDArray[_Level], dsize: tuple[int, int], *, interpolation: int
) -> NDArray[_Level]: ...
def imencode(
    ext: str, img: NDArray[np.uint8], params: Sequence[int]
) -> tuple[bool, NDArray[np.uint8]]: ...
def imdecode(buf: NDArray[np.uint8], flags: int) -> NDArray[np.uint8] | None: ...
def GaussianBlur(
    src: NDArray[np.float32], ksize: tuple[int, int], sigmaX: float
) -> NDArray[np.float32]: ...
def getPerspectiveTransform(
    src: NDArray[np.float32], dst: NDArray[np.float32]
) -> NDArray[np.float64]: ...
def remap(
    src: NDArray[np.uint8], map1: NDArray[np.float32], map2: NDArray[np.float32], interpolation: int
) -> NDArray[np.uint8]: ...
def warpPerspective(
    src: Array, M: NDArray[np.float64], dsize: tuple[int, int], *, flags: int, borderMode: int = ...
) -> Array: ...
def erode(
    src: NDArray[np.uint8], kernel: NDArray[np.uint8], *, borderValue: int
) -> NDArray[np.uint8]: ...
def fillConvexPoly(img: NDArray[np.uint8], points: NDArray[np.int32], color: int) -> Array: ...
def convexHull(points: NDArray[np.float32]) -> NDArray[np.float32]: ...
def contourArea(contour: NDArray[np.float32]) -> float: ...
def intersectConvexConvex(
    p1: NDArray[np.float32], p2: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32] | None]: ...
def findHomography(
    srcPoints: NDArray[np.float32],
    dstPoints: NDArray[np.float32],
    method: int,
    ransacReprojThreshold: float,
) -> tuple[NDArray[np.float64] | None, NDArray[np.uint8]]: ...
def findTransformECC(
    templateImage: NDArray[np.float32],
    inputImage: NDArray[np.float32],
    warpMatrix: NDArray[np.float32],
    motionType: int,
    criteria: tuple[int, int, float],
    inputMask: None,
    gaussFiltSize: int,
) -> tuple[float, NDArray[np.float32]]: ...

BORDER_REPLICATE: Final[int]
COLOR_BGR2RGB: Final[int]
COLOR_RGB2BGR: Final[int]
COLOR_RGB2GRAY: Final[int]
IMREAD_COLOR: Final[int]
IMREAD_REDUCED_GRAYSCALE_2: Final[int]
IMWRITE_JPEG_QUALITY: Final[int]
INTER_AREA: Final[int]
INTER_CUBIC: Final[int]
INTER_LINEAR: Final[int]
INTER_NEAREST: Final[int]
MOTION_AFFINE: Final[int]
TERM_CRITERIA_COUNT: Final[int]
TERM_CRITERIA_EPS: Final[int]
USAC_MAGSAC: Final[int]
