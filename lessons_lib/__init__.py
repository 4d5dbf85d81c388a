"""The helper library of the course *Why Edges Blur*.

Data flows one way, and a test holds it to that::

    image -> scenes -> denoisers (<- learning) -> diagnosis -> display -> notebooks

Importing this package costs next to nothing: each room is imported by name,
``from lessons_lib.scenes import noise``.
"""

import os

__version__ = "0.1.0"

# Read when PyTorch is loaded, so it stands here, before any room: threads sleep while they wait
# for each other. Without it they spin, and two busy programs slow each other down tenfold.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
