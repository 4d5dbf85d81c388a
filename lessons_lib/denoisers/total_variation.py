"""Total variation: the picture with the least up and down that is still near the data."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lessons_lib.denoisers.contract import Properties, check_setting, prepare
from lessons_lib.image import Image, check_image

# First primal step and assumed convexity of the accelerated method. Theory guarantees
# convergence for a convexity up to 1 (the data term's); 0.35 and 0.5 were the fastest of
# those tried on natural images.
FIRST_STEP, CONVEXITY = 0.5, 0.35


def gradient(image: np.ndarray) -> np.ndarray:
    """Forward differences, ``(..., H, W)`` -> ``(2, ..., H, W)``; 0 over the border."""
    change = np.zeros((2, *image.shape), image.dtype)
    change[0, ..., :-1, :] = np.diff(image, axis=-2)
    change[1, ..., :, :-1] = np.diff(image, axis=-1)
    return change


def divergence(flow: np.ndarray) -> np.ndarray:
    """Return minus the transpose of :func:`gradient`: sum(grad(u) p) = -sum(u div(p))."""
    down, across = flow[0, ..., :-1, :], flow[1, ..., :, :-1]
    result = np.zeros(flow.shape[1:], flow.dtype)
    result[..., :-1, :] += down
    result[..., 1:, :] -= down
    result[..., :, :-1] += across
    result[..., :, 1:] -= across
    return result


def chambolle(image: Image, weight: float, iterations: int = 200) -> Image:
    """Minimise 1/2 |u - image|^2 + weight TV(u) by a projected gradient: the readable way.

    A flow p of at most ``weight`` per pixel carries brightness downhill: u = image +
    divergence(p). Each step lets p grow along the gradient of u and cuts it back.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``; in colour the gradient's length is taken over
        all channels together.
    weight : float
        lambda, image units; 0 or more.
    iterations : int
        Slow: with a weight near the noise's sigma, 200 come within 1 % of it (root mean
        square); the larger the weight, the more are needed.

    Returns
    -------
    ndarray
        Same shape and type.

    References
    ----------
    Rudin, Osher, Fatemi, 10.1016/0167-2789(92)90242-F. The flow is Chambolle's, An algorithm
    for total variation minimization, 10.1023/B:JMIV.0000011325.36760.1e; the step with a cut is
    in his Total variation minimization and a class of binary MRF models, 10.1007/11585978_10.
    """
    check_image(image)
    if weight == 0:
        return image.copy()
    data = _planes(image)
    flow = np.zeros((2, *data.shape), data.dtype)
    for _ in range(iterations):
        flow += gradient(data + divergence(flow)) / 4
        length = np.sqrt((flow**2).sum(axis=(0, 1)))
        flow /= np.maximum(1, length / data.dtype.type(weight))
    return _pixels(data + divergence(flow), image)


def total_variation(
    image: Image, weight: float, iterations: int = 50, huber: float = 0.0
) -> Image:
    """Minimise 1/2 |u - image|^2 + weight TV(u), fast.

    TV(u) is the sum over the pixels of the gradient's length |g|. This is the accelerated
    primal-dual method; :func:`chambolle` finds the same picture, slowly.

    Parameters
    ----------
    image : ndarray
        Float ``(H, W)`` or ``(H, W, C)``.
    weight : float
        lambda, image units; 0 or more. 0 returns a copy.
    iterations : int
        1 or more. With a weight near the noise's sigma the estimate is within about 2 % of
        it (root mean square) after 50; larger weights need more.
    huber : float
        Gradients below it, image units, count as g^2 / (2 huber) + huber / 2 instead of
        |g|: ramps stay ramps instead of becoming stairs. 0 is total variation itself.

    Returns
    -------
    ndarray
        Same shape and type.

    Raises
    ------
    ValueError
        For a negative weight or huber, and for no iterations.

    Why edges blur
    --------------
    Straight edges stay where they are, but lose contrast: a disc of radius r sinks by
    2 weight / r, so what is small or weak vanishes (mis-deciding). Corners get round.

    References
    ----------
    Chambolle and Pock, A first-order primal-dual algorithm for convex problems, algorithm
    2, 10.1007/s10851-010-0251-1. Rudin, Osher, Fatemi, 10.1016/0167-2789(92)90242-F.
    """
    check_image(image)
    _check(weight, iterations, huber)
    if weight <= np.finfo(image.dtype).tiny:
        return image.copy()
    data = _planes(image)
    number = data.dtype.type  # plain Python numbers would not change float32, NumPy's would
    estimate, ahead, flow = data.copy(), data.copy(), np.zeros((2, *data.shape), data.dtype)
    work = np.empty_like(data)
    step = FIRST_STEP
    dual_step = 1 / (8 * step)  # 8 bounds the squared norm of the gradient
    for _ in range(iterations):
        _climb(flow, ahead, work, number(dual_step))
        if huber > 0:
            flow *= number(1 / (1 + dual_step * huber / weight))
        _cut(flow, number(weight))
        ahead[...] = estimate
        _add_divergence(flow, data, out=work)
        work *= number(step)
        estimate += work
        estimate *= number(1 / (1 + step))
        faster = 1 / np.sqrt(1 + 2 * CONVEXITY * step)
        step, dual_step = step * faster, dual_step / faster
        np.subtract(estimate, ahead, out=ahead)
        ahead *= number(faster)
        ahead += estimate
    return _pixels(estimate, image)


def _climb(flow: np.ndarray, image: np.ndarray, work: np.ndarray, step: np.floating) -> None:
    """Add step x gradient(image) to the flow, in place."""
    np.subtract(image[..., 1:, :], image[..., :-1, :], out=work[..., :-1, :])
    work[..., :-1, :] *= step
    flow[0, ..., :-1, :] += work[..., :-1, :]
    np.subtract(image[..., :, 1:], image[..., :, :-1], out=work[..., :, :-1])
    work[..., :, :-1] *= step
    flow[1, ..., :, :-1] += work[..., :, :-1]


def _cut(flow: np.ndarray, most: np.floating) -> None:
    """Shorten the flow of each pixel, over all channels together, to at most ``most``."""
    parts = flow.reshape(-1, *flow.shape[2:])
    length = parts[0] * parts[0]
    for part in parts[1:]:
        length += part * part
    np.sqrt(length, out=length)
    length /= most
    np.maximum(length, 1, out=length)
    flow /= length


def _add_divergence(flow: np.ndarray, image: np.ndarray, out: np.ndarray) -> None:
    """Write image + divergence(flow) to ``out``."""
    np.add(image, flow[0], out=out)
    out[..., 1:, :] -= flow[0, ..., :-1, :]
    out += flow[1]
    out[..., :, 1:] -= flow[1, ..., :, :-1]


def _planes(image: Image) -> np.ndarray:
    """Channels first, ``(C, H, W)``, so that each lies in one piece."""
    return np.ascontiguousarray(np.moveaxis(np.atleast_3d(image), 2, 0))


def _pixels(planes: np.ndarray, image: Image) -> Image:
    return np.ascontiguousarray(np.moveaxis(planes, 0, 2)).reshape(image.shape)


def _check(weight: float, iterations: int, huber: float) -> None:
    for value, name in ((weight, "weight"), (huber, "huber")):
        if not 0 <= value < np.inf:
            raise ValueError(f"{name} (image units) must be 0 or more, got {value}")
    if iterations < 1 or iterations != int(iterations):
        raise ValueError(f"iterations must be a whole number, 1 or more, got {iterations}")


@dataclass(frozen=True)
class TotalVariation:
    """Total variation (Rudin, Osher, Fatemi) as a denoiser.

    Parameters
    ----------
    strength : float
        weight / sigma; [0, 20]. 0 switches it off; 0.6 to 0.9 suits photos.
    iterations : int
        Of the solver; [1, 5000].
    huber_ratio : float
        huber / sigma; [0, 20]. 0 is total variation itself.
    """

    strength: float = 0.8
    iterations: int = 50
    huber_ratio: float = 0.0

    properties: ClassVar[Properties] = Properties(True, True, True, "strength")
    reach: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_setting(self.strength, "strength (ratio to sigma)", 0, 20)
        check_setting(self.iterations, "iterations", 1, 5000)
        check_setting(self.huber_ratio, "huber_ratio (ratio to sigma)", 0, 20)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Return the estimate; see :func:`total_variation`."""
        sigma = prepare(noisy, sigma)
        weight, huber = self.strength * sigma, self.huber_ratio * sigma
        return total_variation(noisy, weight, self.iterations, huber)
