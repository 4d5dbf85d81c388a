"""The loss bench: one small network, four losses, and what the fine detail is made of."""

from functools import cache

import numpy as np

from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.display import pixels, view
from lessons_lib.image import Image, luminance
from lessons_lib.learning.perceptual import LEVEL, LOSSES
from lessons_lib.learning.small import estimate
from lessons_lib.learning.style_measures import fine_energy, truth_and_leak
from lessons_lib.learning.style_weights import load
from lessons_lib.scenes.pictures import picture

SIZE, CROP = 256, 96
# Brick and grass were among the pictures that the networks learnt from.
PICTURES = {"camera man": "camera", "brick wall": "brick", "grass": "grass"}
NAMES = {
    "squared error alone": "mse", "+ features": "feature", "+ Gram": "gram",
    "+ total variation": "tv",
}  # fmt: skip
assert set(NAMES.values()) == set(LOSSES)


class LossBench(view.CanvasView):
    """Mixes the output of the network trained on squares with that of another one.

    Parameters
    ----------
    loss : str
        One of ``NAMES``: what the second network was paid for.
    share : float
        Of the second network in the output; [0, 1].

    Raises
    ------
    ValueError
        For a loss that does not exist.
    """

    def __init__(self, loss: str = "+ Gram", share: float = 1.0) -> None:
        if loss not in NAMES:
            raise ValueError(f"there is no loss {loss!r}; choose one of {', '.join(NAMES)}")
        super().__init__("Loss bench")
        self.controls = [
            view.choice("picture", "picture", list(PICTURES)),
            view.choice("loss", "loss of the second network", list(NAMES)),
            view.slider("share", "weight of the second network", (0.0, 1.0, 0.05)),
            view.slider("row", "crop: row", (0, SIZE - CROP, 8), "px"),
            view.slider("col", "crop: column", (0, SIZE - CROP, 8), "px"),
        ]
        self.push(picture="camera man", loss=loss, share=share, row=40, col=80)
        self.react("picture", settled=True)

    def react(self, source: str, settled: bool) -> None:
        """Mix, cut, and measure the whole picture."""
        name, share = str(self.state["picture"]), float(self.state["share"])
        clean, noisy = scene(name)
        plain, other = estimated(name, "mse"), estimated(name, NAMES[str(self.state["loss"])])
        mixed = (1 - np.float32(share)) * plain + np.float32(share) * other
        top, left = int(self.state["row"]), int(self.state["col"])
        cut = np.s_[top : top + CROP, left : left + CROP]
        shown = {
            "clean": clean, "noisy, σ = 50/255": noisy, "squared error alone": plain,
            f"{1 - share:.0%} of it + {share:.0%} of '{self.state['loss']}'": mixed,
        }  # fmt: skip
        self.show_panels([_panel(title, image[cut]) for title, image in shown.items()])
        self.plots = [bars(clean, noisy, {"squared error": plain, "mixed": mixed})]
        self.readout = sentence(clean, noisy, plain, mixed)


@cache
def scene(name: str) -> tuple[Image, Image]:
    """A picture without and with noise, float32 ``(256, 256)`` each."""
    clean = luminance(picture(PICTURES[name], SIZE)).astype(np.float32)
    noise = np.random.default_rng(1).standard_normal(clean.shape, dtype=np.float32)
    return clean, clean + np.float32(LEVEL) * noise


@cache
def estimated(name: str, loss: str) -> Image:
    """What the committed network of one loss makes of it."""
    return estimate(load(f"denoise_{loss}"), scene(name)[1], LEVEL)


def _panel(title: str, image: Image) -> tuple[dict, np.ndarray]:
    described = {"key": title, "title": title, "alt": f"{title}: crop of {CROP} by {CROP} px"}
    return described, pixels.tones(image)


def bars(clean: Image, noisy: Image, estimates: dict[str, Image]) -> dict:
    """Truth against leak: one point for each estimate."""
    points = {name: truth_and_leak(clean, noisy, one) for name, one in estimates.items()}
    return {
        "title": "what the fine detail is made of",
        "alt": "; ".join(
            f"{name}: truth {truth:.2f}, leaked noise {leak:.2f}"
            for name, (truth, leak) in points.items()
        ),
        "x_label": "truth: correlation with clean detail",
        "y_label": "leak: correlation with noise", "x_range": [0.0, 1.0], "y_range": [0.0, 0.6],
        "series": [
            view.series(name, [truth], [leak], dots=True)
            for name, (truth, leak) in points.items()
        ],
    }  # fmt: skip


def sentence(clean: Image, noisy: Image, plain: Image, mixed: Image) -> str:
    """PSNR, fine energy, truth and leak of both, in words."""
    parts = []
    for name, one in (("squared error", plain), ("mixed", mixed)):
        truth, leak = truth_and_leak(clean, noisy, one)
        parts.append(
            f"{name}: {psnr(clean, one):.2f} dB, fine energy "
            f"{fine_energy(one) / fine_energy(clean):.2f} of the clean, truth {truth:.2f}, leaked "
            f"noise {leak:.2f}"
        )
    return " · ".join(parts)


def loss_bench(loss: str = "+ Gram", share: float = 1.0) -> LossBench:
    """Make a loss bench; the settings are those of :class:`LossBench`."""
    return LossBench(loss, share)
