"""Pictures and plots of the patch bench: arrays in, descriptions for the canvas view out."""

from typing import TYPE_CHECKING

import numpy as np

from lessons_lib.denoisers.bm3d_by_definition import Group
from lessons_lib.denoisers.bm3d_stage import THRESHOLD
from lessons_lib.denoisers.bm3d_transforms import BLOCK
from lessons_lib.display import pixels, view
from lessons_lib.image import Image

if TYPE_CHECKING:
    from lessons_lib.display.patch_bench import Seen

Panel = tuple[dict, np.ndarray]
ORANGE = np.array([230, 97, 1])
LIMIT = 8.0  # sigmas at which a coefficient has the full colour
CROSS = {"moves": ["row", "col"], "marked": True}


def mean_panels(
    noisy: Image, estimate: Image, seen: "Seen", position: tuple[int, int], reach: int
) -> list[Panel]:
    """Noisy, estimate, effective number, weights, and the most alike patches."""
    row, col = position
    framed = outlined(noisy, row - reach, col - reach, 2 * reach + 1)
    number, side = seen.number, seen.patches.shape[1]
    low, high = float(number.min()), float(number.max())
    peak = float(seen.weights.max())
    return [
        _picture("noisy", "noisy; the frame is searched", framed),
        _picture("estimate", "estimate", pixels.tones(estimate)),
        _picture(
            "number", f"pixels averaged (dark: few): {low:.0f} to {high:.0f}",
            pixels.tones(np.log(number) / np.log((2 * reach + 1) ** 2)),
        ),
        ({"key": "weights", "title": f"weights, full colour at {peak:.3f}",
          "alt": f"Weights over the search window of {2 * reach + 1} by {2 * reach + 1} px around "
                 f"the pixel at {position}; the largest is {peak:.3f}"},
         pixels.signed_colours(seen.weights)),
        ({"key": "patches", "title": f"its patch ({side} x {side} px), then the most alike",
          "alt": "The pixel's own noisy patch first, then those nearest to it, with distances "
                 + _few(seen.distances[: len(seen.patches) - 1]) + " times the noise floor"},
         pixels.tones(tiled(_stretched(seen.patches), 1.0))),
    ]  # fmt: skip


def group_panels(noisy: Image, estimate: Image, group: Group, sigma: float) -> list[Panel]:
    """Noisy with the group's blocks, estimate, blocks, spectrum before and after, filtered."""
    shown = tinted(noisy, group.positions)
    count, kept = len(group.blocks), int(group.kept.sum())
    spectrum = np.clip(group.spectrum / sigma, -LIMIT, LIMIT)
    low, high = np.percentile(group.blocks, (1, 99))
    blocks, filtered = (
        (one - low) / max(high - low, 1e-9) for one in (group.blocks, group.estimate)
    )
    return [
        _picture("noisy", f"noisy; the group's {count} blocks in orange", shown),
        _picture("estimate", "BM3D's estimate", pixels.tones(estimate)),
        _tiles("blocks", f"the group: {count} noisy blocks", pixels.tones(tiled(blocks, 1.0))),
        _tiles("spectrum", "its 3-D spectrum; full colour at 8 σ",
               _coloured(tiled(spectrum, 0.0))),
        _tiles("kept", f"kept: {kept} of {group.kept.size} coefficients",
               _coloured(tiled(spectrum * group.kept, 0.0))),
        _tiles("filtered", "the group, filtered together", pixels.tones(tiled(filtered, 1.0))),
    ]  # fmt: skip


def _picture(key: str, title: str, shown: np.ndarray) -> Panel:
    return {"key": key, "title": title, "alt": f"{title}; click to choose a pixel", **CROSS}, shown


def _tiles(key: str, title: str, shown: np.ndarray) -> Panel:
    return {"key": key, "title": title, "alt": f"{title}, as tiles row by row"}, shown


def _few(distances: np.ndarray) -> str:
    return ", ".join(f"{value:.2f}" for value in distances[:5])


def _stretched(patches: np.ndarray) -> np.ndarray:
    low, high = patches.min(), patches.max()
    return (patches - low) / max(high - low, 1e-9)


