"""The campaign bench: pull slips and blur, and see which strategy wins where."""

import numpy as np
from scipy.ndimage import gaussian_filter

from lessons_lib.classroom.agreement_annotators import (
    STRATEGIES,
    Campaign,
    disc_overlap,
    run_campaign,
)
from lessons_lib.classroom.agreement_looks import BLUE, GREEN, ORANGE, with_rings
from lessons_lib.display import view
from lessons_lib.scenes.phantoms import disc

SIZE, LARGE = 56, 6  # px of the picture, and how many screen pixels each becomes
SLIPS = np.linspace(0, 0.5, 51)
BLURS = np.linspace(0.25, 5, 39)
OBJECTS = 2000


class CampaignBench(view.CanvasView):
    """Slip rate, blur, and how well each strategy works, against the overlap with the truth.

    Parameters
    ----------
    slips, blur, caught, left_over : float
        Where the sliders start, as in :class:`Campaign`.
    seed : int
        Of the simulated annotators.
    """

    def __init__(
        self, slips: float = 0.05, blur: float = 2.0, caught: float = 0.8,
        left_over: float = 0.25, seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__("Campaign bench")
        self.seed = seed
        Campaign(slips=slips, blur=blur, caught=caught, left_over=left_over)  # says what is wrong
        self.controls = [
            view.slider("slips", "slip rate", (0.0, 0.5, 0.01)),
            view.slider("blur", "blur of the border", (0.25, 5.0, 0.25), "px"),
            view.slider("caught", "slips caught by QA", (0.0, 1.0, 0.05)),
            view.slider("left_over", "criterion left by pictures", (0.0, 1.0, 0.05)),
        ]
        self.push(slips=slips, blur=blur, caught=caught, left_over=left_over)
        self.react("slips", settled=True)

    @property
    def campaign(self) -> Campaign:
        """The campaign at the sliders' values."""
        names = ("slips", "blur", "caught", "left_over")
        return Campaign(**{name: float(self.state[name]) for name in names})

    def react(self, source: str, settled: bool) -> None:
        """Run the campaign with each strategy."""
        one = self.campaign
        outcomes = {
            name: run_campaign(one.with_strategy(name), np.random.default_rng(self.seed), OBJECTS)
            for name in STRATEGIES
        }
        self.show_panels([self._picture(one)])
        self.plots = [self._against_slips(one, outcomes), self._against_blur(one)]
        best = max(outcomes, key=lambda name: outcomes[name].accuracy)
        parts = [
            f"{name}: overlap with the truth {found.accuracy:.3f}, with each other "
            f"{found.agreement:.3f}"
            for name, found in outcomes.items()
        ]
        parts.append(f"best here: {best}")
        parts.append(f"QA and pictures are equal at a slip rate of {one.crossover():.2f}")
        self.readout = " · ".join(parts)

    def _picture(self, one: Campaign) -> tuple[dict, np.ndarray]:
        clean = disc(SIZE, one.radius, background=0.3, level=0.8)
        seen = gaussian_filter(clean, one.blur)
        told = one.with_strategy("picture instructions")
        rings = {
            BLUE: one.radius,
            ORANGE: one.radius + one.criterion * one.blur,
            GREEN: one.radius + told.criterion * told.blur,
        }
        alt = (
            f"A disc with a border blurred by {one.blur:g} px and three outlines: the true one, "
            "one outside it drawn without instructions, and one in between with pictures"
        )
        title = "blue: truth; orange: as all read the words; green: after pictures"
        return {"key": "disc", "title": title, "alt": alt}, with_rings(seen, rings, LARGE)

    def _against_slips(self, one: Campaign, outcomes: dict) -> dict:
        lines = []
        for name in STRATEGIES:
            law = [
                Campaign(one.radius, one.blur, one.hand, one.criterion, slips, one.caught,
                         one.left_over).with_strategy(name).expected_overlap()
                for slips in SLIPS
            ]  # fmt: skip
            lines.append(view.series(name, SLIPS, np.array(law)))
        here = np.full(len(outcomes), one.slips)
        found = np.array([outcome.accuracy for outcome in outcomes.values()])
        lines.append(view.series("simulated here", here, found, dots=True))
        return {
            "title": "overlap with the truth", "x_label": "slip rate", "y_label": "Dice overlap",
            "y_range": [0.4, 1.0], "series": lines,
            "alt": "Overlap against the slip rate for three strategies: pictures start highest "
            "and fall steeply, QA falls slowly and crosses them",
        }  # fmt: skip

    def _against_blur(self, one: Campaign) -> dict:
        gain = [
            (1 - one.slips) * (_told(one, blur) - _plain(one, blur)) for blur in BLURS
        ]
        kept = [one.slips * one.caught * _plain(one, blur) for blur in BLURS]
        return {
            "title": "gain over doing nothing",
            "x_label": "blur [px]", "y_label": "gain in overlap",
            "series": [
                view.series("quality assurance", BLURS, np.array(kept)),
                view.series("picture instructions", BLURS, np.array(gain)),
            ],
            "alt": "Gain against blur: that of picture instructions grows, that of QA falls",
        }  # fmt: skip


def _plain(one: Campaign, blur: float) -> float:
    return float(disc_overlap(one.radius, one.radius + one.criterion * blur))


def _told(one: Campaign, blur: float) -> float:
    return float(disc_overlap(one.radius, one.radius + one.criterion * one.left_over * blur))


def campaign_bench(**settings: float) -> CampaignBench:
    """Make a campaign bench; the settings are those of :class:`CampaignBench`."""
    return CampaignBench(**settings)
