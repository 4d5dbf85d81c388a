"""The three filters that the written question of PS2 compares, without their names."""

from lessons_lib.denoisers.guided import Guided
from lessons_lib.denoisers.linear import Gaussian
from lessons_lib.denoisers.wavelet import WaveletShrink
from lessons_lib.diagnosis.blur_curve import BlurPoint, blur_curve
from lessons_lib.diagnosis.scoreboard import residual_noise

_PROGRAMS = {
    "A": Guided(),
    "B": WaveletShrink("haar", 4, "fixed", "hard", 3.0),
    "C": Gaussian(1.5),
}


def three_programs() -> dict[str, tuple[BlurPoint, BlurPoint, float]]:
    """Measure each of them at contrast / sigma 8 and 2, and the noise that it leaves flat.

    Returns
    -------
    dict
        Name -> (point at 8, point at 2, noise left over sigma).
    """
    return {
        name: (*blur_curve(denoiser, ratios=(8, 2)), residual_noise(denoiser))
        for name, denoiser in _PROGRAMS.items()
    }
