"""The networks that come with the course: what each was trained on, to do what, and how long.

``python -m lessons_lib.learning NAME --images FOLDER`` trains one of them again.
"""

from dataclasses import dataclass

from lessons_lib.learning.camera_noise import CameraNoise
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
        Name of the network whose weights it begins with.
    """

    plan: Plan
    purpose: str
    start: str | None = None


NETWORKS = {
    "grey": Committed(
        Plan(shape=UNetShape(channels=1), steps=6_000),
        "Removes white Gaussian noise of any level from 0 to 1.2 from grey pictures.",
    ),
    "colour": Committed(
        Plan(shape=UNetShape(channels=3), steps=3_000, seed=1),
        "Removes white Gaussian noise of any level from 0 to 1.2 from colour pictures.",
        start="grey",
    ),
    "real": Committed(
        Plan(shape=UNetShape(channels=3), recipe=CameraNoise(), steps=2_000, seed=2),
        "Removes the noise of developed colour photos: shot and read noise after demosaicing, "
        "white balance, tone curve and JPEG.",
        start="colour",
    ),
}
