"""One stage of BM3D on a whole image, row by row, with memory for one band of transforms."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from lessons_lib.denoisers.bm3d_transforms import BLOCK, inverse, kaiser_window

THRESHOLD = 2.7  # of the hard threshold, x sigma


@dataclass(frozen=True)
class Stage:
    """How one stage of BM3D matches and shrinks.

    Attributes
    ----------
    step : int
        Distance between reference blocks, px.
    most : int
        Largest group; a power of 2.
    likeness : float
        Largest mean squared difference between two blocks of a group, over sigma^2.
    search, dense : int
        Search up to ``search`` px in each direction: at every shift up to ``dense``, and
        at every second one beyond.
    """

    step: int
    most: int
    likeness: float
    search: int = 19
    dense: int = 9

    def shifts(self) -> np.ndarray:
        """All shifts (down, across) that are tried, ``(2, n)``, nearest first, from (0, 0) on.

        Near blocks are the most alike: the lists of the nearest blocks fill early, and most
        others need no place in them.
        """
        reach = np.arange(-self.search, self.search + 1)
        down, across = (grid.ravel() for grid in np.meshgrid(reach, reach, indexing="ij"))
        near = np.maximum(abs(down), abs(across)) <= self.dense
        even = (down % 2 == 0) & (across % 2 == 0)
        shifts = np.array([down, across])[:, near | even]
        return shifts[:, np.argsort((shifts**2).sum(axis=0), kind="stable")]


def compiled() -> ModuleType:
    """The compiled loops; imported late, because Numba takes half a second."""
    from lessons_lib.denoisers import bm3d_kernels

    return bm3d_kernels


class StageRun:
    """One stage on one image; the memory is that of a few images and one band of spectra.

    Parameters
    ----------
    planes : ndarray, ``(C, H, W)``
        The noisy image; matching looks at plane 0.
    pilot : ndarray or None
        Estimate to match on and to take the Wiener gain from; None in the first stage.
    sigma : float
        Image units, above 0.
    stage : Stage
        Settings.
    matrix : ndarray, ``(8, 8)``
        Transform of a block along each axis.
    """

    def __init__(
        self,
        planes: np.ndarray,
        pilot: np.ndarray | None,
        sigma: float,
        stage: Stage,
        matrix: np.ndarray,
    ) -> None:
        self.number = planes.dtype.type
        self.stage, self.sigma = stage, sigma
        self.shape = planes.shape
        self.noisy, self.pilot = planes, pilot
        guide = (planes if pilot is None else pilot)[0]
        huge = 1e6 * max(float(np.abs(guide).max()), sigma)
        self.guide = np.pad(guide, stage.search, constant_values=huge)
        window = kaiser_window()
        back = window.reshape(-1, 1) * np.kron(inverse(matrix), inverse(matrix))
        self.forward = np.kron(matrix, matrix).T.astype(planes.dtype)
        self.backward = back.astype(planes.dtype)
        self.window = window.ravel().astype(planes.dtype)
        self.sums: list[tuple[np.ndarray, np.ndarray]] = []  # one pair for each part

    def rows(self, part: int = 0, parts: int = 1) -> Iterator[float]:
        """Filter one row of reference blocks after the other; yields the share that is done.

        With ``parts`` above 1 only every row of that part of the picture: each part may run in
        a thread of its own, and adds up apart until :meth:`estimate`.
        """
        kernels = compiled()
        _, height, width = self.shape
        stage, number = self.stage, self.number
        down, across = stage.shifts()
        every = range(0, height - BLOCK + 1, stage.step)
        references = every[part * len(every) // parts : (part + 1) * len(every) // parts]
        blocks = (width - BLOCK) // stage.step + 1
        counts, chosen = np.empty(blocks, np.int64), np.empty((blocks, stage.most), np.int64)
        nearest = np.empty((blocks, stage.most), self.noisy.dtype)
        limit = number(stage.likeness * self.sigma**2 * BLOCK**2)
        setting = number(THRESHOLD * self.sigma if self.pilot is None else self.sigma**2)
        bands = Bands(self, max(references[0] - stage.search, 0)) if references else None
        for done, row in enumerate(references, start=1):
            bands.move_to(row)
            kernels.match_row(
                self.guide, stage.search, row, down, across, stage.step, limit, counts, nearest,
                chosen,
            )  # fmt: skip
            for band in bands.each:
                kernels.shrink_row(
                    band.spectra, band.pilots, band.sums, band.weights, row, stage.step,
                    down, across, counts, chosen, setting, self.pilot is not None,
                    number(np.sqrt(0.5)),
                )  # fmt: skip
            yield done / len(references)
        if bands is not None:
            bands.finish()

    def estimate(self) -> np.ndarray:
        """The weighted mean of all blocks that a pixel is in, ``(C, H, W)``."""
        totals, weights = zip(*self.sums, strict=True)
        return sum(totals) / sum(weights)


class Band:
    """The transforms of all blocks of one plane within reach of the present row.

    A ring buffer: image row r stands in place r modulo its length.
    """

    def __init__(
        self, run: StageRun, plane: int, total: np.ndarray, weight: np.ndarray
    ) -> None:
        self.run, self.plane = run, plane
        self.total, self.weight = total, weight
        rows = 2 * run.stage.search + 1
        columns = run.noisy.shape[2] - BLOCK + 1
        shape = (rows, columns, BLOCK**2)
        self.spectra = np.zeros(shape, run.noisy.dtype)
        self.pilots = self.spectra if run.pilot is None else np.zeros_like(self.spectra)
        self.sums, self.weights = np.zeros_like(self.spectra), np.zeros(shape[:2], run.noisy.dtype)
        self.blocks = np.empty((BLOCK**2, columns), run.noisy.dtype)
        self.kernels = compiled()

    def enter(self, row: int) -> None:
        """Transform all blocks whose first row is ``row``."""
        place = row % len(self.spectra)
        self._transform(self.run.noisy[self.plane], row, self.spectra[place])
        if self.run.pilot is not None:
            self._transform(self.run.pilot[self.plane], row, self.pilots[place])

    def _transform(self, plane: np.ndarray, row: int, out: np.ndarray) -> None:
        self.kernels.collect_blocks(plane, row, self.blocks)
        np.matmul(self.blocks.T, self.run.forward, out=out)

    def leave(self, row: int) -> None:
        """Transform the sums of row ``row`` back and add them to the picture; empty the place."""
        place = row % len(self.sums)
        weights, run = self.weights[place], self.run
        if weights.any():
            np.matmul(run.backward, self.sums[place].T, out=self.blocks)
            self.kernels.spread_blocks(
                self.blocks, weights, run.window, self.total, self.weight, row
            )
        self.sums[place] = 0
        weights[:] = 0


class Bands:
    """The bands of all planes, which move down the picture together."""

    def __init__(self, run: StageRun, first: int) -> None:
        total, weight = np.zeros_like(run.noisy), np.zeros_like(run.noisy)
        run.sums.append((total, weight))
        self.each = [Band(run, plane, total[plane], weight[plane]) for plane in range(len(total))]
        self.reach = run.stage.search
        self.last = run.noisy.shape[1] - BLOCK  # last first row of a block
        self.entered = self.left = first

    def move_to(self, row: int) -> None:
        """Let go of the rows that are out of reach, and take in those that come into it."""
        self._let_go(row - self.reach)
        while self.entered <= min(row + self.reach, self.last):
            for band in self.each:
                band.enter(self.entered)
            self.entered += 1

    def finish(self) -> None:
        """Let go of all rows."""
        self._let_go(self.entered)

    def _let_go(self, until: int) -> None:
        while self.left < until:
            for band in self.each:
                band.leave(self.left)
            self.left += 1
