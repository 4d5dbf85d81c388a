"""BM3D: groups of similar blocks, filtered together. The fast version.

Two stages of the same kind. Each takes, for every reference block, the blocks most like
it, stacks them, transforms the stack in all three directions, shrinks the coefficients,
transforms back, and averages the estimates of all stacks that a pixel is in. The first
stage shrinks by a hard threshold. The second matches on the first one's estimate, and
shrinks by the Wiener gain that this estimate suggests. ``bm3d_by_definition.py`` has the
same, written out.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.bm3d_stage import Stage, StageRun
from lessons_lib.denoisers.bm3d_transforms import BLOCK, biorthogonal_matrix, cosine_matrix
from lessons_lib.denoisers.colour import from_opponent, to_opponent
from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image, check_image, check_sigma

# The docstring of bm3d says where these differ from the paper.
HARD = Stage(step=3, most=16, likeness=6.0)
WIENER = Stage(step=4, most=16, likeness=1.4)


def bm3d(image: Image, sigma: float, strength: float = 1.0, threads: int = 1) -> Image:
    """Block-matching and 3-D filtering.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, 3)``. Colour is filtered as luminance and two colour
        differences, in the groups that the luminance finds.
    sigma : float
        Standard deviation of the white noise, image units.
    strength : float
        The filter is told strength x sigma; [0, 20]. 0 returns a copy.
    threads : int
        How many parts of the picture are filtered at the same time; [1, 64].

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For what is no image, and settings outside their ranges.

    Why edges blur
    --------------
    Mis-deciding, twice: the blocks of a group are chosen by noisy likeness, so that weak
    edges are grouped with flat parts; and a weak edge's coefficients fall below the
    threshold like noise. But a group pools the votes of up to 16 x 64 pixels, so weaker
    edges survive than in any single block.

    Notes
    -----
    Against the paper's 'normal profile': blocks are searched up to 19 px in each direction at
    every shift up to 9 px, and only at every second one beyond. The second stage takes a
    reference block every 4 px and groups of at most 16 (there 3 px and 32). The largest
    mean squared difference within a group is 6 and 1.4 sigma^2 instead of fixed values. The
    mean of a group is never shrunk. Right and lower border are mirrored so that blocks tile
    the image. So the filter scales with its input.

    References
    ----------
    Dabov, Foi, Katkovnik, Egiazarian, Image denoising by sparse 3-D transform-domain
    collaborative filtering, 10.1109/TIP.2007.901238. Lebrun, An analysis and
    implementation of the BM3D image denoising method, 10.5201/ipol.2012.l-bm3d.
    """
    return deque(bm3d_steps(image, sigma, strength, threads), maxlen=1).pop()[1]


def bm3d_steps(
    image: Image, sigma: float, strength: float = 1.0, threads: int = 1
) -> Iterator[tuple[float, Image]]:
    """Run :func:`bm3d` row by row, so that a caller can show progress or stop in between.

    Yields
    ------
    (float, ndarray)
        The share that is done, (0, 1], and the estimate so far: the image itself at first,
        then the first stage's estimate, at last the final one.
    """
    check_image(image)
    check_setting(strength, "strength (ratio to sigma)", 0, 20)
    check_setting(threads, "threads", 1, 64)
    noise = check_sigma(sigma) * strength
    if noise <= float(np.finfo(image.dtype).tiny) ** 0.25:  # its square must not vanish
        yield 1.0, image.copy()
        return
    planes = extended_planes(image)
    shown = image.copy()
    pilot = None
    for number, (stage, matrix) in enumerate(
        ((HARD, biorthogonal_matrix()), (WIENER, cosine_matrix()))
    ):
        filtered = StageRun(planes, pilot, noise, stage, matrix)
        for share in _together(filtered, int(threads)):
            yield 0.4 * number + (0.4, 0.55)[number] * share, shown
        pilot = filtered.estimate()
        shown = picture_of(pilot, image)
    yield 1.0, shown


def _together(stage: StageRun, threads: int) -> Iterator[float]:
    """Run the parts of a stage side by side, one row of each at a time."""
    if threads == 1:
        yield from stage.rows()
        return
    parts = [stage.rows(part, threads) for part in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        while True:
            shares = list(pool.map(lambda part: next(part, None), parts))
            if all(share is None for share in shares):
                return
            yield min(share for share in shares if share is not None)


def extended_planes(image: Image) -> np.ndarray:
    """Planes ``(C, H, W)``, extended by mirroring so that reference blocks tile them.

    Colour becomes luminance and two colour differences; blocks of both stages end at the
    lower and right border.
    """
    array = to_opponent(image) if image.ndim == 3 and image.shape[2] == 3 else image
    planes = np.ascontiguousarray(np.moveaxis(np.atleast_3d(array), 2, 0))
    steps = int(np.lcm(HARD.step, WIENER.step))
    extra = [
        max(BLOCK - side, 0) if side <= BLOCK else (BLOCK - side) % steps
        for side in planes.shape[1:]
    ]
    return np.pad(planes, ((0, 0), (0, extra[0]), (0, extra[1])), mode="symmetric")


def picture_of(planes: np.ndarray, like: Image) -> Image:
    """Undo :func:`extended_planes`: cut off what was added, and turn colours back."""
    height, width = like.shape[:2]
    array = np.moveaxis(planes[:, :height, :width], 0, 2)
    if array.shape[2] == 3:
        array = from_opponent(np.ascontiguousarray(array))
    return np.ascontiguousarray(array, dtype=like.dtype).reshape(like.shape)


@dataclass(frozen=True)
class BM3D:
    """Block-matching and 3-D filtering as a denoiser.

    Parameters
    ----------
    strength : float
        The filter is told strength x sigma; [0, 20]. 0 switches it off.
    threads : int
        As in :func:`bm3d`; the estimate is the same but for rounding.
    """

    strength: float = 1.0
    threads: int = field(default=1, repr=False)

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")
    reach: ClassVar[None] = None  # where the reference blocks lie depends on the whole image

    def __post_init__(self) -> None:
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)
        check_setting(self.threads, "threads", 1, 64)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate; see :func:`bm3d`."""
        return bm3d(noisy, prepare(noisy, sigma), self.strength, self.threads)

    def progress(self, noisy: Image, sigma: float) -> Iterator[tuple[float, Image]]:
        """Yield the share that is done and the estimate so far; see :func:`bm3d_steps`."""
        return bm3d_steps(noisy, prepare(noisy, sigma), self.strength, self.threads)
