"""One answer instead of the mean of all: draws from the posterior by a reverse diffusion."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.ndimage import uniform_filter

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.denoisers.network import FAMILIES, LARGEST_STRIP, check_precision
from lessons_lib.image import Image
from lessons_lib.learning.diffusion import State, ancestral_heun, noise_levels

if TYPE_CHECKING:
    from torch import nn

PRECISIONS = ("auto", "float32", "float64", "bfloat16")
WINDOW = 8  # px; side of the square means that the leash holds


@dataclass(frozen=True)
class PosteriorDraw:
    """Draw one clean picture from all that fit the noisy one, each as likely as it is probable.

    A noisy photo is a state of the forward diffusion at its own sigma. The stochastic
    reverse process starts there: the network's estimate is approached in steps, and part of
    the noise that each step takes out is drawn anew. Another seed draws another picture.
    **What is drawn was not in the photo.** With an ideal network and small steps the draw's
    mean squared error is twice that of the mean estimate.

    Parameters
    ----------
    seed : int
        Of the noise that is drawn; 0 or more.
    steps : int
        Network evaluations, [1, 1000]. Few steps vary too little: with 20 the squared
        departure from the mean is a few per cent too small on exact toys.
    drawn : float
        Partial averaging, [0, 1]: mean estimate + drawn x (draw - mean estimate). 1 is the
        draw, 0 the mean estimate (one evaluation). What was invented fades in proportion,
        and the mean squared error is (1 + drawn^2) times the mean estimate's.
    strength : float
        The process starts as if the noise were strength x sigma; [0, 20]. 0 switches it off.
        For a sigma that is only roughly known: above 1 detail is taken for noise and replaced,
        mostly by less; below 1 noise stays as if it were detail.
    leash : float or None
        Data consistency: no mean over 8 x 8 px of the draw may be farther from that of the
        noisy photo than about this many standard errors sigma / 8; above 0. None: no limit.
    noise_scale : float
        Standard deviation of the noise that is drawn anew, over what an ideal denoiser would
        need; [0.5, 1.5]. A network takes out a little too much at each step, as if it were
        noise, so that 1 gives too smooth draws. 1.04 was chosen on nine pictures of Set12
        (``python -m benchmarks.draw_scale``).
        (S_noise of Karras and others, who use up to 1.007 with more steps and larger networks.)
    trained_on : str
        Which network, as for :class:`lessons_lib.denoisers.network.Network`.
    precision : str
        What the network computes in: 'float32', 'float64' (slow), 'bfloat16', or 'auto':
        bfloat16 where the processor multiplies it in hardware, else float32.

    Why edges blur
    --------------
    They do not: inventing. Each draw decides where the edge is, and does not know it either.
    The edge stands elsewhere in the next draw, and in the mean of many the blur is back.

    References
    ----------
    Kawar, Vaksman, Elad, Stochastic image denoising by sampling from the posterior
    distribution, arXiv 2101.09552.
    Blau, Michaeli, The perception-distortion tradeoff, arXiv 1711.06077.
    Karras, Aittala, Aila, Laine, Elucidating the design space of diffusion-based generative
    models, arXiv 2206.00364 (S_noise, algorithm 2).
    """

    seed: int = 0
    steps: int = 20
    drawn: float = 1.0
    strength: float = 1.0
    leash: float | None = None
    noise_scale: float = 1.04
    trained_on: str = field(default="white", repr=False)
    precision: str = field(default="auto", repr=False)

    properties: ClassVar[Properties] = Properties(False, False, True, "strength")
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_setting(self.steps, "steps", 1, 1000)
        if self.steps != int(self.steps):
            raise ValueError(f"steps must be a whole number, got {self.steps:g}")
        check_setting(self.drawn, "drawn (0 = mean, 1 = draw)", 0, 1)
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)
        if self.leash is not None and not self.leash > 0:
            raise ValueError(
                f"leash (standard errors) must be above 0, got {self.leash}; None is no limit"
            )
        check_setting(self.noise_scale, "noise_scale (ratio)", 0.5, 1.5)
        if isinstance(self.seed, bool) or self.seed != int(self.seed) or self.seed < 0:
            raise ValueError(f"seed must be a whole number, at least 0, got {self.seed!r}")
        check_precision(self.precision, PRECISIONS)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return one draw, same shape and type as ``noisy``."""
        return deque(self.progress(noisy, sigma), maxlen=1).pop()[1]

    def progress(self, noisy: Image, sigma: float) -> Iterator[tuple[float, Image]]:
        """Yield the share that is done and the clean estimate so far, step by step."""
        for share, draws in self.draws(noisy, sigma, 1):
            yield share, draws[0]

    def draws(self, noisy: Image, sigma: float, count: int) -> Iterator[tuple[float, np.ndarray]]:
        """Make several draws at once; a caller who wants no more just stops asking.

        Parameters
        ----------
        noisy : ndarray
            ``(H, W)`` or ``(H, W, C)``.
        sigma : float
            Standard deviation of the noise, image units.
        count : int
            How many, at least 1. Draw k is the one of seed + k, up to rounding.

        Yields
        ------
        (float, ndarray)
            The share that is done, (0, 1], and the clean estimates so far,
            ``(count, H, W)`` or ``(count, H, W, C)``: at first ``count`` times the mean
            estimate, at last the draws.
        """
        mean, steps = None, self._steps
        for number, state in enumerate(self.states(noisy, sigma, count), 1):
            mean = state.estimate if mean is None else mean
            blended = mean + float(self.drawn) * (state.estimate - mean)
            share = 1.0 if state.sigma == 0 else number / (steps + 1)
            yield share, _images(blended, noisy)

    def states(self, noisy: Image, sigma: float, count: int = 1) -> Iterator[State]:
        """The reverse process itself, for films: arrays ``(count, C, H, W)``, not blended."""
        sigma = prepare(noisy, sigma)
        check_setting(count, "count", 1, 10_000)
        level = self.strength * sigma
        start = _planes(noisy, count, np.float64 if self.precision == "float64" else np.float32)
        if level <= float(np.finfo(np.float32).tiny) ** 0.5:  # its square would vanish
            start = _planes(noisy, count, noisy.dtype)
            yield State(0.0, start, start)
            return
        levels = noise_levels(level, self._steps, end=level / self._steps, bend=1)  # even steps
        yield from ancestral_heun(start, levels, self._denoise(noisy, sigma), self._noise(start))

    @property
    def _steps(self) -> int:
        """Evaluations that are needed; the mean takes one."""
        return 1 if self.drawn == 0 else int(self.steps)

    def _noise(self, start: np.ndarray) -> Callable[[], np.ndarray]:
        """One stream of normal numbers for each draw, so that a batch changes none of them."""
        # The second number keeps it apart from the photo's own noise if that has this seed.
        streams = [np.random.default_rng([int(self.seed) + k, 8]) for k in range(len(start))]
        shape, dtype = start.shape[1:], start.dtype
        scale = dtype.type(self.noise_scale)
        return lambda: scale * np.stack([one.standard_normal(shape, dtype) for one in streams])

    def _denoise(self, noisy: Image, sigma: float) -> Callable[[np.ndarray, float], np.ndarray]:
        """D(x, sigma) of the network on arrays ``(B, C, H, W)``, held by the leash."""
        network, low = self._network(noisy), self._in_bfloat16()
        if self.leash is None:
            return lambda x, level: run(network, x, level, low)
        photo = np.moveaxis(np.atleast_3d(noisy), 2, 0)
        largest = self.leash * sigma / WINDOW

        def held(x: np.ndarray, level: float) -> np.ndarray:
            estimate = run(network, x, level, low)
            return estimate + excess(photo - estimate, largest).astype(estimate.dtype)

        return held

    def _network(self, noisy: Image) -> "nn.Module":
        from lessons_lib.learning import weights

        channels = noisy.shape[2] if noisy.ndim == 3 else 1
        name = FAMILIES.get(self.trained_on, {}).get(channels, self.trained_on)
        network = weights.load(name, double=self.precision == "float64")
        if network.shape.channels not in (1, channels):
            raise ValueError(
                f"the network {name!r} takes colour pictures, this one is grey; "
                "use another network"
            )
        return network

    def _in_bfloat16(self) -> bool:
        import torch

        if self.precision == "auto":
            return torch.cpu._is_avx512_bf16_supported()
        return self.precision == "bfloat16"


