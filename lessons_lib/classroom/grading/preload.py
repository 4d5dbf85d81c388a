"""What the process loads once from which all grading processes come: nbgrader and the judges.

A trouble in here is no trouble: whatever could not be loaded is loaded again, and reported, by
the process that needs it.
"""

import contextlib
import os
from importlib import import_module

VARIABLE = "WHY_EDGES_BLUR_GRADED"
"""Names the assignment whose judges are loaded."""

with contextlib.suppress(Exception):
    import_module("lessons_lib.classroom.grading.one")
    import_module(f"lessons_lib.classroom.assignments.{os.environ.get(VARIABLE, 'judging')}")
