"""A whole camera: scene in linear light -> sensor -> developed picture.

The front door to the sensor (``sensor.py``), the developing pipeline
(``development.py``) and the raw file (``dng.py``): their public names can be imported
from here.
"""

import numpy as np

from lessons_lib.image import Image, check_image
from lessons_lib.scenes.development import (
    Development,
    bayer_colours,
    demosaic,
    develop,
    develop_stages,
    jpeg,
    mosaic,
    srgb_decode,
    srgb_encode,
    white_balance,
)
from lessons_lib.scenes.dng import save_dng
from lessons_lib.scenes.sensor import (
    NIKON_D7000_GAIN,
    PHONE_NIGHT,
    Sensor,
    expose,
    fixed_pattern,
    raw_mean,
    raw_variance,
)

__all__ = [
    "NIKON_D7000_GAIN",
    "PHONE_NIGHT",
    "Development",
    "Sensor",
    "bayer_colours",
    "capture",
    "demosaic",
    "develop",
    "develop_stages",
    "expose",
    "fixed_pattern",
    "jpeg",
    "line_kernel",
    "mosaic",
    "motion_blur",
    "photograph",
    "raw_mean",
    "raw_variance",
    "save_dng",
    "srgb_decode",
    "srgb_encode",
    "white_balance",
]


def capture(
    scene_linear_rgb: Image,
    *,
    electrons_at_white: float,
    sensor: Sensor,
    rng: np.random.Generator,
    seconds: float = 1 / 15,
) -> np.ndarray:
    """Expose the sensor to a scene: the raw frame before any developing.

    Parameters
    ----------
    scene_linear_rgb : ndarray, ``(H, W, 3)``
        Linear light, 1 is white; lamps may be brighter and fill the pixels.
    electrons_at_white : float
        Mean photo-electrons that white leaves in a green pixel: the exposure. 40 is a
        very dark night, 4,000 a day in the shade.
    sensor : Sensor
        Its noise, gain and limits.
    rng : numpy.random.Generator
        Draws the photons and the read noise.
    seconds : float
        Exposure time; it only decides how much dark current there is.

    Returns
    -------
    ndarray, ``(H, W)``
        Raw numbers [DN], RGGB.

    Raises
    ------
    ValueError
        For a scene that is not colour or negative, and for exposures of 0 or less.
    """
    if not 0 < electrons_at_white < np.inf:
        raise ValueError(f"electrons_at_white must be above 0, got {electrons_at_white}")
    light = mosaic(scene_linear_rgb)
    response = np.asarray(sensor.channel_sensitivity)[bayer_colours(light.shape)]
    photons = light * response * (electrons_at_white / sensor.quantum_efficiency / seconds)
    return expose(photons, seconds, sensor, rng)


def photograph(
    scene_linear_rgb: Image,
    *,
    electrons_at_white: float,
    sensor: Sensor | None = None,
    development: Development | None = None,
    rng: np.random.Generator,
    seconds: float = 1 / 15,
) -> Image:
    """Take a photo of a scene and develop it.

    Parameters
    ----------
    scene_linear_rgb : ndarray, ``(H, W, 3)``
        Linear light, 1 is white; above 1 allowed.
    electrons_at_white : float
        The exposure; see :func:`capture`.
    sensor : Sensor, optional
        ``Sensor()`` if not given.
    development : Development, optional
        ``Development()`` if not given, which makes white 1 and neutral.
    rng : numpy.random.Generator
        Draws the photons and the read noise.
    seconds : float
        Exposure time; it only decides how much dark current there is.

    Returns
    -------
    ndarray, ``(H, W, 3)``
        Display-encoded (sRGB), within [0, 1], through 8 bits and JPEG.

    Raises
    ------
    ValueError
        As :func:`capture`.
    """
    sensor = sensor or Sensor()
    raw = capture(
        scene_linear_rgb,
        electrons_at_white=electrons_at_white,
        sensor=sensor,
        rng=rng,
        seconds=seconds,
    )
    settings = (development or Development()).matched(sensor, electrons_at_white)
    return develop(raw, sensor, settings)


def line_kernel(pixels: float, angle: float) -> np.ndarray:
    """Share of a straight path that lies in each pixel: the kernel of steady motion.

    Parameters
    ----------
    pixels : float
        Length of the path, 0 or more; it is centred on the middle pixel.
    angle : float
        Degrees; 0 is along the rows, 90 along the columns, counted anticlockwise.

    Returns
    -------
    ndarray, ``(2 r + 1, 2 r + 1)``
        Sums to 1; exact, because the path is cut where it enters another pixel.
    """
    if not 0 <= pixels < np.inf:
        raise ValueError(f"pixels must be a length of 0 or more, got {pixels}")
    # Rows run downwards, hence the minus; tiny steps off the axes are rounding of pi.
    step = np.round([-np.sin(np.radians(angle)), np.cos(np.radians(angle))], 15)
    half = pixels / 2
    radius = int(np.floor(half + 0.5))
    borders = np.arange(-radius, radius) + 0.5
    cuts = [borders / component for component in step if component != 0]
    # Rounded so that two borders met in one corner are one cut.
    cuts = np.round(np.concatenate([[-half, half], *cuts]), 12)
    ends = np.unique(np.clip(cuts, -half, half))
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1))
    if len(ends) == 1:
        kernel[radius, radius] = 1.0
        return kernel
    middles = (ends[1:] + ends[:-1]) / 2
    cells = np.rint(middles[:, np.newaxis] * step).astype(int) + radius
    np.add.at(kernel, (cells[:, 0], cells[:, 1]), np.diff(ends) / pixels)
    return kernel


def motion_blur(scene: Image, pixels: float, angle: float = 0.0) -> Image:
    """Blur a scene by steady straight motion while the shutter is open.

    Parameters
    ----------
    scene : ndarray, ``(H, W)`` or ``(H, W, C)``
        Linear light: motion adds up photons, not display values.
    pixels, angle : float
        Length and direction of the path, as in :func:`line_kernel`.

    Returns
    -------
    ndarray
        Same shape; pixels outside the scene repeat its border.
    """
    check_image(scene, "scene")
    kernel = line_kernel(pixels, angle)
    radius = kernel.shape[0] // 2
    widths = [(radius, radius), (radius, radius)] + [(0, 0)] * (scene.ndim - 2)
    padded = np.pad(scene, widths, mode="edge")
    height, width = scene.shape[:2]
    blurred = np.zeros_like(scene)
    # Only some 2 * pixels of the weights are not zero: adding shifted copies is faster
    # than a convolution, and rounds less than a Fourier transform beside bright lamps.
    for row, column in np.argwhere(kernel):
        blurred += kernel[row, column] * padded[row : row + height, column : column + width]
    return blurred
