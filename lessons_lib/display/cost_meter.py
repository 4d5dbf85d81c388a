"""What one estimate will cost, so that a slow denoiser can wait for the slider's release."""

import time

from lessons_lib.denoisers import Denoiser
from lessons_lib.display.look import Look
from lessons_lib.image import Image

PIECE = 48  # px; side of the piece from which an unknown denoiser is judged
TRIES = 3


class CostMeter:
    """Seconds per pixel of each denoiser, as last seen."""

    def __init__(self) -> None:
        self._seconds_per_pixel: dict[str, float] = {}

    def remember(self, name: str, seconds: float, image: Image) -> None:
        """Note that ``name`` took ``seconds`` for ``image``."""
        self._seconds_per_pixel[name] = seconds / (image.shape[0] * image.shape[1])

    def per_pixel(self, name: str) -> float:
        """Seconds per pixel of ``name``, which must have been seen."""
        return self._seconds_per_pixel[name]

    def expect(self, name: str, denoiser: Denoiser, look: Look) -> float:
        """Seconds that an estimate of the whole crop will take."""
        if name not in self._seconds_per_pixel:
            piece = look.noisy[:PIECE, :PIECE]
            self.remember(name, _best_time(denoiser, piece, look.sigma), piece)
        height, width = look.noisy.shape[:2]
        return self._seconds_per_pixel[name] * height * width


def _best_time(denoiser: Denoiser, piece: Image, sigma: float) -> float:
    """Shortest of a few runs: the first may load something, any may be interrupted."""
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        denoiser(piece, sigma)
        times.append(time.perf_counter() - started)
    return min(times)
