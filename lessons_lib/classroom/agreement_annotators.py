"""Simulated annotators with a shared wrong criterion: quality assurance or better instructions?

**Every parameter is assumed.** The model shows which way things go, and where they turn.
"""

from dataclasses import dataclass, replace

import numpy as np

STRATEGIES = ("nothing", "quality assurance", "picture instructions")


@dataclass(frozen=True)
class Campaign:
    """Annotators outline round objects whose border is blurred.

    A drawn radius is the true one plus ``criterion x blur`` (all read the instructions alike:
    a *shared* error), plus ``hand`` x a normal number (each their own). With the chance
    ``slips`` an object is left out or taken for another, and its overlap is 0.

    *Quality assurance* looks at every object again and mends ``caught`` of the slips; it
    shares the criterion, and so leaves the borders alone. *Picture instructions* shrink the
    criterion to ``left_over`` of what it was, and leave the slips alone.

    Attributes
    ----------
    radius, blur, hand : float
        px.
    criterion : float
        In units of the blur; above 0: too far outside.
    slips, caught, left_over : float
        Shares, [0, 1].
    """

    radius: float = 12.0
    blur: float = 2.0
    hand: float = 0.3
    criterion: float = 0.8
    slips: float = 0.05
    caught: float = 0.8
    left_over: float = 0.25

    def __post_init__(self) -> None:
        shares = {"slips": self.slips, "caught": self.caught, "left_over": self.left_over}
        for name, value in shares.items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be a share from 0 to 1, got {value}")
        if self.radius <= 0 or self.blur < 0 or self.hand < 0:
            raise ValueError(
                f"radius must be above 0, blur and hand at least 0, got {self.radius}, "
                f"{self.blur} and {self.hand} px"
            )

    def with_strategy(self, strategy: str) -> "Campaign":
        """The campaign after a strategy has done its work."""
        if strategy not in STRATEGIES:
            raise ValueError(f"there is no {strategy!r}; choose one of {', '.join(STRATEGIES)}")
        if strategy == "quality assurance":
            return replace(self, slips=self.slips * (1 - self.caught))
        if strategy == "picture instructions":
            return replace(self, criterion=self.criterion * self.left_over)
        return self

    def expected_overlap(self) -> float:
        """Mean Dice overlap with the truth, up to the small effect of the hand."""
        drawn = self.radius + self.criterion * self.blur
        return float((1 - self.slips) * disc_overlap(self.radius, drawn))

    def crossover(self) -> float:
        """The slip rate at which quality assurance and picture instructions are equally good.

        With D and D' the overlap of an outline without and with instructions, caught = q:
        (1 - p + q p) D = (1 - p) D' gives p = (D' - D) / (D' - (1 - q) D).
        """
        plain = replace(self, slips=0.0)
        without = plain.expected_overlap()
        told = plain.with_strategy("picture instructions").expected_overlap()
        bottom = told - (1 - self.caught) * without
        return 0.0 if bottom <= 0 else float(np.clip((told - without) / bottom, 0, 1))


def disc_overlap(first: float | np.ndarray, second: float | np.ndarray) -> float | np.ndarray:
    """Dice overlap of two discs around one centre: 2 min(a, b)^2 / (a^2 + b^2)."""
    return 2 * np.minimum(first, second) ** 2 / (np.square(first) + np.square(second))


@dataclass(frozen=True)
class Outcome:
    """What came of a campaign: overlap with the truth, and of annotators with each other."""

    accuracy: float
    agreement: float


def run_campaign(
    campaign: Campaign, rng: np.random.Generator, objects: int = 2000, annotators: int = 3
) -> Outcome:
    """Simulate a campaign.

    Parameters
    ----------
    campaign : Campaign
        With its strategy.
    rng : Generator
        Source of randomness.
    objects, annotators : int
        At least 1 and 2.

    Returns
    -------
    Outcome
        Means over all objects (and over all pairs of annotators).
    """
    drawn = campaign.radius + campaign.criterion * campaign.blur
    radii = np.maximum(drawn + campaign.hand * rng.standard_normal((annotators, objects)), 0.0)
    there = rng.random((annotators, objects)) >= campaign.slips
    accuracy = np.where(there, disc_overlap(campaign.radius, radii), 0.0).mean()
    agreement = [
        np.where(there[i] & there[j], disc_overlap(radii[i], radii[j]), 0.0).mean()
        for i in range(annotators)
        for j in range(i)
    ]
    return Outcome(float(accuracy), float(np.mean(agreement)))
