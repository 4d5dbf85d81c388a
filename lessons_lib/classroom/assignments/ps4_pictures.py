"""Judges of PS4's two questions about pictures: promises that are kept, and Gram distances."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from lessons_lib.classroom.assignments.returned import call, near, none_of, number, numbers
from lessons_lib.classroom.checks import expect
from lessons_lib.denoisers.bilateral import Bilateral
from lessons_lib.denoisers.contract import Denoiser
from lessons_lib.denoisers.edge_preserving import LocalWiener
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.denoisers.stabilised import Stabilised

_WORDS = "the scale's defect", "the offset's defect"
_ROUNDING = 1e-6  # where a promise is kept, no more than this is left
Case = tuple[Denoiser, np.ndarray, float, float, float]


def _defect_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Denoisers that keep both promises, and one that keeps neither."""
    makers = (
        Bilateral(space_width=float(rng.uniform(1, 1.6)), value_ratio=float(rng.uniform(1.5, 3))),
        LocalWiener(strength=float(rng.uniform(0.8, 1.4))),
        Stabilised(Gaussian(float(rng.uniform(0.8, 1.6))), float(rng.uniform(60, 200))),
    )
    for denoiser in makers:
        clean = gaussian_filter(rng.random((24, 20)), 2) * 2
        sigma = float(rng.uniform(0.05, 0.1))
        noisy = clean + sigma * rng.standard_normal(clean.shape)
        yield denoiser, noisy, sigma, float(rng.uniform(1.6, 3)), float(rng.uniform(0.2, 0.5))


def _size(difference: np.ndarray) -> float:
    return float(np.sqrt(np.mean(difference**2)))


def judge_defects(answer: Callable, rng: np.random.Generator) -> None:
    """Two numbers per denoiser, against the same differences taken here."""
    for case in _defect_cases(rng):
        D, y, sigma, a, b = case
        found = numbers(call(answer, *case), *_WORDS)
        once = D(y, sigma)
        right = (
            _size(D(a * y, a * sigma) - a * once) / (a * sigma),
            _size(D(y + b, sigma) - b - once) / sigma,
        )
        for hint, (which, wrong) in _defect_slips(*case).items():
            if max(wrong, right[which]) > _ROUNDING:
                none_of(found[which], right[which], {hint: wrong})
        for name, ours, yours in zip(_WORDS, right, found, strict=True):
            expect(
                near(ours, yours) or max(ours, abs(yours)) < _ROUNDING,
                f"{name.capitalize()} is not right for {D!r}. It is the root of the mean squared "
                "difference, over the noise of that picture.",
            )


def _defect_slips(
    D: Denoiser, y: np.ndarray, sigma: float, a: float, b: float
) -> dict[str, tuple[int, float]]:
    """Hint -> (which of the two numbers, what the slip gives)."""
    once, brighter, lifted = D(y, sigma), D(a * y, a * sigma), D(y + b, sigma)
    return {
        "Scale: a picture of `factor` times the light has `factor` times the noise; tell the "
        "denoiser so.": (0, _size(D(a * y, sigma) - a * once) / (a * sigma)),
        "Scale: compare with `factor` times the estimate.":
            (0, _size(brighter - once) / (a * sigma)),
        "Scale: measure it in the noise of the brighter picture, `factor` times sigma.":
            (0, _size(brighter - a * once) / sigma),
        "Scale: the difference is still in image units; divide by `factor` times sigma.":
            (0, _size(brighter - a * once)),
        "Offset: take the offset off again before you compare.": (1, _size(lifted - once) / sigma),
        "Offset: the noise stays as it is; sigma does not change.":
            (1, _size(D(y + b, sigma + b) - b - once) / sigma),
        "Offset: the difference is still in image units; divide by sigma.":
            (1, _size(lifted - b - once)),
    }  # fmt: skip


def _maps(image: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Filtered where the filter fits, not flipped, positive part: (filters, pixels)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, filters.shape[1:])
    return np.einsum("ijab,kab->kij", windows, filters).reshape(len(filters), -1)


def _relative(image: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.sum((image - wanted) ** 2) / np.sum(wanted**2))


def _gram(maps: np.ndarray) -> np.ndarray:
    return maps @ maps.T / maps.shape[1]


def judge_texture_distance(answer: Callable, rng: np.random.Generator) -> None:
    """Pictures of unequal size, so that sums and means differ; and a picture with itself."""
    side, what = int(rng.integers(2, 4)), "the relative Gram distance"
    filters = rng.standard_normal((4, side, side + 1))
    filters -= filters.mean(axis=(1, 2), keepdims=True)
    image, wanted = rng.random((14, 17)), gaussian_filter(rng.random((21, 12)), 0.6)
    found = number(call(answer, image, wanted, filters), what)
    right = _relative(*(_gram(np.maximum(_maps(one, filters), 0)) for one in (image, wanted)))
    none_of(found, right, _texture_slips(image, wanted, filters))
    expect(
        near(found, right),
        "Not the distance. Lay each filter on wherever it fits *inside* the picture, keep what is "
        "positive, take the mean products, and compare the two matrices.",
    )
    again = number(call(answer, wanted, wanted, filters), what)
    expect(abs(again) < 1e-12, f"A picture is {again:.3g} from itself; that must be 0.")


def _texture_slips(image: np.ndarray, wanted: np.ndarray, filters: np.ndarray) -> dict[str, float]:
    """Hint -> what the slip gives."""
    raw = [_maps(one, filters) for one in (image, wanted)]
    kept = [np.maximum(one, 0) for one in raw]
    turned = [np.maximum(_maps(one, filters[:, ::-1, ::-1]), 0) for one in (image, wanted)]
    G, W = map(_gram, kept)
    return {
        "Where is the ReLU? Only what is positive of a filtered picture goes on.":
            _relative(*map(_gram, raw)),
        "Take the *mean* of the products over the pixels: the two pictures differ in size.":
            _relative(*(one @ one.T for one in kept)),
        "Divide by the squares of the *wanted* Gram matrix, not of the other one.":
            _relative(W, G),
        "Squares below as well: divide by the sum of the squared entries.":
            np.sum((G - W) ** 2) / np.sum(W),
        "Relative, please: divide by the squares of the wanted matrix.": np.sum((G - W) ** 2),
        "That is the mean over the entries; divide by the squares of the wanted matrix.":
            np.mean((G - W) ** 2),
        "A root too many: squares over squares.": np.sqrt(_relative(G, W)),
        "Only the products of a map with itself? The Gram matrix has all pairs.":
            _relative(np.diag(G), np.diag(W)),
        "Your filters are turned by 180 degrees, as in a strict convolution. In a network "
        "they are laid on as they are.": _relative(*map(_gram, turned)),
    }  # fmt: skip
