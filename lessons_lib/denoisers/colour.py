"""Colour: each channel for itself, or brightness and colour apart."""

from dataclasses import dataclass

import numpy as np

from lessons_lib.denoisers.contract import Denoiser, Properties, check_setting, prepare
from lessons_lib.image import Image, check_image

# Rows: luminance, red against blue, magenta against green. They are at right angles and of
# length 1, so the matrix turns the colour cube and changes no distance in it.
OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
OPPONENT.setflags(write=False)

_HIGHEST_SIGMA = 2.0  # what check_sigma accepts


def to_opponent(image: Image) -> Image:
    """Turn red, green and blue into luminance and two colour differences.

    Parameters
    ----------
    image : ndarray, ``(H, W, 3)``
        Image units.

    Returns
    -------
    ndarray, ``(H, W, 3)``
        (R + G + B) / sqrt 3, (R - B) / sqrt 2 and (R - 2 G + B) / sqrt 6: luminance runs
        from 0 to sqrt 3, grey has no colour difference. Same type.

    Raises
    ------
    ValueError
        For an image that is not colour.

    Notes
    -----
    The matrix is orthonormal: white noise of standard deviation sigma stays white with
    the same sigma in each channel, independent between channels, and squared errors add
    up to the same sum. The luma weights of BT.709 do not do this: their noise is
    sqrt(.2126^2 + .7152^2 + .0722^2) = .75 sigma, and it is correlated with that of the
    colour differences that go with them.
    """
    _check_colour(image)
    return (image @ OPPONENT.T).astype(image.dtype)


def from_opponent(opponent: Image) -> Image:
    """Undo :func:`to_opponent`: the inverse of an orthonormal matrix is its transpose."""
    _check_colour(opponent)
    return (opponent @ OPPONENT).astype(opponent.dtype)


def _check_colour(image: Image) -> None:
    check_image(image)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"image must be colour, (H, W, 3), got {image.shape}; a grey image has nothing "
            "but luminance"
        )


def common_properties(*denoisers: Denoiser) -> Properties:
    """What all of these promise; a denoiser that declares nothing promises nothing.

    A switch (``identity_setting``) is a field of one of them and no field of a wrapper.
    """
    silent = Properties(False, False, False, None)
    declared = [getattr(denoiser, "properties", silent) for denoiser in denoisers]
    return Properties(
        keeps_constants=all(each.keeps_constants for each in declared),
        shift_equivariant=all(each.shift_equivariant for each in declared),
        scale_equivariant=all(each.scale_equivariant for each in declared),
        identity_setting=None,
    )


def common_reach(*denoisers: Denoiser) -> int | None:
    """Largest reach, px; None if one of them is global or does not say."""
    reaches = [getattr(denoiser, "reach", None) for denoiser in denoisers]
    return None if None in reaches else max(reaches)


class Wrapping:
    """What a wrapper around one denoiser promises: whatever that promises."""

    denoiser: Denoiser

    @property
    def properties(self) -> Properties:
        """What the inner denoiser promises."""
        return common_properties(self.denoiser)

    @property
    def reach(self) -> int | None:
        """How far a pixel's influence goes, px."""
        return common_reach(self.denoiser)


@dataclass(frozen=True)
class PerChannel(Wrapping):
    """A denoiser that sees red, green and blue one after the other, each as a grey image.

    Parameters
    ----------
    denoiser : Denoiser
        For one channel.

    Why edges blur
    --------------
    Mis-deciding: each channel decides alone. An edge that is weak in each of three
    channels and that three together would show goes missing in all of them, and where the
    channels decide differently the edge gets a coloured fringe.
    """

    denoiser: Denoiser

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Denoise each channel with the same ``sigma``."""
        sigma = prepare(noisy, sigma)
        if noisy.ndim == 2:
            return self.denoiser(noisy, sigma)
        planes = [self.denoiser(noisy[..., c], sigma) for c in range(noisy.shape[2])]
        return np.stack(planes, axis=-1)


@dataclass(frozen=True)
class LuminanceChroma:
    """Denoise brightness and colour apart, colour harder.

    The eye sees blotches of false colour that it would take for texture in brightness, and
    sees a blurred colour less than a blurred brightness: so colour may be denoised harder.

    Parameters
    ----------
    luminance_denoiser : Denoiser
        Sees the luminance channel of :func:`to_opponent` as a grey image, and all of a
        grey image.
    chroma_denoiser : Denoiser
        Sees each of the two colour differences as a grey image.
    chroma_ratio : float
        The chroma denoiser is told chroma_ratio * sigma; [0, 20]. A denoiser that does
        not look at sigma (Gaussian, median) is made harder by its own setting instead.

    Raises
    ------
    ValueError
        For a ratio outside its range.

    Why edges blur
    --------------
    Mis-deciding, with colour's share of the noise overstated: an edge between two colours
    of equal luminance exists only in the colour differences. It blurs as if the noise
    were chroma_ratio times stronger, and its colours bleed; a luminance edge does not.
    """

    luminance_denoiser: Denoiser
    chroma_denoiser: Denoiser
    chroma_ratio: float = 1.0

    def __post_init__(self) -> None:
        check_setting(self.chroma_ratio, "chroma_ratio (ratio to sigma)", 0, 20)

    @classmethod
    def of(cls, denoiser: Denoiser, chroma_ratio: float = 2.0) -> "LuminanceChroma":
        """Use one denoiser for both, and tell it more noise in the colour."""
        return cls(denoiser, denoiser, chroma_ratio)

    @property
    def properties(self) -> Properties:
        """What both inner denoisers promise."""
        return common_properties(self.luminance_denoiser, self.chroma_denoiser)

    @property
    def reach(self) -> int | None:
        """How far a pixel's influence goes, px."""
        return common_reach(self.luminance_denoiser, self.chroma_denoiser)

    def __call__(self, noisy: Image, sigma: float) -> Image:
        """Denoise in the opponent space and turn back to red, green and blue.

        Raises
        ------
        ValueError
            As every denoiser, and where chroma_ratio * sigma is above 2.
        """
        sigma = prepare(noisy, sigma)
        if noisy.ndim == 2:
            return self.luminance_denoiser(noisy, sigma)
        if noisy.shape[2] == 1:
            return self.luminance_denoiser(noisy[..., 0], sigma)[..., np.newaxis]
        told = self._chroma_sigma(sigma)
        opponent = to_opponent(noisy)
        planes = [self.luminance_denoiser(opponent[..., 0], sigma)]
        planes += [self.chroma_denoiser(opponent[..., c], told) for c in (1, 2)]
        return from_opponent(np.stack(planes, axis=-1))

    def _chroma_sigma(self, sigma: float) -> float:
        told = self.chroma_ratio * sigma
        if told > _HIGHEST_SIGMA:
            raise ValueError(
                f"chroma_ratio * sigma must be at most {_HIGHEST_SIGMA:g} (image units), got "
                f"{self.chroma_ratio:g} * {sigma:g}; lower chroma_ratio"
            )
        return told
