"""Instant checks of lesson 02: bias, variance and kernel here, edges in the module beside.

Each check asks for properties on random cases that the lesson does not show, so that an
answer copied from the lesson's output does not pass.
"""

from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_02_edges import check_mtf50, check_width, check_width_along
from lessons_lib.image import Image

__all__ = [
    "check_bias_and_variance",
    "check_jacobian_row",
    "check_mtf50",
    "check_width",
    "check_width_along",
]

_SEED = 20_502


@instant_check
def check_bias_and_variance(bias_and_variance: Callable) -> str:
    """Exercise 3: random stacks with a bias that differs from pixel to pixel."""
    rng = np.random.default_rng(_SEED)
    for draws, shape in ((3, (5, 7)), (40, (6, 4))):
        clean, offset = rng.random(shape), 0.2 * rng.standard_normal(shape)
        noise = rng.uniform(0.02, 0.1, shape) * rng.standard_normal((draws, *shape))
        estimates = clean + offset + noise
        answer = bias_and_variance(clean.copy(), estimates.copy())
        expect(
            isinstance(answer, (tuple, list, np.ndarray)) and len(answer) == 2,
            "Return two things: the map of bias squared and the map of the variance.",
        )
        bias, variance = (np.asarray(part, dtype=float) for part in answer)
        expect(
            bias.shape == shape and variance.shape == shape,
            f"Both maps must have the shape of the image, {shape}; got {bias.shape} and "
            f"{variance.shape}. Average over the draws, not over the pixels.",
        )
        error = ((estimates - clean) ** 2).mean(axis=0)
        _judge_maps(bias, variance, (estimates.mean(axis=0) - clean) ** 2, error)
    return "bias² + variance = MSE at every pixel."


def _judge_maps(bias: Image, variance: Image, truth: Image, error: Image) -> None:
    """Raise the hint that fits what is wrong with the two maps."""
    expect(
        not (np.allclose(bias, error - truth) and np.allclose(variance, truth)),
        "The two maps are swapped: what the mean misses comes first.",
    )
    expect(
        not np.allclose(np.abs(bias), np.sqrt(truth)),
        "The first map is the bias; the exercise asks for its square.",
    )
    expect(
        not np.allclose(variance**2, error - truth),
        "The second map is the standard deviation; the exercise asks for the variance.",
    )
    expect(
        np.allclose(bias, truth, rtol=1e-6, atol=1e-12),
        "The first map is wrong. Average the estimates first; only then compare with the clean "
        "image and square.",
    )
    expect(
        np.allclose(bias + variance, error, rtol=1e-6, atol=1e-12),
        "Your bias² is right, but bias² + variance is not the mean squared error. Around what do "
        "the estimates vary, and by what number do you divide?",
    )


def _odd_denoiser(matrix: np.ndarray) -> Callable[[Image, float], Image]:
    """A denoiser without any symmetry, curved in each pixel, that looks at sigma."""

    def denoiser(noisy: Image, sigma: float) -> Image:
        pixels = noisy.ravel()
        return (matrix @ (sigma * pixels + 3.0 * pixels**2)).reshape(noisy.shape)

    return denoiser


@instant_check
def check_jacobian_row(jacobian_row: Callable) -> str:
    """Exercise 4: curved, asymmetric denoisers whose Jacobian is known in closed form."""
    rng = np.random.default_rng(_SEED)
    for shape, sigma in (((4, 5), 0.3), ((6, 3), 0.8)):
        matrix = rng.standard_normal((shape[0] * shape[1],) * 2)
        noisy = rng.random(shape)
        position = (int(rng.integers(1, shape[0])), int(rng.integers(1, shape[1])))
        slope = sigma + 6.0 * noisy.ravel()  # of each pixel's curve
        number = position[0] * shape[1] + position[1]
        given, step = noisy.copy(), 0.05
        row = np.asarray(
            jacobian_row(_odd_denoiser(matrix), given, sigma, position, step), dtype=float
        )
        expect(np.array_equal(given, noisy), "Your function changes noisy; leave it as it was.")
        expect(
            row.shape == shape,
            f"Return one number per input pixel, shape {shape}; got {row.shape}.",
        )
        truth = (matrix[number] * slope).reshape(shape)
        column = (matrix[:, number] * slope[number]).reshape(shape)
        _judge_row(row, truth, column, matrix[number].reshape(shape), step)
    return "A row of the Jacobian, for a denoiser you could not look into."


def _judge_row(row: Image, truth: Image, column: Image, weights: Image, step: float) -> None:
    """Raise the hint that fits what is wrong with a Jacobian row."""
    expect(
        not np.allclose(row, column, rtol=1e-2),
        "That is the column: where one input pixel goes. Change each input pixel in turn and "
        "read one output pixel.",
    )
    expect(
        not (np.allclose(row, truth * step) or np.allclose(row, 2 * truth * step)),
        "You have the change itself. Divide by how far the input pixel was moved in all.",
    )
    expect(
        not (np.allclose(row, 2 * truth) or np.allclose(row, truth / 2)),
        "Off by a factor of two: how far apart are the two inputs that you compare?",
    )
    one_sided = [truth + sign * 3.0 * step * weights for sign in (-1, 1)]
    expect(
        not any(np.allclose(row, wrong) for wrong in one_sided),
        "That is a one-sided difference. Move the pixel both ways, up and down, and compare.",
    )
    # Central differences are exact for a parabola, up to rounding.
    expect(
        np.allclose(row, truth, rtol=1e-6, atol=1e-8),
        "Some entries are wrong. Is only one pixel changed at a time, is sigma passed on, and do "
        "you read the output at position?",
    )
