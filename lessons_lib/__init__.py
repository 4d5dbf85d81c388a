"""The helper library of the course *Why Edges Blur*.

Data flows one way, and a test holds it to that::

    image -> scenes -> denoisers (<- learning) -> diagnosis -> display -> notebooks

Importing this package costs next to nothing: each room is imported by name,
``from lessons_lib.scenes import noise``.
"""

__version__ = "0.1.0"
