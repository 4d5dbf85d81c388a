"""The patch bench: who looks like this pixel's surroundings, and what becomes of the average?"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lessons_lib.denoisers.bm3d import BM3D
from lessons_lib.denoisers.bm3d_by_definition import block_group
from lessons_lib.denoisers.bm3d_transforms import BLOCK
from lessons_lib.denoisers.non_local_means import (
    NonLocalMeans,
    effective_number,
    non_local_weights,
    patch_distances,
)
from lessons_lib.display import patch_bench_looks as looks
from lessons_lib.display import patch_bench_text as text
from lessons_lib.display import view
from lessons_lib.image import Image
from lessons_lib.scenes.phantoms import SlantedEdge
from lessons_lib.scenes.pictures import picture

SIZE = 96
EDGE, CAMERA, BRICKS = "slanted edge", "camera man (crop)", "brick wall"
PICTURES = (EDGE, CAMERA, BRICKS)
NLM, GROUP = "non-local means", "BM3D group"
METHODS = (NLM, GROUP)
# The edge has the noise of the scoreboard's phantoms, so that strong contrasts fit.
SIGMAS = {EDGE: 0.05, CAMERA: 0.1, BRICKS: 0.1}
SHOWN = 16  # patches shown as tiles, the pixel's own among them


@dataclass(frozen=True, eq=False)
class Seen:
    """What non-local means knows about one pixel.

    Attributes
    ----------
    weights : ndarray, ``(2 search + 1, 2 search + 1)``
        Over the search window; sum 1.
    distances : ndarray, ``(k,)``
        Patch distances to all other pixels of the window over their noise floor
        2 sigma^2 n, nearest first.
    patches : ndarray, ``(16 or fewer, side, side)``
        The pixel's own patch, then those most like it.
    number : ndarray, ``(H, W)``
        Effective number of averaged pixels, everywhere.
    across : float or None
        Share of the weight on the other side of the edge; None where no edge is known.
    """

    weights: Image
    distances: np.ndarray
    patches: np.ndarray
    number: Image
    across: float | None


class PatchBench(view.CanvasView):
    """Click a pixel: its patch, its likes, their weights, and what BM3D would group.

    Parameters
    ----------
    picture : str
        One of ``PICTURES``.
    method : str
        'non-local means' or 'BM3D group'.
    ratio : float
        Contrast / sigma of the slanted edge; 1 to 12.
    strength : float
        Filter width h, x sigma.
    position : (int, int)
        (row, col) of the pixel at first.
    seed : int
        Of the noise.

    Raises
    ------
    ValueError
        For a picture or method that does not exist.
    """

    def __init__(
        self, picture: str = EDGE, method: str = NLM, ratio: float = 4.0, strength: float = 0.75,
        position: tuple[int, int] = (48, 46), seed: int = 0,
    ) -> None:  # fmt: skip
        for given, known, kind in ((picture, PICTURES, "picture"), (method, METHODS, "method")):
            if given not in known:
                raise ValueError(f"there is no {kind} {given!r}; choose one of {', '.join(known)}")
        super().__init__("Patch bench")
        self._noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE))
        self._finished: tuple[tuple, Image] | None = None
        self.push(
            picture=picture, method=method, strength=strength, patch_radius=2, search_radius=6,
            ratio=ratio, row=position[0], col=position[1],
        )  # fmt: skip
        self.react("picture", settled=True)

    @property
    def sigma(self) -> float:
        """Noise of the present picture, image units."""
        return SIGMAS[self.state["picture"]]

    @property
    def clean(self) -> Image:
        """The present picture without noise."""
        if self.state["picture"] == EDGE:
            return SlantedEdge(size=SIZE, contrast=self.sigma * float(self.state["ratio"])).image()
        return _crop(self.state["picture"])

    @property
    def denoiser(self) -> NonLocalMeans:
        """Non-local means at the present settings."""
        radii = (int(self.state[f"{name}_radius"]) for name in ("patch", "search"))
        return NonLocalMeans(*radii, float(self.state["strength"]))

    @property
    def position(self) -> tuple[int, int]:
        """(row, col) of the marked pixel, kept so far inside that all its patches fit."""
        margin = BLOCK if self.state["method"] == GROUP else self.denoiser.reach
        spot = (self.state["row"], self.state["col"])
        return tuple(int(np.clip(place, margin, SIZE - 1 - margin)) for place in spot)

    def react(self, source: str, settled: bool) -> None:
        """Denoise, and look at the marked pixel."""
        if source in ("picture", "method"):
            self.controls = self._controls()
        clean = self.clean
        noisy = clean + self.sigma * self._noise
        if self.state["method"] == GROUP:
            self._show_group(clean, noisy)
        else:
            self._show_means(clean, noisy)

    def _controls(self) -> list[dict]:
        grouped, on_edge = self.state["method"] == GROUP, self.state["picture"] == EDGE
        return [
            view.choice("picture", "picture", PICTURES),
            view.choice("method", "method", METHODS),
            view.slider("strength", "filter width h", (0.1, 2.0, 0.05), "σ", disabled=grouped),
            view.slider("patch_radius", "patch radius", (0, 4, 1), "px", disabled=grouped),
            view.slider("search_radius", "search radius", (1, 10, 1), "px", disabled=grouped),
            view.slider("ratio", "contrast / σ", (1.0, 12.0, 0.5), disabled=not on_edge),
        ]  # fmt: skip

    def _show_means(self, clean: Image, noisy: Image) -> None:
        estimate = self.denoiser(noisy, self.sigma)
        seen = self._look(clean, noisy)
        self.show_panels(
            looks.mean_panels(noisy, estimate, seen, self.position, self.denoiser.search_radius)
        )
        row = self.position[0]
        self.plots = [
            looks.distance_plot(seen.distances, "patch distance over its noise floor"),
            looks.row_plot(clean[row], noisy[row], estimate[row], self.position[1]),
        ]
        self.readout = text.means(self.denoiser, self.position, noisy, clean, estimate, seen)

    def _look(self, clean: Image, noisy: Image) -> Seen:
        one, (row, col) = self.denoiser, self.position
        settings = (self.sigma, one.patch_radius, one.search_radius, one.strength)
        weights = non_local_weights(noisy, (row, col), *settings)
        reach, r = one.search_radius, one.patch_radius
        window = np.s_[row - reach : row + reach + 1, col - reach : col + reach + 1]
        distances = patch_distances(noisy, (row, col), r)[window].ravel()
        order = np.argsort(distances, kind="stable")
        centres = np.indices(noisy.shape)[(slice(None), *window)].reshape(2, -1)[:, order[:SHOWN]]
        patches = [noisy[i - r : i + r + 1, j - r : j + r + 1] for i, j in centres.T]
        across = None
        if self.state["picture"] == EDGE:
            across = float(weights[(clean > 0.5) != (clean[row, col] > 0.5)].sum())
        floor = 2 * self.sigma**2 * (2 * r + 1) ** 2
        return Seen(
            weights[window], distances[order[1:]] / floor, np.array(patches),
            effective_number(noisy, *settings), across,
        )  # fmt: skip

    def _show_group(self, clean: Image, noisy: Image) -> None:
        row, col = self.position
        corner = (row - BLOCK // 2, col - BLOCK // 2)
        group = block_group(noisy, self.sigma, corner)
        estimate = self._bm3d(noisy)
        self.show_panels(looks.group_panels(noisy, estimate, group, self.sigma))
        self.plots = [
            looks.distance_plot(
                group.distances[1:] / (2 * self.sigma**2), "block distance over its noise floor"
            ),
            looks.coefficient_plot(group, self.sigma),
        ]
        self.readout = text.group(group, corner, clean, self.sigma)

    def _bm3d(self, noisy: Image) -> Image:
        """BM3D's estimate; kept, for a click changes only where we look."""
        key = (self.state["picture"], self.state["ratio"])
        if self._finished is None or self._finished[0] != key:
            self._finished = (key, BM3D()(noisy.astype(np.float32), self.sigma))
        return self._finished[1]


@cache
def _crop(name: str) -> Image:
    if name == CAMERA:
        return picture("camera", 256)[130:226, 68:164]  # coat, grass, and the tripod's knee
    return picture("brick", 256)[80:176, 80:176]


def patch_bench(
    picture: str = EDGE, method: str = NLM, ratio: float = 4.0, strength: float = 0.75
) -> PatchBench:
    """Make a patch bench; the settings are those of :class:`PatchBench`."""
    return PatchBench(picture, method, ratio, strength)
