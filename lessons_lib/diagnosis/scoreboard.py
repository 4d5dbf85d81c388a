"""One row of numbers for each denoiser, grown lesson by lesson, sorted by PSNR.

The point of the board is that its columns disagree: the best PSNR is not the narrowest
edge, and an edge that is narrow at contrast / sigma 8 may be gone at 1.
"""

import dataclasses
import html
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessons_lib.diagnosis.blur_curve import edge_estimates
from lessons_lib.diagnosis.edges import (
    edge_spread,
    format_mtf50,
    format_width,
    mtf50,
    rise_width,
)
from lessons_lib.diagnosis.fidelity import psnr, ssim
from lessons_lib.image import Image, check_image, check_sigma
from lessons_lib.scenes.phantoms import SlantedEdge, disc

# The phantoms are measured at this noise level, so that even contrast / sigma 8 stays
# within [0, 1], where trained denoisers are at home.
PHANTOM_SIGMA = 0.05
DISC_RADIUS, DISC_SIZE, DISC_RATIO = 4.0, 64, 4.0
TIMING_SIZE, TIMING_RUNS, REST_SECONDS = 256, 3, 0.1


@dataclass(frozen=True)
class ScoreRow:
    """What one denoiser scored.

    Attributes
    ----------
    name : str
        The denoiser and its settings.
    sigma : float
        Noise in the natural picture, image units.
    psnr : float
        On the natural picture, dB.
    ssim : float
        On the natural picture, at most 1.
    width_8, width_4, width_2, width_1 : float
        10-90 % width of the mean estimate of an edge of contrast / sigma 8, 4, 2 and 1,
        px; infinite if no edge is left.
    mtf50_8, mtf50_2 : float
        Of the same at 8 and 2, cycles/px; 0.5 means at least 0.5, 0 means no edge left.
    contrast_kept : float
        Of a disc of radius 4 px at contrast / sigma 4; 1 if all is kept.
    residual_noise : float
        Standard deviation left in a flat picture, over sigma.
    seconds_per_megapixel : float
        Processor time (of all cores together) for a grey picture, s.
    """

    name: str
    sigma: float
    psnr: float
    ssim: float
    width_8: float
    width_4: float
    width_2: float
    width_1: float
    mtf50_8: float
    mtf50_2: float
    contrast_kept: float
    residual_noise: float
    seconds_per_megapixel: float


