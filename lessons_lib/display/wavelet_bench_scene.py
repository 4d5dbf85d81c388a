"""What stands on the wavelet bench: a clean picture, its noise, and its edge's profile."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lessons_lib.diagnosis.edges import EdgeSpread, edge_spread
from lessons_lib.display.subjects import check_picture
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge, step_signal
from lessons_lib.scenes.pictures import picture

SIZE = 256
SIGMA = 0.05
# Left border of column 96: a multiple of 16, so every pair of 4 levels fits when nothing moves.
EDGE_AT = 95.5
STRIPE = 128  # px; the picture is periodic, so the edge needs a way back
PROFILE_ROW = 150  # of the camera man: sleeve, hand and tripod
PICTURES = ("vertical edge", "slanted edge", "camera man")


@dataclass(frozen=True)
class Scene:
    """One picture with its noise.

    Attributes
    ----------
    picture : str
        One of ``PICTURES``.
    ratio : float
        Contrast of the edge / sigma; without meaning for the camera man.
    moved : float
        By how far the edge is moved to the right, px; 0 to 16. At 5 px an edge of contrast c
        is worth c, c, 3 c and 5 c on levels 1 to 4; at 1 px it is worth c on each of them.
    seed : int
        Of the noise.
    """

    picture: str = "vertical edge"
    ratio: float = 4.0
    moved: float = 5.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_picture(self.picture, PICTURES)

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise, image units: 0.05, or 25 / 255 in the photo."""
        return SIGMA if self.has_edge else 25 / 255

    @property
    def has_edge(self) -> bool:
        """Whether there is one edge whose width can be measured."""
        return self.picture != "camera man"

    @property
    def contrast(self) -> float:
        """Light minus dark level of the edge, image units."""
        return self.ratio * SIGMA

    @cached_property
    def clean(self) -> Image:
        """The picture, ``(256, 256)``, float32."""
        if self.picture == "camera man":
            return picture("camera", SIZE).astype(np.float32)
        if self.picture == "slanted edge":
            return self._slanted.image().astype(np.float32)
        left = step_signal(SIZE, EDGE_AT + self.moved, 0.0, 1.0)
        right = step_signal(SIZE, EDGE_AT + STRIPE + self.moved, 0.0, 1.0)
        row = 0.5 + self.contrast * (left - right - 0.5)
        return np.tile(row, (SIZE, 1)).astype(np.float32)

    @cached_property
    def noisy(self) -> Image:
        """The picture with white noise, ``(256, 256)``, float32."""
        noise = np.random.default_rng(self.seed).standard_normal((SIZE, SIZE), dtype=np.float32)
        return self.clean + np.float32(self.sigma) * noise

    @cached_property
    def _slanted(self) -> SlantedEdge:
        return SlantedEdge(size=SIZE, angle=5, contrast=self.contrast, offset=self.moved)

    def profile(self, image: Image) -> EdgeSpread:
        """Brightness across the edge, over all rows; one row of the camera man.

        Parameters
        ----------
        image : ndarray, ``(256, 256)``
            The clean, the noisy or the denoised picture.

        Returns
        -------
        EdgeSpread
            Positions from the true edge, px; columns for the camera man.
        """
        if self.picture == "camera man":
            return EdgeSpread(np.arange(SIZE), image[PROFILE_ROW])
        if self.picture == "slanted edge":
            return edge_spread(image, self._slanted)
        positions = np.arange(SIZE) - (EDGE_AT + self.moved)
        near = np.abs(positions) <= STRIPE * 3 / 8
        return EdgeSpread(positions[near], image.mean(axis=0)[near])

    def overshoot(self, profile: EdgeSpread) -> float:
        """By how much the profile leaves the true levels near the edge, % of the contrast."""
        light, dark = 0.5 + self.contrast / 2, 0.5 - self.contrast / 2
        near = profile.values[np.abs(profile.positions) <= 20]
        return float(100 * max(near.max() - light, dark - near.min(), 0) / self.contrast)
