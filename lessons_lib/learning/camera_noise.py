"""Noise as a camera makes it, for training: photons, mosaic, demosaicing, tone curve, JPEG.

Only the noise goes through the mosaic. The pictures of a training set were developed once
already, and a second demosaicing would blur them, so that the network would learn to sharpen.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from lessons_lib.image import Image
from lessons_lib.scenes.camera import demosaic, jpeg, mosaic, srgb_decode, srgb_encode


@dataclass(frozen=True)
class CameraNoise:
    """Draw an exposure, a sensor and a developing pipeline anew for each crop.

    The network is told the true root-mean-square error of the crop, times a random factor:
    nobody knows the noise of a developed photo exactly.

    Attributes
    ----------
    electrons : tuple of float
        Photo-electrons that white leaves in a green pixel, log-uniform from ... to.
    read_noise : tuple of float
        Standard deviation of the readout, electrons, log-uniform.
    balance : tuple of float
        By how much red and blue are multiplied in the white balance, uniform.
    smoothing : tuple of float
        Width of a Gaussian that stands for the camera's own noise reduction, px, uniform;
        used for half of the crops.
    quality : tuple of int
        Of the JPEG; every fourth crop stays as it is.
    ignorance : float
        Standard deviation of the logarithm of the factor on sigma.
    """

    electrons: tuple[float, float] = (60.0, 20_000.0)
    read_noise: tuple[float, float] = (1.0, 10.0)
    balance: tuple[float, float] = (1.2, 2.4)
    smoothing: tuple[float, float] = (0.3, 0.8)
    quality: tuple[int, int] = (75, 98)
    ignorance: float = 0.35

    def __call__(self, clean: Image, rng: np.random.Generator) -> tuple[Image, Image, float]:
        """Return the noisy crop, the clean one, and a rough sigma; colour only."""
        light = srgb_decode(clean)
        noisy = srgb_encode(np.clip(light + self.sensor_noise(light, rng), 0, 1))
        if rng.random() < 0.75:
            quality = int(rng.integers(self.quality[0], self.quality[1] + 1))
            subsampling = "4:2:0" if rng.random() < 0.5 else "4:4:4"
            noisy = jpeg(np.clip(noisy, 0, 1), quality, subsampling=subsampling)
        noisy = noisy.astype(np.float32)
        sigma = float(np.sqrt(np.mean((noisy - clean) ** 2)))
        return noisy, clean, sigma * float(np.exp(self.ignorance * rng.standard_normal()))

    def sensor_noise(self, light: Image, rng: np.random.Generator) -> Image:
        """Shot noise and read noise of one exposure, demosaiced, in linear light."""
        factors = np.array([rng.uniform(*self.balance), 1.0, rng.uniform(*self.balance)])
        white = _log_uniform(self.electrons, rng) / factors  # electrons, for each colour
        read_noise = _log_uniform(self.read_noise, rng)
        variance = np.maximum(light, 0) / white + (read_noise / white) ** 2
        # Dozens of electrons are nearly normal; Poisson draws would cost five times as much.
        noise = rng.standard_normal(light.shape, dtype=np.float32) * np.sqrt(variance)
        noise = demosaic(mosaic(noise))
        if rng.random() < 0.5:
            width = rng.uniform(*self.smoothing)
            noise = gaussian_filter(noise, (width, width, 0), mode="mirror")
        return noise


def _log_uniform(ends: tuple[float, float], rng: np.random.Generator) -> float:
    low, high = ends
    return float(low * (high / low) ** rng.random())