def run(network: "nn.Module", x: np.ndarray, level: float, low: bool) -> np.ndarray:
    """Apply a network to arrays ``(B, C, H, W)``, large ones in overlapping strips."""
    import torch

    from lessons_lib.learning.strips import strips_of

    # A grey network takes each channel as a picture of its own.
    pictures = x.reshape(-1, network.shape.channels, *x.shape[2:])
    estimate = np.empty_like(pictures)
    rows = max(LARGEST_STRIP // (len(pictures) * x.shape[3]), 1)
    for strip in strips_of(x.shape[2], rows, network.multiple, network.reach):
        part = torch.from_numpy(np.ascontiguousarray(pictures[:, :, strip.seen]))
        part = part.contiguous(memory_format=torch.channels_last)
        levels = torch.full((len(part),), level, dtype=part.dtype)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=low):
            cleaned = network(part, levels).to(part.dtype).numpy()
        estimate[:, :, strip.kept] = cleaned[:, :, strip.inside]
    return estimate.reshape(x.shape)


def excess(residual: np.ndarray, largest: float) -> np.ndarray:
    """By how much local means of ``residual`` (..., H, W) over 8 x 8 px pass ``largest``."""
    size = (1,) * (residual.ndim - 2) + (WINDOW, WINDOW)
    means = uniform_filter(residual, size, mode="reflect")
    return means - np.clip(means, -largest, largest)


def _planes(noisy: Image, count: int, dtype: type) -> np.ndarray:
    """``count`` copies of an image as ``(count, C, H, W)``."""
    planes = np.moveaxis(np.atleast_3d(noisy), 2, 0).astype(dtype)
    return np.repeat(planes[np.newaxis], count, axis=0)


def _images(planes: np.ndarray, like: Image) -> np.ndarray:
    """Turn ``(count, C, H, W)`` into images of the shape and type of ``like``."""
    images = np.moveaxis(planes, 1, 3).astype(like.dtype)
    return np.ascontiguousarray(images).reshape(len(planes), *like.shape)
