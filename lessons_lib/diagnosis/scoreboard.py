"""One row of numbers for each denoiser, grown lesson by lesson, sorted by PSNR.

The point of the board is that its columns disagree: the best PSNR is not the narrowest
edge, and an edge that is narrow at contrast / sigma 8 may be gone at 1.
"""

import dataclasses
import html
import math
from dataclasses import dataclass

from lessons_lib.diagnosis.edges import format_mtf50, format_width
from lessons_lib.diagnosis.score import (
    ScoreRow,
    disc_contrast_kept,
    residual_noise,
    score,
    seconds_per_megapixel,
)

__all__ = [
    "ScoreRow",
    "Scoreboard",
    "disc_contrast_kept",
    "residual_noise",
    "score",
    "seconds_per_megapixel",
]

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
