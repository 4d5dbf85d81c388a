"""What every denoiser of the course is: a function of the noisy image and sigma."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real  # NumPy's numbers are such, too
from typing import ClassVar, Protocol, runtime_checkable

from lessons_lib.image import Image, check_image, check_sigma


@dataclass(frozen=True)
class Properties:
    """What a denoiser promises; the contract test holds it to each promise.

    Attributes
    ----------
    keeps_constants : bool
        A constant image comes back unchanged, at the borders too.
    shift_equivariant : bool
        Adding a constant to the input adds it to the estimate (rows of weights sum to 1).
    scale_equivariant : bool
        D(a y, a sigma) = a D(y, sigma) for a > 0.
    identity_setting : str or None
        The setting whose value 0 switches the denoiser off.
    """

    keeps_constants: bool
    shift_equivariant: bool
    scale_equivariant: bool
    identity_setting: str | None


@runtime_checkable
class Denoiser(Protocol):
    """(noisy, sigma) -> estimate: same shape, same units; stateless; repeatable.

    A denoiser is a frozen dataclass that binds the settings of a plain function. Its
    ``repr`` is the title of its plots.
    """

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Estimate the clean image.

        Parameters
        ----------
        noisy : ndarray
            Float ``(H, W)`` or ``(H, W, C)``, nominally in [0, 1]; never changed.
        sigma : float
            Standard deviation of the noise in image units.

        Returns
        -------
        ndarray
            Same shape and type as ``noisy``; not clipped.
        """
        ...


@runtime_checkable
class Differentiable(Denoiser, Protocol):
    """A denoiser that knows its own transposed Jacobian."""

    def pullback(self, noisy: Image, sigma: float, cotangent: Image) -> Image:
        """J(noisy)^T applied to ``cotangent``; same shape as ``noisy``."""
        ...


class Described(Protocol):
    """What the instruments and the contract test may read off a denoiser's class."""

    properties: ClassVar[Properties]
    reach: int | None
    """How many pixels away an input can change the estimate; None if any can."""


def prepare(noisy: Image, sigma: float, *, zero_allowed: bool = True) -> float:
    """Check both arguments of a denoiser at once; return ``sigma`` as a float.

    Raises
    ------
    ValueError
        With what was expected, what came, and what to do.
    """
    check_image(noisy, "noisy")
    return check_sigma(sigma, zero_allowed=zero_allowed)


def check_setting(value: float, name: str, low: float, high: float) -> None:
    """Raise a ValueError unless low <= value <= high.

    Parameters
    ----------
    value : float
        The setting.
    name : str
        Its name and unit, for the error text: 'width (px)'.
    low, high : float
        The range in which the setting makes sense.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}, got {value:g}")


def check_window(radius: int, name: str = "radius (px)") -> None:
    """Raise a ValueError unless ``radius`` is a whole number of pixels from 0 to 50."""
    check_setting(radius, name, 0, 50)
    if radius != int(radius):
        raise ValueError(f"{name} must be a whole number of pixels, got {radius:g}")


class Windowed:
    """What denoisers with one window share: they check its radius, and reach as far."""

    radius: int

    def __post_init__(self) -> None:
        check_window(self.radius)

    @property
    def reach(self) -> int:
        """How far a pixel's influence goes, px."""
        return int(self.radius)


def check_fits(radius: int, image: Image, name: str = "radius (px)") -> None:
    """Raise a ValueError if a window reaches beyond a mirrored image on all sides.

    Such a window holds the same pixels again and again. Up to a radius of 8 px it is
    allowed all the same, so that a denoiser at its usual settings takes any image, down
    to a single pixel.

    Parameters
    ----------
    radius : int
        Half side of the window, px.
    image : ndarray
        What it runs over.
    name : str
        The setting's name, for the error text.
    """
    height, width = image.shape[:2]
    largest = max(height, width, 8)
    if radius > largest:
        raise ValueError(
            f"{name} must be at most {largest} for an image of {height} x {width}, got "
            f"{radius:g}: the window is larger than the image; choose a smaller one"
        )


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue: how a widget offers a denoiser.

    Attributes
    ----------
    make : callable
        The denoiser's class.
    setting : str
        Name of the field that the strength slider moves.
    label : str
        The slider's label with its unit.
    span : tuple of float
        Lowest value, highest value, step.
    default : float
        Where the slider starts.
    """

    make: Callable[..., Denoiser]
    setting: str
    label: str
    span: tuple[float, float, float]
    default: float

    def build(self, value: float) -> Denoiser:
        """Make the denoiser with its one free setting at ``value``."""
        step = self.span[2]
        return self.make(**{self.setting: int(value) if step == 1 else float(value)})
