"""Instant check of the burst exercise of lesson 11; the numbers and figures are beside it."""

import math
from collections.abc import Callable

import numpy as np

from lessons_lib.classroom.checks import expect, instant_check
from lessons_lib.classroom.lesson_11_burst_figures import (
    compared_figure,
    errors_figure,
    ghost_figure,
)
from lessons_lib.classroom.lesson_11_burst_numbers import (
    CAFE,
    EVEN,
    ROOF,
    SHAPE,
    SIGMA,
    alignment_error,
    blur_of_shift_errors,
    error_in_sigma,
    errors_of_both,
    frames_or_network,
    ghost,
    lasting_share,
    path_of,
    take_burst,
    width_and_noise,
)

__all__ = [
    "CAFE",
    "EVEN",
    "ROOF",
    "SHAPE",
    "SIGMA",
    "alignment_error",
    "blur_of_shift_errors",
    "check_most_frames",
    "compared_figure",
    "error_in_sigma",
    "errors_figure",
    "errors_of_both",
    "frames_or_network",
    "ghost",
    "ghost_figure",
    "lasting_share",
    "path_of",
    "take_burst",
    "width_and_noise",
]


@instant_check
def check_most_frames(most_frames: Callable) -> str:
    """Exercise: into how many frames may the light be cut? Random lights and read noises."""
    rng = np.random.default_rng(110_611)
    for _ in range(12):
        electrons, read = float(rng.uniform(20, 900)), float(rng.uniform(0.8, 4))
        penalty = float(rng.choice([1.05, 1.1, 1.5]))
        answer = most_frames(electrons, read, penalty)
        expect(
            np.ndim(answer) == 0 and isinstance(answer, (int, float, np.number)),
            f"Return one number of frames; got {type(answer).__name__}.",
        )
        expect(bool(np.isfinite(answer)), f"The number of frames came out as {answer}.")
        _judge_frames(float(answer), electrons, read, penalty)
    return "Cut the light no finer: each frame is read out once more."


def _judge_frames(answer: float, electrons: float, read: float, penalty: float) -> None:
    """Raise the hint that fits a wrong number of frames."""
    limit = (penalty**2 * (electrons + read**2) - electrons) / read**2
    right = math.floor(limit)
    if answer == right:
        return
    wrong = {
        "Frames come whole: round *down*, or the noise is above the limit.": (limit, right + 1),
        "The penalty is on the standard deviation; square it for the variance.": (
            math.floor((penalty * (electrons + read**2) - electrons) / read**2),
        ),
        "One long exposure is read out once as well: its variance is electrons + read².": (
            math.floor((penalty**2 - 1) * electrons / read**2),
        ),
        "The read noise is a standard deviation: each frame adds its *square*.": (
            math.floor((penalty**2 * (electrons + read) - electrons) / read),
        ),
        "Each frame adds its own read noise, and all frames together have *all* the electrons: "
        "cutting the light changes nothing of the shot noise.": (
            math.floor(penalty**2 * (electrons + read**2) / read**2),
            math.floor(penalty**2),
        ),
    }
    for hint, values in wrong.items():
        expect(answer not in values, hint)
    expect(
        False,
        "Not the number. Write the variance of the sum of N frames: all electrons, and N times "
        "read²; it may be penalty² times that of one long exposure. Solve for N.",
    )
