"""The blur microscope's controls, and what it says to impossible settings."""

from collections.abc import Mapping, Sequence

from lessons_lib.display import view
from lessons_lib.display.subjects import NOISES, SUBJECTS
from lessons_lib.image import check_sigma

PHOTO = "my photo"
PHOTO_TYPES = ".jpg,.jpeg,.png,.tif,.tiff,.dng,.nef,.cr2,.cr3,.arw,.raf,.orf,.rw2,.heic,image/*"
THIRD = ("method noise", "residual", "error")
SIZES = (16, 2048)


def check_settings(state: Mapping[str, object], size: int) -> None:
    """Raise a ValueError that says what is possible if a setting is not.

    Parameters
    ----------
    state : mapping
        With ``noise`` and ``level``.
    size : int
        Side of the crop, px.
    """
    if state["noise"] not in NOISES:
        raise ValueError(
            f"there is no noise {state['noise']!r}; choose one of {', '.join(NOISES)}"
        )
    check_sigma(state["level"])
    low, high = SIZES
    if not isinstance(size, int) or not low <= size <= high:
        raise ValueError(f"size must be a whole number from {low} to {high} px, got {size!r}")


def controls(
    state: Mapping[str, object],
    denoiser_controls: Sequence[dict],
    *,
    has_photo: bool,
    has_clean: bool,
) -> list[dict]:
    """Describe the row of controls for this state."""
    return [
        view.choice("picture", "picture", [*SUBJECTS, *([PHOTO] if has_photo else [])]),
        view.file_picker("file", "open a photo", PHOTO_TYPES),
        view.choice("noise", "add noise", NOISES),
        _noise_slider(state["noise"]),
        *denoiser_controls,
        view.choice("third", "third picture", THIRD if has_clean else ("residual",)),
    ]


def _noise_slider(noise: str) -> dict:
    """How much noise is added; or, where none is, how much the denoiser is told there is."""
    if noise == "as it is":
        return view.slider("sigma", "sigma told to the denoiser", (0.0, 0.3, 0.001))
    label = {
        "Gaussian": "sigma of the noise",
        "Poisson (photons)": "sigma at mid-grey",
        "salt and pepper": "share of pixels hit",
    }[noise]
    return view.slider("level", label, (0.0, 0.3, 0.005))