def score(
    denoiser: Callable[[Image, float], Image],
    clean: Image,
    sigma: float = 25 / 255,
    *,
    seed: int = 0,
    draws: int = 16,
    name: str = "",
) -> ScoreRow:
    """Measure one denoiser with every instrument of the scoreboard.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    clean : ndarray, ``(H, W)`` or ``(H, W, C)``
        A natural picture for PSNR and SSIM; the rest is measured on grey phantoms with
        noise of 0.05.
    sigma : float
        Noise to add to ``clean``, image units, above 0.
    seed : int
        For all noise.
    draws : int
        Noisy copies of each phantom; at least 2.
    name : str
        What to call it; if empty, the denoiser's repr, or a plain function's name.

    Returns
    -------
    ScoreRow
        The numbers.

    Raises
    ------
    ValueError
        For what is no image or noise level, and for too few draws.
    """
    check_image(clean, "clean")
    check_sigma(sigma, zero_allowed=False)
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}; 16 give steady widths")
    noisy = clean + sigma * np.random.default_rng(seed).standard_normal(clean.shape)
    estimate = denoiser(noisy.astype(clean.dtype), sigma)
    return ScoreRow(
        name=name or _name(denoiser),
        sigma=float(sigma),
        psnr=psnr(clean, estimate),
        ssim=ssim(clean, estimate),
        **_edge_scores(denoiser, draws, seed),
        contrast_kept=disc_contrast_kept(denoiser, draws=draws, seed=seed),
        residual_noise=residual_noise(denoiser, draws=max(draws // 4, 2), seed=seed),
        seconds_per_megapixel=seconds_per_megapixel(denoiser),
    )


def _name(denoiser: Callable[[Image, float], Image]) -> str:
    # The repr of a function holds its address in memory, which changes with every run.
    return getattr(denoiser, "__name__", "") or repr(denoiser)


def _edge_scores(
    denoiser: Callable[[Image, float], Image], draws: int, seed: int
) -> dict[str, float]:
    scores = {}
    for ratio in (8, 4, 2, 1):
        edge = SlantedEdge(contrast=ratio * PHANTOM_SIGMA)
        mean = edge_estimates(denoiser, edge, PHANTOM_SIGMA, draws, seed).mean(axis=0)
        spread = edge_spread(mean, edge)
        scores[f"width_{ratio}"] = rise_width(spread)
        if ratio in (8, 2):
            scores[f"mtf50_{ratio}"] = mtf50(spread, edge_spread(edge.image(), edge))
    return scores


def disc_contrast_kept(
    denoiser: Callable[[Image, float], Image],
    *,
    ratio: float = DISC_RATIO,
    draws: int = 16,
    seed: int = 0,
) -> float:
    """Share of a small disc's contrast that is left in the mean of many estimates.

    The disc has a radius of 4 px. Its level is the mean weighted by the area that it
    covers of each pixel; the background is read in a ring 16 to 24 px from the centre.

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    ratio : float
        Contrast / sigma, with sigma = 0.05.
    draws : int
        Noisy copies.
    seed : int
        For the noise.

    Returns
    -------
    float
        1 if all is kept, 0 if the disc has gone; the mean of the noise itself leaves an
        standard error of 0.007 for 16 draws.
    """
    contrast = ratio * PHANTOM_SIGMA
    covered = disc(DISC_SIZE, DISC_RADIUS, background=0.0, level=1.0)
    clean = 0.5 + contrast * (covered - 0.5)
    away = np.hypot(*(np.indices(clean.shape) - (DISC_SIZE - 1) / 2))
    ring = (away >= 4 * DISC_RADIUS) & (away <= 6 * DISC_RADIUS)
    rng, mean = np.random.default_rng(seed), np.zeros_like(clean)
    for _ in range(draws):
        noisy = clean + PHANTOM_SIGMA * rng.standard_normal(clean.shape)
        mean += denoiser(noisy, PHANTOM_SIGMA) / draws

    def height(image: Image) -> float:
        return float(np.average(image, weights=covered) - image[ring].mean())

    return height(mean) / height(clean)


def residual_noise(
    denoiser: Callable[[Image, float], Image], *, draws: int = 4, seed: int = 0
) -> float:
    """Standard deviation that is left in a flat grey picture, over sigma (0.05).

    Parameters
    ----------
    denoiser : callable
        ``(noisy, sigma) -> estimate``.
    draws : int
        Noisy copies of 96 x 96 px.
    seed : int
        For the noise.

    Returns
    -------
    float
        1 if nothing is removed.
    """
    rng = np.random.default_rng(seed)
    noise = PHANTOM_SIGMA * rng.standard_normal((draws, 96, 96))
    left = [np.std(denoiser(0.5 + one, PHANTOM_SIGMA)) for one in noise]
    return float(np.sqrt(np.mean(np.square(left))) / PHANTOM_SIGMA)


def seconds_per_megapixel(denoiser: Callable[[Image, float], Image]) -> float:
    """Processor time per million pixels: median of 3 runs on 256 x 256, after one more.

    Returns
    -------
    float
        s, of all cores together, so that it hardly matters what else the machine does.
    """
    noisy = 0.5 + PHANTOM_SIGMA * np.random.default_rng(0).standard_normal([TIMING_SIZE] * 2)
    # The threads of an earlier matrix product spin for a while before they rest, and
    # processor time would count them.
    time.sleep(REST_SECONDS)
    seconds = []
    for _ in range(TIMING_RUNS + 1):
        start = time.process_time()
        denoiser(noisy, PHANTOM_SIGMA)
        seconds.append(time.process_time() - start)
    # The first run may load libraries and fill caches.
    return float(np.median(seconds[1:])) / TIMING_SIZE**2 * 1e6


# Heading with unit, and how to write the value.
_COLUMNS = {
    "name": ("Denoiser", str),
    "sigma": ("Noise in picture (image units)", "{:.3f}".format),
    "psnr": ("PSNR (dB)", "{:.2f}".format),
    "ssim": ("SSIM (at most 1)", "{:.3f}".format),
    "width_8": ("Width at c/σ 8 (px)", format_width),
    "width_4": ("Width at c/σ 4 (px)", format_width),
    "width_2": ("Width at c/σ 2 (px)", format_width),
    "width_1": ("Width at c/σ 1 (px)", format_width),
    "mtf50_8": ("MTF50 at c/σ 8 (cycles/px)", format_mtf50),
    "mtf50_2": ("MTF50 at c/σ 2 (cycles/px)", format_mtf50),
    "contrast_kept": ("Disc contrast kept (share)", "{:.2f}".format),
    "residual_noise": ("Noise left in flat parts (σ)", "{:.3f}".format),
    "seconds_per_megapixel": ("Processor time (s/megapixel)", "{:.3g}".format),
}
CAPTION = (
    "Scoreboard, best PSNR first. Width: 10-90 % width of the mean estimate of an edge of "
    "contrast c in noise σ. PSNR and SSIM: natural picture; all else: phantoms, σ = 0.05."
)


@dataclass(frozen=True)
class Scoreboard:
    """Rows sorted by PSNR, best first; shows itself as a table.

    Attributes
    ----------
    rows : tuple of ScoreRow
        In any order; kept sorted. Equal PSNR keeps the order of arrival. Of two rows with
        the same name and sigma the later one stays, so that a cell can run twice.
    """

    rows: tuple[ScoreRow, ...] = ()

    def __post_init__(self) -> None:
        latest = {(row.name, row.sigma): row for row in self.rows}
        ordered = sorted(latest.values(), key=lambda row: -row.psnr)
        object.__setattr__(self, "rows", tuple(ordered))

    def add(self, row: ScoreRow) -> "Scoreboard":
        """Return a new board with one more row; this one stays as it is."""
        return Scoreboard((*self.rows, row))

    def to_dicts(self) -> list[dict[str, float | str]]:
        """Rows as plain dictionaries for JSON, which knows no infinity: it becomes 'inf'."""
        return [
            {
                key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
                for key, value in dataclasses.asdict(row).items()
            }
            for row in self.rows
        ]

    @classmethod
    def from_dicts(cls, dicts: list[dict[str, float | str]]) -> "Scoreboard":
        """Build a board from what :meth:`to_dicts` returned.

        Raises
        ------
        ValueError
            If a dictionary has other keys than a ScoreRow.
        """
        for one in dicts:
            if set(one) != set(_COLUMNS):
                wrong = sorted(set(one) ^ set(_COLUMNS))
                raise ValueError(
                    f"a row must have exactly the keys of a ScoreRow, differing: {wrong}; "
                    "measure it again with score"
                )
        return cls(
            tuple(
                ScoreRow(**{k: v if k == "name" else float(v) for k, v in one.items()})
                for one in dicts
            )
        )

    def _cells(self) -> list[list[str]]:
        return [
            [write(getattr(row, key)) for key, (_, write) in _COLUMNS.items()] for row in self.rows
        ]

    def __str__(self) -> str:
        table = [[heading for heading, _ in _COLUMNS.values()], *self._cells()]
        widths = [max(len(line[column]) for line in table) for column in range(len(_COLUMNS))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in table
        ]
        return "\n".join([CAPTION, *lines])

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{html.escape(h)}</th>' for h, _ in _COLUMNS.values())
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(cells[0])}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells[1:])
            + "</tr>"
            for cells in self._cells()
        )
        return (
            f"<table><caption>{html.escape(CAPTION)}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        )
