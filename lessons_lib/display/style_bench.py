"""The mosaic bench: a picture, or your own photo, laid in tiles; its exposure does not matter."""

import time
from collections.abc import Callable
from functools import cache

import numpy as np

from lessons_lib.display import pixels, view
from lessons_lib.display.subjects import clean_street
from lessons_lib.image import Image
from lessons_lib.learning.style import LARGEST, MOSAICS, stylise
from lessons_lib.learning.style_measures import checkerboard, distance_from, fine, texture_of
from lessons_lib.learning.style_weights import load
from lessons_lib.scenes.photo import downscale, read_photo
from lessons_lib.scenes.pictures import picture

PHOTO = "your photo"
LONGEST = 1000  # px; a larger photo is made smaller first, so that an answer takes a second
NETWORKS = {"nearest + convolution": "mosaic", "transposed convolution": "mosaic_transposed"}
assert set(NETWORKS.values()) == set(MOSAICS)

STYLE = MOSAICS["mosaic"]

# The first three were kept apart in training.
PICTURES: dict[str, Callable[[], Image]] = {
    "coffee": lambda: picture("coffee", 384),
    "camera man": lambda: picture("camera", 384),
    "night street": lambda: clean_street()[100:484, 200:584],
    "cat": lambda: picture("chelsea", 300),
}


class StyleBench(view.CanvasView):
    """A photo and its mosaic, with a slider for the photo's exposure.

    Parameters
    ----------
    picture : str
        One of ``PICTURES``.
    network : str
        One of ``NETWORKS``: how the maps are enlarged.

    Raises
    ------
    ValueError
        For a picture or a network that does not exist.
    """

    def __init__(self, picture: str = "coffee", network: str = "nearest + convolution") -> None:
        for kind, asked, known in (("picture", picture, PICTURES), ("network", network, NETWORKS)):
            if asked not in known:
                raise ValueError(f"there is no {kind} {asked!r}; choose one of {', '.join(known)}")
        super().__init__("Mosaic bench")
        self.photo: Image | None = None
        self.controls = [
            view.choice("picture", "picture", [*PICTURES, PHOTO]),
            view.file_picker("file", "or your own photo", "image/*,.dng,.arw,.nef,.cr2"),
            view.choice("network", "how maps are enlarged", list(NETWORKS)),
            view.slider("gain", "exposure of the photo", (0.05, 2.0, 0.05), "x"),
        ]
        self.push(picture=picture, network=network, gain=1.0)
        self.react("picture", settled=True)

    def receive(self, name: str, content: bytes) -> None:
        """Lay the user's own photo; it stays on this machine."""
        photo = read_photo(content, name=name)
        self.photo = small = downscale(photo.display, LONGEST)
        self.push(picture=PHOTO)
        self.react("picture", settled=True)
        notes = [f"Opened {photo.name}.", *photo.notes]
        if small.shape != photo.image.shape:
            notes.append(f"Made smaller for speed: {small.shape[1]} x {small.shape[0]} px.")
        self.notes = " ".join(notes)

    @property
    def content(self) -> Image:
        """The present picture at its present exposure, not clipped."""
        if self.state["picture"] != PHOTO:
            shown = _bundled(str(self.state["picture"]))
        elif self.photo is None:
            raise ValueError("no photo is open yet: choose a file beside 'or your own photo'")
        else:
            shown = self.photo
        return np.float32(self.state["gain"]) * shown

    def react(self, source: str, settled: bool) -> None:
        """Stylise what is chosen, and measure it."""
        if source == "picture":
            self.notes = ""
        content, network = self.content, load(NETWORKS[str(self.state["network"])])
        began = time.perf_counter()
        made = stylise(content, network)
        seconds = time.perf_counter() - began
        self.show_panels(_panels(content, made))
        self.readout = _sentence(content, made, seconds)


@cache
def _bundled(name: str) -> Image:
    return PICTURES[name]().astype(np.float32)


@cache
def _style() -> list:
    """The style's Gram matrices."""
    return texture_of(STYLE.recipe.picture(), STYLE.features)


def _panels(content: Image, made: Image) -> list[tuple[dict, np.ndarray]]:
    """Photo, mosaic, and the mosaic's fine detail in a magnified corner."""
    height, width = made.shape[:2]
    top, left = max((height - 64) // 2, 0), max((width - 64) // 2, 0)
    near = fine(made)[top : top + 64, left : left + 64]
    return [
        ({"key": "photo", "title": "photo", "alt": f"The photo, {height} by {width} px"},
         pixels.tones(content)),
        ({"key": "mosaic", "title": "its mosaic",
          "alt": "The photo in the colours of the mosaic, with dark outlines and coarse grain"},
         pixels.tones(made)),
        ({"key": "fine", "title": "fine detail in the middle, 64 px",
          "alt": "High-pass of the mosaic's middle, magnified: joints of tiles, and with "
                 "transposed convolution a regular grid"},
         pixels.mid_grey(near, 0.3)),
    ]  # fmt: skip


def _sentence(content: Image, made: Image, seconds: float) -> str:
    """Gram distances, checkerboard and time, in words."""
    size = content.shape[0] * content.shape[1]
    assert size <= LARGEST
    coloured = content if content.ndim == 3 else np.repeat(content[..., np.newaxis], 3, axis=2)
    parts = [f"{size / 1e6:.2f} million pixels in {seconds:.2f} s"]
    if min(content.shape[:2]) >= STYLE.features.smallest:
        before, after = (distance_from(one, _style(), STYLE.features) for one in (coloured, made))
        parts.append(f"Gram distance to the mosaic: photo {before:.2f}, output {after:.3f}")
    parts.append(f"checkerboard score {checkerboard(made):.4f}")
    return " · ".join(parts)


def style_bench(picture: str = "coffee", network: str = "nearest + convolution") -> StyleBench:
    """Make a mosaic bench; the settings are those of :class:`StyleBench`."""
    return StyleBench(picture, network)
