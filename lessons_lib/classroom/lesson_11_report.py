"""The learner's one-page answer to lesson 00's question: facts of one photo, on a page."""

import base64
import html
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from lessons_lib.classroom.lesson_11_pictures import EdgeLoss
from lessons_lib.image import Image, to_uint8

CAUSES = ("capture", "mixing", "mis-deciding", "hedging", "inventing")

# Parts of the page, and the fact whose number each must carry.
PARTS = {
    "noise": "facts.sigma, the standard deviation of the noise",
    "strong edge": "facts.strong.after, its width in px",
    "weak edge": "facts.weak.after, its width in px",
    "texture": "facts.texture, what was taken over the noise",
    "cause": "one of the five",
}

QUESTION = (
    "How can noise be removed from a grainy photo while the picture stays, and why do edges blur?"
)
# A widening below it is chance on a single photo.
WIDER = 1.1
_HEDGES = ("network",)
_RULES = {
    "blotches": "by its blotches: told sigma x (blotch area)^(1/4)",
    "hidden pixels": "as hidden pixels were foretold best; its noise is white",
}


@dataclass(frozen=True)
class Facts:
    """What was measured on one photo.

    Attributes
    ----------
    name : str
        Of the photo.
    size : (int, int)
        Columns and rows, px.
    sigma : float
        Noise, all channels together, image units.
    blotch_area : float
        Pixels that share their luminance noise; 1 for white noise.
    method, domain, rule : str
        What was chosen; see :class:`lessons_lib.denoisers.photo_choice.PhotoChoice`.
    strong, weak : EdgeLoss
        What became of two edges.
    texture : float
        What was taken from the texture, over the noise there.
    result : str
        Where the result lies.
    """

    name: str
    size: tuple[int, int]
    sigma: float
    blotch_area: float
    method: str
    domain: str
    rule: str
    strong: EdgeLoss
    weak: EdgeLoss
    texture: float
    result: str = ""

    def numbers(self) -> dict[str, float]:
        """The number that each part of the page must carry."""
        return {
            "noise": self.sigma, "strong edge": self.strong.after, "weak edge": self.weak.after,
            "texture": self.texture,
        }  # fmt: skip

    def rows(self) -> list[tuple[str, str]]:
        """The table of the page: what, and how much."""
        edges = [
            (f"{name}, {loss.ratio:.1f} times the noise",
             f"{_px(loss.before)} wide before, {_px(loss.after)} after; of its step "
             f"{round(100 * loss.taken)}% ± {round(100 * loss.chance)}% taken away")
            for name, loss in (("strong edge", self.strong), ("weak edge", self.weak))
        ]  # fmt: skip
        return [
            ("photo", f"{self.name}, {self.size[0]} x {self.size[1]} px"),
            ("noise (standard deviation)", f"{self.sigma:.4f}, or {255 * self.sigma:.1f} of 255"),
            ("pixels that share their noise", f"{self.blotch_area:.1f}"),
            ("denoiser", f"{self.method}, on {self.domain} values"),
            ("how strong", _RULES.get(self.rule, self.rule)),
            *edges,
            ("texture: taken, over the noise", f"{self.texture:.2f}"),
            ("result", self.result or "not saved"),
        ]


def _px(width: float) -> str:
    return f"{width:.1f} px" if np.isfinite(width) else "too faint to measure"


def supported_cause(facts: Facts) -> str:
    """The cause that the numbers of the weak edge support.

    Not wider than in the photo: capture. Wider after a network: hedging. Wider after a
    denoiser that decides on noisy data, as all others of the photo path do: mis-deciding.
    """
    if facts.weak.after <= WIDER * facts.weak.before:
        return "capture"
    return "hedging" if facts.method in _HEDGES else "mis-deciding"


def random_facts(rng: np.random.Generator, number: int) -> Facts:
    """Facts of a photo that does not exist, for checks; the weak edge widens in most."""
    methods = ("network", "bm3d", "nlm", "wavelet", "dct")
    before, kept = float(rng.uniform(1.5, 2.5)), number % 4 == 3
    losses = [
        EdgeLoss(ratio, before, before * wider, float(rng.uniform(0, 0.3)), 0.05)
        for ratio, wider in (
            (12.0, float(rng.uniform(1.0, 1.09))),
            (2.5, float(rng.uniform(0.95, 1.08) if kept else rng.uniform(1.12, 3))),
        )
    ]
    return Facts(
        f"photo {number}", (768, 512), float(rng.uniform(0.01, 0.2)), float(rng.uniform(1, 6)),
        methods[number % 5], "display", "blotches", *losses, float(rng.uniform(0.7, 1.4)),
    )  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page: facts, the learner's sentences, and three crops before and after.

    Parameters
    ----------
    facts : Facts
        What was measured.
    answer : mapping
        Part of the page -> sentence; empty lines are left for what is missing.
    crops : mapping
        Name -> (before, after), display values.
    """

    facts: Facts
    answer: Mapping[str, str] = field(default_factory=dict)
    crops: Mapping[str, tuple[Image, Image]] = field(default_factory=dict)

    def html(self) -> str:
        """The page as HTML that stands alone: pictures inside, no script, nothing fetched."""
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(what)}</th><td>{html.escape(much)}</td></tr>"
            for what, much in self.facts.rows()
        )
        said = "".join(
            f"<p><strong>{html.escape(part)}.</strong> "
            f"{html.escape(str(self.answer.get(part, '')))  or '.' * 60}</p>"
            for part in PARTS
        )
        pictures = "".join(self._pair(name, *pair) for name, pair in self.crops.items())
        return (
            "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
            "<title>Why my edges blurred</title><style>body{font:16px/1.45 sans-serif;"
            "max-width:46em;margin:1em auto;padding:0 1em}th{text-align:left;"
            "padding-right:1em;font-weight:normal}figure{display:inline-block;margin:.3em}"
            "img{width:12em;image-rendering:pixelated}</style></head><body>"
            f"<h1>Why my edges blurred</h1><p><em>{QUESTION}</em></p><h2>Measured</h2>"
            f"<table>{rows}</table><h2>My answer</h2>{said}<h2>Before and after</h2>{pictures}"
            "</body></html>"
        )

    def _pair(self, name: str, before: Image, after: Image) -> str:
        shown = ""
        for image, when in ((before, "before"), (after, "after")):
            shown += (
                f"<figure><img alt='{html.escape(name)}, {when}' "
                f"src='data:image/png;base64,{_png(image)}'>"
                f"<figcaption>{html.escape(name)}, {when}</figcaption></figure>"
            )
        return f"<div>{shown}</div>"

    def save(self, path: str | os.PathLike) -> Path:
        """Write the page, whole or not at all; an older one there is replaced.

        Raises
        ------
        OSError
            If the folder is missing or closed, or the disk full; nothing is left then.
        """
        target = Path(path)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            part.write_text(self.html(), encoding="utf-8")
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
        return target

    def _repr_html_(self) -> str:
        """Shown in a notebook, inside a frame so that its style stays its own."""
        inside = html.escape(self.html(), quote=True)
        look = "title='My page' style='width:100%;height:34em'"
        return f'<iframe {look} srcdoc="{inside}"></iframe>'

    def __repr__(self) -> str:
        return "\n".join(f"{what}: {much}" for what, much in self.facts.rows())


def _png(image: Image) -> str:
    buffer = io.BytesIO()
    PillowImage.fromarray(to_uint8(image)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
