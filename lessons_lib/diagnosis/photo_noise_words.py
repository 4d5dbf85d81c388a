"""What was measured on a photo, in sentences."""

from lessons_lib.diagnosis.photo_noise import NONE, PhotoNoise


def noise_words(noise: PhotoNoise) -> list[str]:
    """Say what was found, how sure it is, and what it means; one sentence each.

    Parameters
    ----------
    noise : PhotoNoise
        As measured.

    Returns
    -------
    list of str
    """
    if noise.is_darkness:
        return [
            "Total darkness: the brightest 8 x 8 px have a mean of "
            f"{255 * noise.brightest:.2f} grey levels, the noise is {255 * noise.sigma:.2f}. "
            "Nothing rises above it."
        ]
    if noise.is_none:
        return [
            f"No noise at all: less than {255 * NONE:g} grey levels of 255 (a drawing, a "
            "rendered picture, or a photo that was smoothed before)."
        ]
    return [_strength(noise), _brightness(noise), *_blotches(noise), *_doubts(noise)]


def _strength(noise: PhotoNoise) -> str:
    return (
        f"Noise: sigma {noise.sigma:.4f}, {255 * noise.sigma:.1f} grey levels of 255, measured on "
        f"the quietest tenth of {int(noise.counts.sum())} blocks of 8 x 8 px."
    )


def _brightness(noise: PhotoNoise) -> str:
    levels, sigmas, _ = noise.curve
    return (
        f"Noise against brightness: {255 * sigmas[0]:.1f} grey levels where it is darkest (mean "
        f"{255 * levels[0]:.0f}), {255 * sigmas[len(sigmas) // 2]:.1f} in the middle "
        f"({255 * levels[len(levels) // 2]:.0f}), {255 * sigmas[-1]:.1f} where it is brightest "
        f"({255 * levels[-1]:.0f})."
    )


def _blotches(noise: PhotoNoise) -> list[str]:
    areas = noise.blotch_areas
    colours = f" and {max(areas[1:]):.1f} px in colour" if len(areas) == 3 else ""
    if noise.is_white:
        return ["The noise is white: each pixel has its own."]
    length = noise.correlation_length
    far = "8 px or more" if length == 8 else f"{length} px"
    return [
        f"The noise is blotchy: it is as if {areas[0]:.1f} px in luminance{colours} shared one "
        f"noise value; neighbours {far} apart share less than a tenth."
    ]


def _doubts(noise: PhotoNoise) -> list[str]:
    said = []
    if noise.doubted < 0.95:
        said.append(
            f"{100 * (1 - noise.doubted):.0f} % of what looked like noise in luminance was "
            "taken for texture, because the colours do not show as much."
        )
    sigmas = noise.sigmas
    if len(sigmas) == 1 or max(sigmas[1:]) < 0.02 * sigmas[0]:
        said.append("In a grey picture fine texture that is everywhere cannot be told from noise.")
    if noise.at_white > 0.001:
        said.append(
            f"{100 * noise.at_white:.1f} % of the values are clipped at white: what was there is "
            "lost, and the noise is measured elsewhere."
        )
    if noise.at_black > 0.001:
        said.append(
            f"{100 * noise.at_black:.1f} % of the values are clipped at black: half of the noise "
            "is cut off there, and it is measured elsewhere."
        )
    return said
