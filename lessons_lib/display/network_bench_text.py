"""Pictures, plots and words of the network bench."""

from typing import TYPE_CHECKING

import numpy as np

from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.kernels import effective_pixels
from lessons_lib.display import pixels, view
from lessons_lib.image import Image

if TYPE_CHECKING:
    from lessons_lib.display.network_bench import Answer

Panel = tuple[dict, np.ndarray]
REACH = 16  # px shown to each side of the pixel
CROSS = {"moves": ["row", "col"], "marked": True}


def window_of(row: Image, position: tuple[int, int], reach: int = REACH) -> Image:
    """The part of a row around its pixel, with zeros beyond the picture's border."""
    padded = np.pad(row, reach)
    return padded[tuple(slice(place, place + 2 * reach + 1) for place in position)]


def panels(answer: "Answer") -> list[Panel]:
    """Noisy, estimate, its error, and a row for each method."""
    limit = 4 * answer.sigma
    shown = [
        _picture("noisy", "noisy", pixels.tones(answer.noisy)),
        _picture("estimate", "the network's estimate", pixels.tones(answer.estimate)),
        _picture(
            "error", f"its error: black -{limit:.2f}, white +{limit:.2f}",
            pixels.mid_grey(answer.estimate - answer.clean, limit),
        ),
    ]  # fmt: skip
    return shown + [_row_panel(name, row, answer) for name, row in answer.rows.items()]


def _picture(key: str, title: str, shown: np.ndarray) -> Panel:
    return {"key": key, "title": title, "alt": f"{title}; click to choose a pixel", **CROSS}, shown


def _row_panel(name: str, row: Image, answer: "Answer") -> Panel:
    shown = window_of(row, answer.position)
    peak, side = float(np.abs(shown).max()), 2 * REACH + 1
    title = f"row of {name}: sum {row.sum():.2f}, full colour {peak:.3f}"
    alt = (
        f"Jacobian row of the pixel at {answer.position}, {name}, {side} by {side} px: orange "
        f"positive, purple negative; {_spread(row)}"
    )
    return {"key": name, "title": title, "alt": alt}, pixels.signed_colours(shown)


def _spread(row: Image) -> str:
    return f"averages noise like {effective_pixels(row):.1f} equal pixels, lowest {row.min():.3f}"


def plots(answer: "Answer") -> list[dict]:
    """The three rows and the three pictures along the marked pixel's row."""
    row, col = answer.position
    near = np.arange(max(col - 24, 0), min(col + 25, answer.noisy.shape[1]))
    columns = np.arange(-REACH, REACH + 1)
    return [
        {
            "title": "Jacobian rows along the pixel's own row",
            "alt": "; ".join(
                f"{name}: {values[row, col]:.3f} at the pixel itself"
                for name, values in answer.rows.items()
            ),
            "x_label": "columns from the pixel [px]", "y_label": "d estimate / d noisy",
            "series": [
                view.series(name, columns, window_of(values, answer.position)[REACH], dots=True)
                for name, values in answer.rows.items()
            ],
        },
        {
            "title": "image values along that row",
            "alt": f"At the pixel: clean {answer.clean[row, col]:.2f}, noisy "
                   f"{answer.noisy[row, col]:.2f}, estimate {answer.estimate[row, col]:.2f}",
            "x_label": "columns from the pixel [px]", "y_label": "image value",
            "series": [
                view.series(name, near - col, image[row, near])
                for name, image in (("noisy", answer.noisy), ("network", answer.estimate),
                                    ("clean", answer.clean))
            ],
        },
    ]  # fmt: skip


def sentence(answer: "Answer", picture: str, contrast: float) -> str:
    """PSNR, what was told, and the spread of each row."""
    parts = [
        f"σ {answer.sigma:.2f}, told {answer.told:.3g}",
        f"noisy {psnr(answer.clean, answer.noisy):.2f} dB, network "
        f"{psnr(answer.clean, answer.estimate):.2f} dB",
    ]
    if "edge" in picture:
        parts.append(f"contrast/σ {contrast / answer.sigma:.1f}")
    parts += [f"{name}: sum {row.sum():.3f}, {_spread(row)}" for name, row in answer.rows.items()]
    return " · ".join(parts)
