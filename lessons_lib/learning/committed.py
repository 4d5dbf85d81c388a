"""The networks that come with the course: what each was trained on, to do what, and how long.

``python -m lessons_lib.learning NAME --images FOLDER`` trains one of them again.
"""

from dataclasses import dataclass

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
        Plan(shape=UNetShape(channels=1), steps=24_000),
        "White Gaussian noise of any level from 0 to 1.2 on grey pictures.",
    ),
    "colour": Committed(
        Plan(shape=UNetShape(channels=3), steps=12_000),
        "White Gaussian noise of any level from 0 to 1.2 on colour pictures.",
        start="grey",
    ),
}