def tiled(stack: np.ndarray, gap: float) -> Image:
    """Tiles ``(n, h, w)`` in rows of up to 4, one pixel of ``gap`` between them."""
    count, height, width = stack.shape
    columns = min(4, count)
    rows = -(-count // columns)
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), float(gap))
    for index, tile in enumerate(stack):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def outlined(image: Image, top: int, left: int, side: int) -> np.ndarray:
    """RGB pixels with an orange frame, one pixel wide, cut off at the picture's border."""
    rgb = np.repeat(pixels.tones(image)[..., None], 3, axis=2)
    rows, cols = np.indices(image.shape)
    inside = [(top - pad <= rows) & (rows < top + side + pad) & (left - pad <= cols)
              & (cols < left + side + pad) for pad in (1, 0)]  # fmt: skip
    rgb[inside[0] & ~inside[1]] = ORANGE
    return rgb


def tinted(image: Image, positions: np.ndarray) -> np.ndarray:
    """RGB pixels with all blocks of a group tinted orange, the reference block framed."""
    covered = np.zeros(image.shape, bool)
    for row, col in positions:
        covered[row : row + BLOCK, col : col + BLOCK] = True
    rgb = outlined(image, *positions[0], BLOCK)
    rgb[covered] = (0.65 * rgb[covered] + 0.35 * ORANGE).astype(np.uint8)
    return rgb


def _coloured(spectrum: Image) -> np.ndarray:
    """Signed colours on a fixed scale of +-8 sigma."""
    framed = np.pad(spectrum, ((0, 1), (0, 0)))
    framed[-1, 0] = LIMIT  # a pixel that sets the scale, cut off again
    return pixels.signed_colours(framed)[:-1]


def distance_plot(distances: np.ndarray, label: str) -> dict:
    """Sorted distances over their floor, and the floor itself at 1."""
    places = np.arange(1, len(distances) + 1)
    nearest = f"{distances[0]:.2f}" if len(distances) else "none"
    return {
        "title": "distances, sorted",
        "alt": f"{len(distances)} distances in rising order; the smallest is {nearest} of the "
               "noise floor",
        "x_label": "rank", "y_label": label,
        "series": [
            view.series("distances", places, distances, dots=True),
            view.series("two noisy copies of the same patch", [1, max(len(distances), 2)],
                        np.ones(2)),
        ],
    }  # fmt: skip


def row_plot(clean: np.ndarray, noisy: np.ndarray, estimate: np.ndarray, col: int) -> dict:
    """Profile along the pixel's row."""
    columns = np.arange(len(clean)) - col
    return {
        "title": "along the row through the pixel",
        "alt": f"Clean, noisy and estimated values along the row; at the pixel {clean[col]:.2f}, "
               f"{noisy[col]:.2f} and {estimate[col]:.2f}",
        "x_label": "columns from the pixel [px]", "y_label": "value",
        "series": [
            view.series("clean", columns, clean), view.series("noisy", columns, noisy, dots=True),
            view.series("estimate", columns, estimate),
        ],
    }  # fmt: skip


def coefficient_plot(group: Group, sigma: float) -> dict:
    """Sizes of all coefficients of a group, largest first, and the threshold."""
    sizes = np.sort(np.abs(group.spectrum).ravel())[::-1] / sigma
    ranks = np.arange(1, len(sizes) + 1)
    shown = np.unique(np.geomspace(1, len(sizes), 120).astype(int)) - 1
    above = int((sizes >= THRESHOLD).sum())
    return {
        "title": "coefficients, largest first",
        "alt": f"{above} of {len(sizes)} coefficients are above {THRESHOLD} sigma; the largest is "
               f"{sizes[0]:.0f} sigma",
        "x_label": "log10 of the rank", "y_label": "size [σ], up to 12",
        "series": [
            view.series("coefficients", np.log10(ranks[shown]), np.minimum(sizes[shown], 12)),
            view.series(f"threshold {THRESHOLD} σ", np.log10([1, len(sizes)]),
                        np.full(2, THRESHOLD)),
        ],
    }  # fmt: skip
