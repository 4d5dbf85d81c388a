"""The networks that come with the course: what each was trained on, to do what, and how long.

``python -m lessons_lib.learning NAME --images FOLDER`` trains one of them again.
"""

from dataclasses import dataclass

from lessons_lib.learning.camera_noise import CameraNoise
from lessons_lib.learning.crops import WhiteNoise
from lessons_lib.learning.networks import UNetShape
from lessons_lib.learning.training import Plan


@dataclass(frozen=True)
class Committed:
    """One network of the course.

    Attributes
    ----------
    plan : Plan
        How it is trained.
    purpose : str
        One sentence for its model card.
    start : str or None
        Name of the network whose weights it begins with. One that is not in data/weights
        is trained first, by the same command.
    """

    plan: Plan
    purpose: str
    start: str | None = None


# Larger crops show more of the picture around each pixel; weak noise comes more often.
LONGER = {"recipe": WhiteNoise(exponent=1.5), "batch": 8, "side": 96}

NETWORKS = {
    "grey_first": Committed(
        Plan(shape=UNetShape(channels=1), steps=6_000),
        "Is where grey and colour begin; not committed itself.",
    ),
    "grey": Committed(
        Plan(shape=UNetShape(channels=1), steps=13_000, seed=3, cooling=0.28, **LONGER),
        "Removes white Gaussian noise of any level from 0 to 1.2 from grey pictures.",
        start="grey_first",
    ),
    "colour_first": Committed(
        Plan(shape=UNetShape(channels=3), steps=3_000, seed=1),
        "Is where colour and real begin; not committed itself.",
        start="grey_first",
    ),
    "colour": Committed(
        Plan(
            shape=UNetShape(channels=3),
            steps=3_600,
            seed=4,
            cooling=1.0,
            muon_rate=0.004,
            adam_rate=8e-4,
            **LONGER,
        ),
        "Removes white Gaussian noise of any level from 0 to 1.2 from colour pictures.",
        start="colour_first",
    ),
    "real": Committed(
        Plan(shape=UNetShape(channels=3), recipe=CameraNoise(), steps=2_000, seed=2),
        "Removes the noise of developed colour photos: shot and read noise after demosaicing, "
        "white balance, tone curve and JPEG.",
        start="colour_first",
    ),
}
