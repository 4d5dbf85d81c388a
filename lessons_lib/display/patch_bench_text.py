"""The sentences of the patch bench: numbers in, words out."""

from typing import TYPE_CHECKING

import numpy as np

from lessons_lib.denoisers.bm3d_by_definition import Group
from lessons_lib.denoisers.bm3d_transforms import BLOCK
from lessons_lib.denoisers.non_local_means import NonLocalMeans
from lessons_lib.image import Image

if TYPE_CHECKING:
    from lessons_lib.display.patch_bench import Seen


def means(
    denoiser: NonLocalMeans, position: tuple[int, int], noisy: Image, clean: Image,
    estimate: Image, seen: "Seen",
) -> str:  # fmt: skip
    """What non-local means does at one pixel."""
    number = float(seen.number[position])
    parts = [
        f"{denoiser!r}",
        f"pixel {position}: averages about {number:.1f} of {seen.weights.size} pixels",
        f"error {noisy[position] - clean[position]:+.3f} -> "
        f"{estimate[position] - clean[position]:+.3f}",
        f"{np.mean(seen.distances <= 1):.0%} of the distances are below the noise floor",
    ]
    if seen.across is not None:
        parts.append(f"{seen.across:.0%} of the weight is across the edge")
    return " · ".join(parts)


def group(found: Group, corner: tuple[int, int], clean: Image, sigma: float) -> str:
    """What the first stage of BM3D does with one group."""
    row, col = corner
    truth = clean[row : row + BLOCK, col : col + BLOCK]
    before, after = (
        float(np.sqrt(np.mean((one[0] - truth) ** 2))) for one in (found.blocks, found.estimate)
    )
    count = len(found.blocks)
    alone = (
        "the block has no like and is filtered alone" if count == 1
        else f"{count} blocks, up to {np.abs(found.positions - found.positions[0]).max()} px away"
    )  # fmt: skip
    return " · ".join(
        [
            f"block at {corner}: {alone}",
            f"{found.kept.sum()} of {found.kept.size} coefficients pass 2.7 σ",
            f"error of the block {before / sigma:.2f} -> {after / sigma:.2f} σ "
            "(first stage, this group alone)",
        ]
    )
