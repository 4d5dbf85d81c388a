"""The blur microscope's controls, and what it says to impossible settings."""

from collections.abc import Mapping

from lessons_lib.denoisers import Entry
from lessons_lib.display import view
from lessons_lib.display.subjects import NOISES, SUBJECTS
from lessons_lib.image import check_sigma

PHOTO = "my photo"
PHOTO_TYPES = ".jpg,.jpeg,.png,.tif,.tiff,.dng,.nef,.cr2,.cr3,.arw,.raf,.orf,.rw2,.heic,image/*"
THIRD = ("method noise", "residual", "error")
SIZES = (16, 2048)


def check_settings(
    state: Mapping[str, object], catalogue: Mapping[str, Entry], size: int
) -> None:
    """Raise a ValueError that lists the choices if a setting is none of them.

    Parameters
    ----------
    state : mapping
        With ``noise``, ``level`` and ``denoiser``.
    catalogue : mapping
        The denoisers on offer.
    size : int
        Side of the crop, px.
    """
    for name, choices in (("noise", NOISES), ("denoiser", catalogue)):
        if state[name] not in choices:
            raise ValueError(
                f"there is no {name} {state[name]!r}; choose one of {', '.join(choices)}"
            )
    check_sigma(state["level"])
    low, high = SIZES
    if not isinstance(size, int) or not low <= size <= high:
        raise ValueError(f"size must be a whole number from {low} to {high} px, got {size!r}")


def controls(
    state: Mapping[str, object], catalogue: Mapping[str, Entry], has_photo: bool
) -> list[dict]:
    """Describe the row of controls for this state."""
    entry = catalogue[state["denoiser"]]
    level = view.slider("level", "noise level", (0.0, 0.3, 0.005))
    return [
        view.choice("picture", "picture", [*SUBJECTS, *([PHOTO] if has_photo else [])]),
        view.file_picker("file", "open a photo", PHOTO_TYPES),
        view.choice("noise", "add noise", NOISES),
        {**level, "disabled": state["noise"] == "as it is"},
        view.choice("denoiser", "denoiser", list(catalogue)),
        view.slider("strength", entry.label, entry.span),
        view.choice("third", "third picture", THIRD),
    ]
