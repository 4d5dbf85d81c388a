"""What a study shows: crops of bundled pictures, denoised by the course's own methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import combinations

import numpy as np

from lessons_lib.classroom.study_plan import Pair
from lessons_lib.denoisers import BM3D, Bilateral, Denoiser, Gaussian, Network
from lessons_lib.image import Image, luminance
from lessons_lib.scenes.pictures import picture

SIDE = 96
SIGMA = 25 / 255
CLEAN, BLURRED = "clean", "blurred"
# Picture and first pixel of the crop: faces, fur, bricks, blades, coins, stones.
CROPS = {
    "camera man": ("camera", (140, 190)),
    "astronaut": ("astronaut", (40, 180)),
    "cat": ("chelsea", (90, 150)),
    "bricks": ("brick", (60, 60)),
    "grass": ("grass", (100, 100)),
    "coins": ("coins", (10, 40)),
    "gravel": ("gravel", (60, 200)),
    "coffee": ("coffee", (120, 190)),
}
# Catch trials show clean crops, so they lie where no pair is.
CATCH_CROPS = {
    "camera man elsewhere": ("camera", (300, 300)),
    "coins elsewhere": ("coins", (180, 200)),
}


@dataclass(frozen=True)
class WithGrain:
    """BM3D with a part of what it removed put back; stands in where no network is installed.

    Parameters
    ----------
    share : float
        How much comes back; [0, 1].

    Why edges blur
    --------------
    As much as BM3D's. The grain hides it: it looks like texture, but is noise.
    """

    share: float = 0.4

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate with grain, same shape as ``noisy``."""
        estimate = BM3D()(noisy, sigma)
        return estimate + np.asarray(self.share, noisy.dtype) * (noisy - estimate)


def course_methods() -> dict[str, Denoiser]:
    """The methods that a class compares: three that average, and those that are learnt."""
    methods: dict[str, Denoiser] = {
        "Gaussian": Gaussian(1.0),
        "bilateral": Bilateral(),
        "BM3D": BM3D(),
    }
    if find_spec("torch"):
        from lessons_lib.denoisers.sampler import PosteriorDraw

        return {**methods, "network": Network(), "draw": PosteriorDraw(seed=1)}
    return {**methods, "BM3D with grain": WithGrain()}


@dataclass(frozen=True, eq=False)
class Stimuli:
    """All pictures of a study.

    Attributes
    ----------
    clean : mapping from picture to ndarray, ``(H, W)``
        What nobody in the study sees; catch trials show other crops.
    noisy : mapping from picture to ndarray
        What the denoisers were given.
    estimates : mapping from (picture, method) to ndarray
        What is judged.
    pairs, catches : tuple of Pair
        What is compared; of a pair, ``first`` comes earlier in the list of methods. (Not the
        one of higher PSNR: that may differ between two machines by rounding.)
    """

    clean: Mapping[str, Image]
    noisy: Mapping[str, Image]
    estimates: Mapping[tuple[str, str], Image]
    pairs: tuple[Pair, ...]
    catches: tuple[Pair, ...]

    def shown(self, picture: str, method: str) -> Image:
        """The picture that a rater sees for one method; 'clean' and 'blurred' are for catches."""
        if method == CLEAN:
            return clean_crop(picture)
        if method == BLURRED:
            return Gaussian(4.0)(clean_crop(picture), 0.0)
        return self.estimates[picture, method]


@cache
def clean_crop(name: str) -> Image:
    """One crop of ``CROPS`` or ``CATCH_CROPS``, grey, float32 ``(96, 96)``."""
    source, (row, col) = {**CROPS, **CATCH_CROPS}[name]
    whole = luminance(picture(source))
    return np.ascontiguousarray(whole[row : row + SIDE, col : col + SIDE], dtype=np.float32)


def make_stimuli(
    names: Sequence[str] = tuple(CROPS), methods: Mapping[str, Denoiser] | None = None,
    seed: int = 0, *, each: int = 2,
) -> Stimuli:  # fmt: skip
    """Denoise every crop with every method, and choose the pairs to compare.

    Parameters
    ----------
    names : sequence of str
        From ``CROPS``.
    methods : mapping from name to denoiser, optional
        :func:`course_methods` if left out; at least two.
    seed : int
        Of the noise.
    each : int
        On how many pictures each two methods meet; the pictures take turns.

    Raises
    ------
    ValueError
        For fewer than two methods, or more meetings than pictures.
    """
    methods = course_methods() if methods is None else dict(methods)
    if len(methods) < 2 or not 1 <= each <= len(names):
        raise ValueError(
            f"a study needs 2 methods or more and 1 to {len(names)} meetings of each two, "
            f"got {len(methods)} methods and {each} meetings"
        )
    clean = {name: clean_crop(name) for name in names}
    rng = np.random.default_rng(seed)
    noisy = {
        name: (crop + SIGMA * rng.standard_normal(crop.shape)).astype(np.float32)
        for name, crop in clean.items()
    }
    estimates = {
        (name, method): denoiser(noisy[name], SIGMA)
        for name in names
        for method, denoiser in methods.items()
    }
    pairs, turn = [], 0
    for one, other in combinations(methods, 2):
        for _ in range(each):
            name, turn = names[turn % len(names)], turn + 1
            pairs.append(Pair(name, one, other))
    catches = tuple(Pair(name, CLEAN, BLURRED) for name in CATCH_CROPS)
    return Stimuli(clean, noisy, estimates, tuple(pairs), catches)
